using System.Collections.Concurrent;
using Pier.Content;
using Pier.Content.Contracts;

namespace Pier.Fetch.Manifests;

/// <summary>
/// The manifests last read from the store, ready to be sent: many engines ask for the same few. Bounded in bytes; the oldest go first.
/// Whether the store still has them is the caller's to ask.
/// </summary>
internal sealed class RecentManifests
{
    /// <summary>Lists of very large images are read each time.</summary>
    public const int LargestKept = 256 << 10;

    private const long MostBytes = 8 << 20;

    private readonly Lock _gate = new();
    private readonly ConcurrentDictionary<Digest, ManifestDocument> _documents = new();
    private readonly Queue<Digest> _order = new();
    private long _bytes;

    /// <summary>A manifest that was kept; null when it was not, or not for so long.</summary>
    public ManifestDocument? Find(Digest digest) => _documents.GetValueOrDefault(digest);

    /// <summary>Keeps a manifest that was just read.</summary>
    public void Keep(ManifestDocument document)
    {
        if (document.Content.Length > LargestKept)
        {
            return;
        }
        lock (_gate)
        {
            if (!_documents.TryAdd(document.Digest, document))
            {
                return;
            }
            _order.Enqueue(document.Digest);
            _bytes += document.Content.Length;
            while (_bytes > MostBytes)
            {
                if (_documents.TryRemove(_order.Dequeue(), out var oldest))
                {
                    _bytes -= oldest.Content.Length;
                }
            }
        }
    }
}
