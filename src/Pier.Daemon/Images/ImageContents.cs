using Pier.Content;

namespace Pier.Daemon.Images;

/// <summary>What the store holds of an image.</summary>
/// <param name="Held">Its blobs that are held, manifests included, each once, with their bytes.</param>
/// <param name="Missing">Blobs that a held manifest names and that are not held.</param>
internal sealed record ImageContents(IReadOnlyDictionary<Digest, long> Held, int Missing)
{
    /// <summary>Bytes of what is held.</summary>
    public long Size => Held.Values.Sum();
}
