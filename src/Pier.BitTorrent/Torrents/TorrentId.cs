namespace Pier.BitTorrent.Torrents;

/// <summary>The names of one torrent: its v1 info-hash, its v2 info-hash, or both for a hybrid.</summary>
public sealed record TorrentId
{
    /// <exception cref="ArgumentException">Both are missing.</exception>
    public TorrentId(InfoHash? v1, InfoHashV2? v2)
    {
        if (v1 is null && v2 is null)
        {
            throw new ArgumentException("a torrent has a v1 or a v2 info-hash", nameof(v1));
        }

        V1 = v1;
        V2 = v2;
    }

    /// <summary>SHA-1 of the info dictionary; null for a v2-only torrent, or when a magnet link does not say.</summary>
    public InfoHash? V1 { get; }

    /// <summary>SHA-256 of the info dictionary; null for a v1-only torrent, or when a magnet link does not say.</summary>
    public InfoHashV2? V2 { get; }

    /// <summary>The name under which we handshake and announce first: v1 when there is one, because every client has it.</summary>
    public InfoHash Primary => V1 ?? V2!.Value.Truncated;

    /// <summary>Every 20-byte name under which peers may ask for this torrent; one or two.</summary>
    public IEnumerable<InfoHash> WireHashes
    {
        get
        {
            if (V1 is { } v1)
            {
                yield return v1;
            }

            if (V2 is { } v2)
            {
                yield return v2.Truncated;
            }
        }
    }

    /// <summary>Whether an info dictionary, given by its original bytes, has every hash that this id names.</summary>
    public bool Matches(ReadOnlySpan<byte> info) =>
        (V1 is not { } v1 || InfoHash.OfInfo(info) == v1)
        && (V2 is not { } v2 || InfoHashV2.OfInfo(info) == v2);

    /// <summary>The info-hashes in hexadecimal, joined by a plus sign for a hybrid.</summary>
    public override string ToString() => string.Join('+', Names());

    private IEnumerable<string> Names()
    {
        if (V1 is { } v1)
        {
            yield return v1.ToString();
        }

        if (V2 is { } v2)
        {
            yield return v2.ToString();
        }
    }
}
