using System.Globalization;
using System.Net;

namespace Pier.Dat;

/// <summary>What the environment says.</summary>
internal sealed record DatSettings
{
    /// <summary>The port of Pier's peers; a free one is taken when it is in use and nobody asked for it.</summary>
    public const int DefaultPort = 5056;

    /// <summary>The lines of what is served.</summary>
    public string ListFile { get; init; } = "/etc/pier.dat";

    /// <summary>Where a seeder in the background writes, when it may.</summary>
    public string LogFile { get; init; } = "/var/log/pierdat.log";

    /// <summary>The port that was asked for; null for the default.</summary>
    public int? Port { get; init; }

    /// <summary>Whether there is a node of the DHT, and a search in the local network.</summary>
    public bool Discovers { get; init; } = true;

    /// <summary>Nodes of the DHT to begin with.</summary>
    public IReadOnlyList<DnsEndPoint> Bootstrap { get; init; } = [];

    /// <summary>How long a download may stand still.</summary>
    public TimeSpan Patience { get; init; } = TimeSpan.FromMinutes(2);

    /// <summary>The folder of the torrents that lines name.</summary>
    public string TorrentFolder => ListFile + ".d";

    /// <summary>Reads them.</summary>
    /// <param name="variable">The value of an environment variable, or null.</param>
    /// <exception cref="DatException">One is not what it should be.</exception>
    public static DatSettings Read(Func<string, string?> variable)
    {
        string? Value(string name) => variable(name) is { Length: > 0 } value ? value : null;
        var settings = new DatSettings();
        var dht = Value("PIERDAT_DHT");
        return settings with
        {
            ListFile = Value("PIERDAT_FILE") ?? settings.ListFile,
            LogFile = Value("PIERDAT_LOG") ?? settings.LogFile,
            Port = Value("PIERDAT_PORT") is { } port ? ReadPort("PIERDAT_PORT", port) : null,
            Discovers = dht != "off",
            Bootstrap = dht is null or "off" ? [] : [.. dht.Split(',').Select(ReadNode)],
        };
    }

    private static DnsEndPoint ReadNode(string text)
    {
        var colon = text.LastIndexOf(':');
        return colon > 0
            ? new DnsEndPoint(text[..colon].Trim('[', ']'), ReadPort("PIERDAT_DHT", text[(colon + 1)..]))
            : throw new DatException($"PIERDAT_DHT: '{text}' is neither 'off' nor HOST:PORT.");
    }

    private static int ReadPort(string name, string text) =>
        int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var port) && port is > 0 and <= ushort.MaxValue
            ? port
            : throw new DatException($"{name}: '{text}' is no port.");
}
