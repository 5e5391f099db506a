using Pier.BitTorrent.Wire;
using Pier.Simulation.Network;

namespace Pier.Simulation.Scenarios;

/// <summary>The scenarios that are played in benchmarks.</summary>
internal static class Catalogue
{
    private const int Unit = 256 << 10;
    private const long Gibi = 1L << 30;

    // What a gigabit brings, a container layer of some size, a rack or two of hosts.
    private static readonly Scenario Flash = new()
    {
        Name = "flash crowd",
        Nodes = 100,
        Sizes = [Gibi],
        Cap = 125e6,
        Network = new NetworkPlan { BlockSize = Unit },
    };

    /// <summary>A seed and eight hosts on lines of 100 Mbit/s: what is measured with real programs, too.</summary>
    public static Scenario Eight { get; } = new()
    {
        Name = "8 hosts, 100 Mbit/s, one seed",
        Nodes = 8,
        Sizes = [200_000_000],
        Cap = 12e6,
    };

    /// <summary>Eight hosts, one of which holds the turn at an upstream as fast as their lines.</summary>
    public static Scenario EightCold { get; } = Eight with { Name = "8 hosts, 100 Mbit/s, cold upstream", Upstream = Eight.Cap, IsProvisional = true };

    /// <summary>A hundred nodes, every block simulated.</summary>
    public static Scenario FineFlash { get; } = Flash with { Name = "flash crowd, 16 KiB blocks", Network = new NetworkPlan { BlockSize = WireLimits.BlockSize } };

    /// <summary>2,600 nodes want 3 GiB in two blobs at 300 MB/s: the figures that Kraken publishes.</summary>
    public static Scenario Large { get; } = new()
    {
        Name = "2,600 nodes, 3 GiB in two blobs",
        Nodes = 2600,
        Sizes = [3 * Gibi / 2, 3 * Gibi / 2],
        Cap = 300e6,
        Network = new NetworkPlan { BlockSize = Unit },
    };

    /// <summary>10,000 nodes want 1 GiB at 100 Mbit/s over a wide network, and are lost all the while.</summary>
    public static Scenario Wide { get; } = new()
    {
        Name = "10,000 nodes, 100 ms, 5 % lost/min",
        Nodes = 10_000,
        Sizes = [Gibi],
        Cap = 12.5e6,
        LossPerMinute = 0.05,
        Network = new NetworkPlan { BlockSize = Unit, Latency = TimeSpan.FromMilliseconds(100), MaxConnections = 30 },
    };

    /// <summary>A hundred nodes each: what goes right and what goes wrong.</summary>
    public static IReadOnlyList<Scenario> Small { get; } =
    [
        Flash,
        Flash with { Name = "flash crowd, picked in order", Network = Flash.Network with { PicksInOrder = true } },
        Flash with { Name = "cold upstream, two turns", Upstream = Flash.Cap },
        Flash with { Name = "cold upstream, provisional", Nodes = 50, Upstream = Flash.Cap, IsProvisional = true },
        Flash with { Name = "staggered over 60 s", ArrivalSpan = TimeSpan.FromSeconds(60) },
        Flash with { Name = "5 % lost/min at 12.5 MB/s", Cap = 12.5e6, LossPerMinute = 0.05 },
        Flash with { Name = "one uplink of 1 MB/s", SlowUplink = 1e6 },
        Flash with { Name = "10 % liars", Liars = 0.1 },
        Flash with { Name = "cut from 2 s to 12 s", CutAt = TimeSpan.FromSeconds(2), HealsAt = TimeSpan.FromSeconds(12) },
    ];

    /// <summary>All of them.</summary>
    public static IReadOnlyList<Scenario> All { get; } = [Eight, EightCold, FineFlash, Large, Wide, .. Small];
}
