namespace Pier.BitTorrent.Selection;

/// <summary>How much a file of a torrent is wanted.</summary>
public enum FilePriority : byte
{
    /// <summary>Not at all: it is neither fetched nor made on disk.</summary>
    Skip = 0,

    /// <summary>After the others.</summary>
    Low = 1,

    /// <summary>As files are unless something else is said.</summary>
    Normal = 2,

    /// <summary>Before the others.</summary>
    High = 3,
}
