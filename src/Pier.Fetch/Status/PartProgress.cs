namespace Pier.Fetch.Status;

/// <summary>How far one part of a command is: a layer of a pull, a file of a download.</summary>
/// <param name="Id">Names the part over all reports; a digest for blobs.</param>
/// <param name="Label">What people call it.</param>
/// <param name="State">How far it is.</param>
/// <param name="Total">Bytes of the whole; 0 while unknown.</param>
/// <param name="Done">Bytes so far.</param>
/// <param name="Sources">Bytes by source.</param>
public sealed record PartProgress(string Id, string Label, PartState State, long Total, long Done, SourceBytes Sources);

/// <summary>How far a part is.</summary>
public enum PartState
{
    /// <summary>Nobody has begun with it.</summary>
    Waiting,

    /// <summary>Bytes are moving.</summary>
    Running,

    /// <summary>It is here and proved.</summary>
    Done,

    /// <summary>It was here before.</summary>
    Held,
}
