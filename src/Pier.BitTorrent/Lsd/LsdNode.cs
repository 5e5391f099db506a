using System.Net;
using Pier.BitTorrent.Limits;
using Pier.BitTorrent.Torrents;

namespace Pier.BitTorrent.Lsd;

/// <summary>
/// Local service discovery (BEP 14) without sockets: which torrents are to be announced when, and whom an announce concerns. Each
/// torrent every five minutes, one message a minute for as many as fit; a few at once after a quiet time. Not thread-safe.
/// </summary>
/// <param name="cookie">By which we know our own announces.</param>
/// <param name="port">The TCP port where peers reach us; 0 for none.</param>
/// <param name="time">The clock.</param>
internal sealed class LsdNode(string cookie, Func<int> port, TimeProvider time)
{
    private const int Burst = 3;
    private const int MaxDatagramRate = 100;
    private const int MaxSourceRate = 2;
    private static readonly TimeSpan Interval = TimeSpan.FromMinutes(5);
    private static readonly TimeSpan MessageInterval = TimeSpan.FromMinutes(1);

    private readonly List<LsdFollowed> _followed = [];
    // Nothing is answered: its answers are bounded by their pace.
    private readonly SourceLimiter _limiter = new(MaxDatagramRate, MaxSourceRate, maxAnswerRate: 1, time);
    private double _messages = Burst;
    private long _countedAt = time.GetTimestamp();

    /// <summary>Announces a torrent from now on.</summary>
    /// <param name="infoHash">Its name.</param>
    /// <param name="found">Takes peers; must not wait.</param>
    public LsdFollowed Follow(InfoHash infoHash, Action<IReadOnlyList<IPEndPoint>> found)
    {
        var followed = new LsdFollowed(infoHash, found);
        _followed.Add(followed);
        return followed;
    }

    /// <summary>Ends that.</summary>
    public void Drop(LsdFollowed followed) => _followed.Remove(followed);

    /// <summary>The message that is due now; null when none is.</summary>
    public LsdMessage? TakeDue()
    {
        var now = time.GetTimestamp();
        _messages = Math.Min(Burst, _messages + (time.GetElapsedTime(_countedAt, now) / MessageInterval));
        _countedAt = now;
        if (_messages < 1 || port() is not (> 0 and var ours))
        {
            return null;
        }

        LsdFollowed[] due =
        [
            .. _followed
                .Where(followed => followed.AnnouncedAt is not { } before || time.GetElapsedTime(before, now) >= Interval)
                .OrderBy(followed => followed.AnnouncedAt ?? long.MinValue)
                .Take(LsdMessage.MaxInfoHashes),
        ];
        if (due.Length == 0)
        {
            return null;
        }

        _messages--;
        foreach (var followed in due)
        {
            followed.AnnouncedAt = now;
        }

        return new LsdMessage(ours, [.. due.Select(followed => followed.InfoHash).Distinct()], cookie);
    }

    /// <summary>Somebody's announce came.</summary>
    /// <param name="datagram">Its bytes.</param>
    /// <param name="from">The sender.</param>
    public void Receive(ReadOnlySpan<byte> datagram, IPAddress from)
    {
        if (!_limiter.TryRead() || !_limiter.TryAnswer(from) || LsdMessage.TryRead(datagram) is not { } message || message.Cookie == cookie)
        {
            return;
        }

        IPEndPoint[] peer = [new IPEndPoint(from, message.Port)];
        HashSet<InfoHash> named = [.. message.InfoHashes];
        foreach (var followed in _followed.Where(followed => named.Contains(followed.InfoHash)))
        {
            followed.Found(peer);
        }
    }
}

/// <summary>A torrent that is announced in the local network.</summary>
internal sealed class LsdFollowed(InfoHash infoHash, Action<IReadOnlyList<IPEndPoint>> found)
{
    /// <summary>Its name.</summary>
    public InfoHash InfoHash => infoHash;

    /// <summary>Takes peers.</summary>
    public Action<IReadOnlyList<IPEndPoint>> Found => found;

    /// <summary>When it was last announced; null before.</summary>
    public long? AnnouncedAt { get; set; }
}
