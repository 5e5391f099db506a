namespace Pier.Benchmarks.Swarm;

/// <summary>A BitTorrent program that speaks the lines of a side: <c>seed|get TORRENT FOLDER LISTEN [PEER…]</c>.</summary>
/// <param name="Name">What the tables call it.</param>
/// <param name="Command">The program and the arguments that come before the role.</param>
internal sealed record Contender(string Name, IReadOnlyList<string> Command)
{
    private const string Python = "/usr/bin/python3";

    public static Contender Pier { get; } = new("Pier", [Environment.ProcessPath!, SwarmSide.Verb]);

    /// <summary>Counts what it allocates; not for rows of time.</summary>
    public static Contender PierWatched { get; } = new("Pier, watched", [Environment.ProcessPath!, SwarmSide.WatchedVerb]);

    public static Contender Libtorrent { get; } = new("libtorrent", [Python, Script("libtorrent_side.py")]);

    /// <summary>With its own depths of queues, for lines that several peers share, instead of those that are best on loopback.</summary>
    public static Contender LibtorrentOnLines { get; } = new("libtorrent", [Python, Script("libtorrent_side.py"), "--lines"]);

    public static Contender Aria2 { get; } = new("aria2", [Python, Script("aria2_side.py")]);

    private static string Script(string name) => Path.Combine(AppContext.BaseDirectory, "Swarm", name);
}
