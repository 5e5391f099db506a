namespace Pier.Content.Labels;

/// <summary>
/// What a label of an image says of content that lies in it, so that a node may serve it on behalf of a container. A frozen
/// format (docs/labels.md). Whoever made the image wrote it: a request by a stranger, not a fact.
/// </summary>
/// <param name="Path">Absolute path in the image: of the file, or of the folder that holds a tree's files.</param>
/// <param name="Digest">SHA-256 of the file, or of the tree's deterministic tar.</param>
/// <param name="IsTree">The content is a folder.</param>
/// <param name="Sources">Where it came from: content URIs without anything that could be a secret.</param>
public sealed record DataLabel(string Path, Digest Digest, bool IsTree, IReadOnlyList<string> Sources)
{
    /// <summary>The label that every image with such content has, so that engines can be asked for those alone.</summary>
    public const string Marker = "org.pier.data";

    /// <summary>The marker's value.</summary>
    public const string MarkerValue = "1";

    /// <summary>Bytes of the file, or of the tree's tar; null when the build did not know.</summary>
    public long? Size { get; init; }

    /// <summary>Info-hashes of the torrent that it came by: 40 hex digits (v1), 64 (v2), or both; none otherwise.</summary>
    public IReadOnlyList<string> InfoHashes { get; init; } = [];

    /// <summary>
    /// The torrent's info dictionary with an empty <c>pieces</c>, in which the content itself puts the hashes; empty when there
    /// is no torrent, or one too long for a label.
    /// </summary>
    public ReadOnlyMemory<byte> Outline { get; init; }
}
