using Pier.Api.Nodes;

namespace Pier.Api.Progress;

/// <summary>One part of a long work: a blob, a file being hashed.</summary>
/// <param name="Id">Names the part over all lines; a digest for blobs.</param>
/// <param name="Label">What people call it.</param>
/// <param name="State">How far it is.</param>
/// <param name="Total">Bytes of the whole; 0 while unknown.</param>
/// <param name="Done">Bytes so far.</param>
/// <param name="Sources">Bytes by source.</param>
public sealed record ProgressItem(string Id, string Label, ProgressState State, long Total, long Done, SourceBytes Sources);

/// <summary>How far a part is.</summary>
public enum ProgressState
{
    /// <summary>Nobody has begun with it.</summary>
    Waiting,

    /// <summary>Bytes are moving.</summary>
    Running,

    /// <summary>It is there and proved.</summary>
    Done,

    /// <summary>It was there before.</summary>
    Held,
}
