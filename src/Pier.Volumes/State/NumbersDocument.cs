namespace Pier.Volumes.State;

/// <summary>The torrents that were looked up through a mount, on disk.</summary>
/// <param name="Version">Of this document.</param>
/// <param name="Names">Their names; the first has number 1.</param>
/// <param name="Forgotten">Those of them that are not known any more.</param>
internal sealed record NumbersDocument(int Version, IReadOnlyList<string> Names, IReadOnlyList<string> Forgotten)
{
    /// <summary>The version written.</summary>
    public const int Current = 1;
}
