using System.Net;
using Pier.BitTorrent.Dht.Lookups;
using Pier.BitTorrent.Torrents;

namespace Pier.BitTorrent.Dht;

/// <summary>
/// The torrents that are followed, and the searches for them: few at once, each torrent again after its interval, sooner when it
/// wants peers. A search that ends announces us to the nodes nearest to the torrent (BEP 5).
/// </summary>
/// <param name="options">Settings.</param>
/// <param name="sides">Both DHTs.</param>
/// <param name="client">Announces.</param>
/// <param name="port">The TCP port where we can be reached, 0 for none.</param>
/// <param name="time">The clock.</param>
/// <param name="random">Spreads searches over time.</param>
internal sealed class Searches(
    DhtOptions options, IReadOnlyList<DhtSide> sides, QueryClient client, Func<int> port, TimeProvider time, Random random)
{
    // Nobody answered: nodes may be found meanwhile.
    private static readonly TimeSpan Retry = TimeSpan.FromSeconds(5);

    private readonly Dictionary<InfoHash, List<Followed>> _followed = [];

    /// <summary>Torrents that are followed.</summary>
    public int Count { get; private set; }

    /// <summary>Searches that run.</summary>
    public int Running { get; private set; }

    /// <summary>Announces a torrent and looks for its peers from now on; null when too many are followed.</summary>
    public Followed? TryFollow(InfoHash infoHash, Action<IReadOnlyList<IPEndPoint>> found)
    {
        if (Count >= options.MaxFollowed)
        {
            return null;
        }

        var followed = new Followed(infoHash, found) { DueAt = time.GetTimestamp() };
        if (!_followed.TryGetValue(infoHash, out var same))
        {
            _followed.Add(infoHash, same = []);
        }

        same.Add(followed);
        Count++;
        return followed;
    }

    /// <summary>Ends that; who learned of us forgets within half an hour.</summary>
    public void Drop(Followed followed)
    {
        if (_followed.TryGetValue(followed.InfoHash, out var same) && same.Remove(followed))
        {
            followed.IsDropped = true;
            Count--;
            if (same.Count == 0)
            {
                _followed.Remove(followed.InfoHash);
            }
        }
    }

    /// <summary>Peers are wanted: searches again as soon as that is decent.</summary>
    public void Hurry(Followed followed)
    {
        if (followed.SearchedAt is { } before)
        {
            followed.DueAt = Math.Min(followed.DueAt, before + Ticks(options.SearchInterval));
        }
    }

    /// <summary>A peer announced itself to us: news for whoever follows the torrent.</summary>
    public void Announced(InfoHash infoHash, IPEndPoint peer)
    {
        foreach (var followed in _followed.GetValueOrDefault(infoHash) ?? [])
        {
            followed.Found([peer]);
        }
    }

    /// <summary>Starts what is due and has room.</summary>
    public void Tick()
    {
        if (sides.All(side => side.Table.Count == 0))
        {
            return;
        }

        var now = time.GetTimestamp();
        while (Running < options.MaxSearches && NextDue(now) is { } next)
        {
            Start(next);
        }
    }

    private Followed? NextDue(long now)
    {
        Followed? next = null;
        foreach (var same in _followed.Values)
        {
            foreach (var followed in same)
            {
                if (followed.Running == 0 && followed.DueAt <= now && (next is null || followed.DueAt < next.DueAt))
                {
                    next = followed;
                }
            }
        }

        return next;
    }

    private void Start(Followed followed)
    {
        Running++;
        followed.Answers = 0;
        followed.Running = sides.Count;
        foreach (var side in sides)
        {
            // We may be among the nodes nearest to it ourselves.
            if (side.Store.Get(followed.InfoHash, int.MaxValue, random) is { Length: > 0 } kept)
            {
                followed.Found(kept);
            }

            side.Start(side.NewLookup(followed.InfoHash, peers => Tell(followed, peers), lookup => End(followed, side, lookup)));
        }
    }

    private static void Tell(Followed followed, IReadOnlyList<IPEndPoint> peers)
    {
        if (!followed.IsDropped)
        {
            followed.Found(peers);
        }
    }

    private void End(Followed followed, DhtSide side, Lookup lookup)
    {
        followed.Answers += lookup.AnswerCount;
        if (!followed.IsDropped && port() is > 0 and var ours)
        {
            foreach (var node in lookup.Nearest.Where(node => node.Token.Length > 0))
            {
                client.AnnouncePeer(side.Table.Own, node.Contact, followed.InfoHash, ours, node.Token);
            }
        }

        if (--followed.Running > 0)
        {
            return;
        }

        Running--;
        followed.SearchedAt = time.GetTimestamp();
        var pause = followed.Answers == 0 ? Retry : options.AnnounceInterval * (0.9 + (random.NextDouble() * 0.2));
        followed.DueAt = followed.SearchedAt.Value + Ticks(pause);
    }

    private long Ticks(TimeSpan span) => (long)(span.TotalSeconds * time.TimestampFrequency);
}
