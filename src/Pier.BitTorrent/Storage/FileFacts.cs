namespace Pier.BitTorrent.Storage;

/// <summary>What is on disk of a file.</summary>
/// <param name="Length">Bytes.</param>
/// <param name="Modified">When it was changed last, in ticks.</param>
/// <param name="IsUnfinished">Whether it bears the name of a file that is not complete.</param>
internal readonly record struct FileFacts(long Length, long Modified, bool IsUnfinished);
