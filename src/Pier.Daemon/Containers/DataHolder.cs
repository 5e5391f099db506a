using Pier.Content.Labels;

namespace Pier.Daemon.Containers;

/// <summary>A running container with what one of its labels says of content in it.</summary>
/// <param name="Container">The container.</param>
/// <param name="Label">The label.</param>
internal sealed record DataHolder(HeldContainer Container, DataLabel Label)
{
    /// <summary>Names what is to be served: containers with the same key have the same bytes under the same torrent, or lie.</summary>
    public string Key => $"{Label.Digest} {Label.IsTree} {string.Join(' ', Label.InfoHashes)} {Label.Outline.IsEmpty}";

    /// <summary>How soon it is proved: what is small first, so that nobody waits long for what others say is large.</summary>
    public long Cost => Label.Size ?? DataProof.MostBytes;
}
