namespace Pier.Store.Tar;

/// <summary>What is read of a tar that somebody else wrote.</summary>
/// <param name="Headers">Most headers, those of long names and extended attributes included.</param>
/// <param name="TotalBytes">Most bytes of content in all.</param>
/// <param name="Extension">Most bytes of a long name or of an entry's extended attributes.</param>
internal sealed record TarLimits(int Headers, long TotalBytes, int Extension = 64 << 10);
