namespace Pier.BitTorrent.Tracking;

/// <summary>Why our tracker says no, in words for the client's user.</summary>
/// <param name="Reason">The words.</param>
/// <param name="RetryIn">When asking again may help (BEP 31); <see cref="Timeout.InfiniteTimeSpan"/> for never, null for no advice.</param>
public sealed record TrackerRefusal(string Reason, TimeSpan? RetryIn = null)
{
    internal static TrackerRefusal Unreachable { get; } = new("nobody could connect to your address and port", Timeout.InfiniteTimeSpan);

    internal static TrackerRefusal UnknownTorrent { get; } = new("this tracker does not know that torrent", TimeSpan.FromMinutes(5));

    internal static TrackerRefusal Full { get; } = new("this tracker is full", TimeSpan.FromMinutes(30));

    internal static TrackerRefusal WrongKey { get; } = new("this tracker wants a key in its announce URL", Timeout.InfiniteTimeSpan);
}
