using System.Globalization;
using System.Net;
using Pier.BitTorrent.Peers;
using Pier.BitTorrent.Torrents;
using Pier.BitTorrent.Trackers;

namespace Pier.BitTorrent.Tracking;

/// <summary>
/// Reads the query string of an announce or scrape. It must be the raw one: info-hashes are percent-encoded bytes, which a
/// web framework's decoding into text would destroy.
/// </summary>
internal sealed class TrackerQuery
{
    /// <summary>Characters of a query string before it is refused.</summary>
    public const int MaxLength = 16 << 10;

    private byte[]? _peerId;
    private int? _port;
    private long? _left;
    private string? _problem;

    private TrackerQuery()
    {
    }

    public List<InfoHash> InfoHashes { get; } = [];

    public AnnounceEvent Event { get; private set; }

    public int? PeersWanted { get; private set; }

    /// <summary>BEP 23: compact unless the client says <c>compact=0</c>.</summary>
    public bool IsCompact { get; private set; } = true;

    public bool OmitsPeerIds { get; private set; }

    /// <summary>Reads a query, with or without its question mark.</summary>
    /// <returns>Null, and what is wrong, when it is not one.</returns>
    public static TrackerQuery? Read(string rawQuery, out string? problem)
    {
        if (rawQuery.Length > MaxLength)
        {
            problem = $"a query of more than {MaxLength} characters";
            return null;
        }

        var query = new TrackerQuery();
        var text = rawQuery.AsSpan().TrimStart('?');
        foreach (var range in text.Split('&'))
        {
            var pair = text[range];
            var equals = pair.IndexOf('=');
            if (equals > 0)
            {
                query.ReadPair(pair[..equals], pair[(equals + 1)..]);
            }
        }

        problem = query._problem;
        return problem is null ? query : null;
    }

    /// <summary>The announce in this query.</summary>
    /// <returns>Null, and what is missing, when it is none.</returns>
    public TrackedAnnounce? ToAnnounce(IPAddress remote, out string? problem)
    {
        problem = (InfoHashes.Count, _peerId, _port) switch
        {
            (not 1, _, _) => "an announce has one info_hash",
            (_, null, _) => "peer_id is missing",
            (_, _, null) => "port is missing",
            _ => null,
        };
        return problem is null
            ? new TrackedAnnounce(InfoHashes[0], new PeerId(_peerId), new IPEndPoint(remote, _port!.Value), _left ?? 1, Event, PeersWanted)
            : null;
    }

    private void ReadPair(ReadOnlySpan<char> key, ReadOnlySpan<char> value)
    {
        switch (key)
        {
            case "info_hash":
                if (Identifier(value) is { } hash)
                {
                    InfoHashes.Add(new InfoHash(hash));
                }

                break;
            case "peer_id":
                _peerId = Identifier(value);
                break;
            case "port":
                _port = ushort.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out var port)
                    ? port
                    : Fail<int>("port is not a port number");
                break;
            case "left":
                _left = long.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out var left)
                    ? left
                    : Fail<long>("left is not a number of bytes");
                break;
            case "numwant":
                // Clients send -1 or nonsense for "as you like".
                PeersWanted = int.TryParse(value, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var wanted) ? wanted : null;
                break;
            case "event":
                Event = value switch
                {
                    "started" => AnnounceEvent.Started,
                    "completed" => AnnounceEvent.Completed,
                    "stopped" => AnnounceEvent.Stopped,
                    _ => AnnounceEvent.None,
                };
                break;
            case "compact":
                IsCompact = value is not "0";
                break;
            case "no_peer_id":
                OmitsPeerIds = value is "1";
                break;
            default:
                break;
        }
    }

    private byte[]? Identifier(ReadOnlySpan<char> value)
    {
        var bytes = new byte[InfoHash.Size];
        var length = 0;
        for (var index = 0; index < value.Length; index++)
        {
            if (length == bytes.Length || !TryReadByte(value, ref index, out bytes[length]))
            {
                return Fail<byte[]>("info_hash and peer_id are 20 bytes, percent-encoded");
            }

            length++;
        }

        return length == bytes.Length ? bytes : Fail<byte[]>("info_hash and peer_id are 20 bytes, percent-encoded");
    }

    private static bool TryReadByte(ReadOnlySpan<char> value, ref int index, out byte result)
    {
        if (value[index] == '%')
        {
            var isHex = byte.TryParse(
                value.Slice(index + 1, Math.Min(2, value.Length - index - 1)),
                NumberStyles.AllowHexSpecifier,
                CultureInfo.InvariantCulture,
                out result);
            isHex &= index + 2 < value.Length;
            index += 2;
            return isHex;
        }

        result = value[index] == '+' ? (byte)' ' : (byte)value[index];
        return value[index] <= byte.MaxValue;
    }

    private T? Fail<T>(string problem)
    {
        _problem ??= problem;
        return default;
    }
}
