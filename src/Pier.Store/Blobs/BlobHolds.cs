using System.Text.Json;
using Pier.Content;
using Pier.Content.Contracts;
using Pier.Store.Disk;

namespace Pier.Store.Blobs;

/// <summary>What keeps blobs from removal: leases, which end with the process, and pins, which are a document on disk.</summary>
internal sealed class BlobHolds
{
    private const long PinsLimit = 64 << 20;

    private readonly Lock _gate = new();
    private readonly string _path;
    private readonly Dictionary<Digest, int> _leases = [];
    private readonly HashSet<Digest> _pins;

    public BlobHolds(string pinsPath)
    {
        _path = pinsPath;
        _pins = [.. ReadPins(pinsPath)];
    }

    public bool IsPinned(Digest sha256)
    {
        lock (_gate)
        {
            return _pins.Contains(sha256);
        }
    }

    /// <summary>Pins or unpins; false when nothing changed.</summary>
    public bool SetPin(Digest sha256, bool pinned)
    {
        lock (_gate)
        {
            if (_pins.Contains(sha256) == pinned)
            {
                return false;
            }

            var document = new PinsDocument(1, [.. (pinned ? _pins.Append(sha256) : _pins.Where(pin => pin != sha256)).Select(pin => pin.ToString()).Order(StringComparer.Ordinal)]);
            DurableFile.Replace(_path, JsonSerializer.SerializeToUtf8Bytes(document, StoreJson.Default.PinsDocument));
            _ = pinned ? _pins.Add(sha256) : _pins.Remove(sha256);
            return true;
        }
    }

    public IDisposable Lease(IReadOnlyCollection<Digest> digests)
    {
        lock (_gate)
        {
            foreach (var digest in digests)
            {
                _leases[digest] = _leases.GetValueOrDefault(digest) + 1;
            }
        }

        return new BlobLease(this, [.. digests]);
    }

    /// <summary>Removes a blob by <paramref name="remove"/> unless one of its names is held; no lease can come in between.</summary>
    /// <exception cref="ContentInUseException">It is pinned or leased.</exception>
    public bool RemoveUnlessHeld(IReadOnlyCollection<Digest> names, Func<bool> remove)
    {
        lock (_gate)
        {
            foreach (var name in names)
            {
                if (_pins.Contains(name))
                {
                    throw new ContentInUseException($"{name} is pinned. Unpin it first.");
                }

                if (_leases.ContainsKey(name))
                {
                    throw new ContentInUseException($"{name} is in use by a transfer or a command. Try again when that has ended.");
                }
            }

            return remove();
        }
    }

    private void Release(IEnumerable<Digest> digests)
    {
        lock (_gate)
        {
            foreach (var digest in digests)
            {
                if (--_leases[digest] == 0)
                {
                    _leases.Remove(digest);
                }
            }
        }
    }

    private static IEnumerable<Digest> ReadPins(string path)
    {
        if (DurableFile.Read(path, PinsLimit) is not { } content)
        {
            return [];
        }

        try
        {
            var document = JsonSerializer.Deserialize(content, StoreJson.Default.PinsDocument);
            return document is { Version: 1, Pins: { } pins }
                ? [.. pins.Select(pin => Digest.Parse(pin))]
                : throw new ContentFormatException($"{path} has a version that this build does not know. Use the build that wrote it.");
        }
        catch (Exception e) when (e is JsonException or FormatException)
        {
            throw new ContentFormatException($"{path} is damaged: {e.Message} Restore it, or remove it and pin again.", e);
        }
    }

    private sealed class BlobLease(BlobHolds owner, Digest[] digests) : IDisposable
    {
        private Digest[]? _digests = digests;

        public void Dispose()
        {
            if (Interlocked.Exchange(ref _digests, null) is { } held)
            {
                owner.Release(held);
            }
        }
    }
}

/// <summary>The pins on disk.</summary>
internal sealed record PinsDocument(int Version, IReadOnlyList<string> Pins);
