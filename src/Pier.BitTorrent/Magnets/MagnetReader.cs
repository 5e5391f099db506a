using System.Globalization;
using System.Net;
using Pier.BitTorrent.Torrents;

namespace Pier.BitTorrent.Magnets;

/// <summary>Reads one magnet link, parameter by parameter.</summary>
internal sealed class MagnetReader
{
    public const string Scheme = "magnet:?";
    public const string V1Topic = "urn:btih:";
    public const string V2Topic = "urn:btmh:";

    /// <summary>Multihash prefix: SHA-256 (0x12), 32 bytes (0x20), in hexadecimal.</summary>
    public const string Sha256Multihash = "1220";

    private readonly List<string> _trackers = [];
    private readonly List<string> _webSeeds = [];
    private readonly List<EndPoint> _peers = [];
    private readonly List<FileSelection> _selected = [];
    private InfoHash? _v1;
    private InfoHashV2? _v2;
    private string? _name;
    private long? _length;

    public MagnetLink Read(string link)
    {
        if (link.Length > MagnetLink.MaxLength)
        {
            throw new MagnetException($"{link.Length} characters, more than {MagnetLink.MaxLength}");
        }

        if (!link.StartsWith(Scheme, StringComparison.OrdinalIgnoreCase))
        {
            throw new MagnetException($"it does not begin with '{Scheme}'");
        }

        var parameters = link.AsSpan(Scheme.Length);
        foreach (var range in parameters.Split('&'))
        {
            ReadParameter(parameters[range]);
        }

        if (_v1 is null && _v2 is null)
        {
            throw new MagnetException($"no xt with '{V1Topic}' or '{V2Topic}{Sha256Multihash}' names a torrent");
        }

        return new MagnetLink
        {
            Id = new TorrentId(_v1, _v2),
            DisplayName = _name,
            ExactLength = _length,
            Trackers = _trackers,
            WebSeeds = _webSeeds,
            Peers = _peers,
            SelectedFiles = _selected,
        };
    }

    private void ReadParameter(ReadOnlySpan<char> parameter)
    {
        var equals = parameter.IndexOf('=');
        if (equals < 0)
        {
            return;
        }

        var value = Uri.UnescapeDataString(parameter[(equals + 1)..]);
        switch (Key(parameter[..equals]))
        {
            case "xt":
                ReadTopic(value);
                break;
            case "dn":
                _name ??= value.Replace('+', ' ');
                break;
            case "xl":
                _length ??= long.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out var length) ? length : null;
                break;
            case "tr":
                AddAddress(_trackers, value, "tr", "udp");
                break;
            case "ws":
                AddAddress(_webSeeds, value, "ws", "ftp");
                break;
            case "x.pe":
                ReadPeer(value);
                break;
            case "so":
                ReadSelection(value);
                break;
            default:
                // Unknown parameters are other programs' business.
                break;
        }
    }

    // BEP 9 allows numbered parameters (xt.1, tr.2); x.pe has a dot of its own.
    private static string Key(ReadOnlySpan<char> key)
    {
        var dot = key.LastIndexOf('.');
        var isNumbered = dot > 0 && dot < key.Length - 1 && !key[(dot + 1)..].ContainsAnyExceptInRange('0', '9');
        return (isNumbered ? key[..dot] : key).ToString().ToLowerInvariant();
    }

    private void ReadTopic(string topic)
    {
        if (topic.StartsWith(V1Topic, StringComparison.OrdinalIgnoreCase))
        {
            if (!InfoHash.TryParse(topic.AsSpan(V1Topic.Length), out var hash))
            {
                throw new MagnetException("the v1 info-hash is neither 40 hexadecimal digits nor 32 base32 letters");
            }

            _v1 = _v1 is null || _v1 == hash ? hash : throw new MagnetException("it names two v1 torrents");
        }
        else if (topic.StartsWith(V2Topic + Sha256Multihash, StringComparison.OrdinalIgnoreCase))
        {
            if (!InfoHashV2.TryParse(topic.AsSpan(V2Topic.Length + Sha256Multihash.Length), out var hash))
            {
                throw new MagnetException("the v2 info-hash is not 64 hexadecimal digits");
            }

            _v2 = _v2 is null || _v2 == hash ? hash : throw new MagnetException("it names two v2 torrents");
        }
    }

    private static void AddAddress(List<string> list, string value, string key, string otherScheme)
    {
        if (!Uri.TryCreate(value, UriKind.Absolute, out var uri)
            || (uri.Scheme is not ("http" or "https") && uri.Scheme != otherScheme)
            || list.Contains(value))
        {
            return;
        }

        CheckCount(list.Count, key);
        list.Add(value);
    }

    private void ReadPeer(string value)
    {
        CheckCount(_peers.Count, "x.pe");
        if (IPEndPoint.TryParse(value, out var address))
        {
            if (address.Port != 0)
            {
                _peers.Add(address);
            }

            return;
        }

        var colon = value.LastIndexOf(':');
        if (colon > 0
            && ushort.TryParse(value.AsSpan(colon + 1), NumberStyles.None, CultureInfo.InvariantCulture, out var port)
            && port != 0
            && Uri.CheckHostName(value[..colon]) == UriHostNameType.Dns)
        {
            _peers.Add(new DnsEndPoint(value[..colon], port));
        }
    }

    private void ReadSelection(string value)
    {
        foreach (var range in value.AsSpan().Split(','))
        {
            CheckCount(_selected.Count, "so");
            _selected.Add(FileSelection.Parse(value.AsSpan()[range]));
        }
    }

    private static void CheckCount(int count, string key)
    {
        if (count == MagnetLink.MaxValues)
        {
            throw new MagnetException($"more than {MagnetLink.MaxValues} values of {key}");
        }
    }
}
