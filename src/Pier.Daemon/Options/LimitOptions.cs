using System.Globalization;
using Pier.BitTorrent.Limits;

namespace Pier.Daemon.Options;

/// <summary>Makes the engine's limits of what people say.</summary>
internal static class LimitOptions
{
    private const int MaxConnections = 100_000;

    /// <summary>What limits can be for, in the words of file, API and command line.</summary>
    public static IReadOnlyList<string> Scopes { get; } = ["all", "host", "cluster", "subnet", "world", "torrent"];

    /// <summary>The limits of the file; a flag for all peers goes before its word.</summary>
    /// <exception cref="ConfigurationException">A value cannot be.</exception>
    public static EngineLimits Create(IReadOnlyDictionary<string, LimitSettings> settings, long downloadLimit, long uploadLimit)
    {
        var limits = settings.Aggregate(EngineLimits.None, (limits, setting) => Change(
            limits, setting.Key, values => Change(values, setting.Value.Down, setting.Value.Up, setting.Value.Connections, $"limits → {setting.Key}")));
        return limits with
        {
            All = limits.All with
            {
                Down = downloadLimit > 0 ? downloadLimit : limits.All.Down,
                Up = uploadLimit > 0 ? uploadLimit : limits.All.Up,
            },
        };
    }

    /// <summary>Limits with those of one scope changed.</summary>
    public static EngineLimits Change(EngineLimits limits, string scope, Func<TransferLimits, TransferLimits> change) => scope switch
    {
        "all" => limits with { All = change(limits.All) },
        "host" => limits with { SameHost = change(limits.SameHost) },
        "cluster" => limits with { Cluster = change(limits.Cluster) },
        "subnet" => limits with { SameSubnet = change(limits.SameSubnet) },
        "world" => limits with { World = change(limits.World) },
        "torrent" => limits with { Torrent = change(limits.Torrent) },
        _ => throw new ConfigurationException($"'{scope}' is nothing that has limits; {string.Join(", ", Scopes)} have."),
    };

    /// <summary>Values with those changed that are said.</summary>
    /// <exception cref="ConfigurationException">A value cannot be.</exception>
    public static TransferLimits Change(TransferLimits values, string? down, string? up, string? connections, string name) => new(
        down is null ? values.Down : ByteRate.Parse(down, $"{name} → down"),
        up is null ? values.Up : ByteRate.Parse(up, $"{name} → up"),
        connections is null ? values.Connections : Connections(connections, $"{name} → connections"));

    /// <summary>A seeding goal with that changed which is said.</summary>
    /// <exception cref="ConfigurationException">A value cannot be.</exception>
    public static SeedingGoal Change(SeedingGoal goal, string? ratio, string? time) => new(
        ratio is null ? goal.Ratio : Ratio(ratio),
        time is null ? goal.Time : time == "none" ? null : DurationText.Parse(time, "seeding → time"));

    private static double? Ratio(string text) => text == "none" ? null
        : double.TryParse(text, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var ratio) && ratio > 0 && double.IsFinite(ratio) ? ratio
        : throw new ConfigurationException($"seeding → ratio: '{text}' is not a ratio; write for example 2 or 1.5, or none to seed for ever.");

    private static int? Connections(string text, string name) => text == "none" ? null
        : int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number <= MaxConnections ? number
        : throw new ConfigurationException($"{name}: '{text}' is not a number of connections from 0 to {MaxConnections}, nor none.");
}
