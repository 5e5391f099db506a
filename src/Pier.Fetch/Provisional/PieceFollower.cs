using System.Net;
using Pier.BitTorrent.Swarms;
using Pier.Content;
using Pier.Fetch.Delivery;
using Pier.Fetch.Sources.Swarms;

namespace Pier.Fetch.Provisional;

/// <summary>Watches over provisional pieces while they come: what readers wait for first, and no longer than they do come.</summary>
internal sealed class PieceFollower(Swarm swarm, IPEndPoint holder, Func<IEnumerable<IPEndPoint>> others, IPartialSink sink, FetchOptions options, TimeProvider time)
{
    /// <summary>How far ahead of the most urgent reader pieces are fetched before all others.</summary>
    private const long WindowLength = 16 << 20;

    private static readonly TimeSpan LookEvery = TimeSpan.FromMilliseconds(100);

    private long _progressAt = time.GetTimestamp();
    private long _downloaded;
    private bool _hasMet;
    private bool _knowsOthers;

    /// <summary>Returns how it ended, in words.</summary>
    /// <exception cref="BitTorrent.BitTorrentException">The swarm failed.</exception>
    public async Task<string> RunAsync(CancellationToken cancellationToken)
    {
        using var window = swarm.Prioritise(Ahead());
        using var tick = new PeriodicTimer(LookEvery, time);
        var urgency = new SwarmUrgency(swarm, sink);
        while (!swarm.Completion.IsCompleted)
        {
            await Task.WhenAny(swarm.Completion, tick.WaitForNextTickAsync(cancellationToken).AsTask());
            cancellationToken.ThrowIfCancellationRequested();
            urgency.Look();
            window.MoveTo(Ahead());
            await MeetOthersAsync(cancellationToken);
            if (Trouble() is { } trouble)
            {
                return trouble;
            }
        }
        await swarm.Completion;
        return "all pieces came";
    }

    /// <summary>The holder comes first: without its vouches nobody has anything. Once it is met the others are.</summary>
    private async ValueTask MeetOthersAsync(CancellationToken cancellationToken)
    {
        if (_hasMet && !_knowsOthers)
        {
            _knowsOthers = true;
            await swarm.AddPeersAsync(others(), cancellationToken);
        }
    }

    private string? Trouble()
    {
        var now = swarm.Statistics;
        if (now.Downloaded > _downloaded)
        {
            sink.Sign(now.Downloaded - _downloaded);
            _downloaded = now.Downloaded;
            _progressAt = time.GetTimestamp();
        }
        var isHere = now.Peers.Any(peer => peer.EndPoint.Equals(holder));
        if (_hasMet && !isHere && !swarm.Completion.IsCompleted)
        {
            return "the holder has gone";
        }
        _hasMet |= isHere;
        return time.GetElapsedTime(_progressAt) > options.PiecePatience ? $"no piece came for a while from {Picture(now)}" : null;
    }

    private static string Picture(SwarmStatistics now) => string.Join("; ", now.Peers.Select(peer =>
        $"{peer.EndPoint} with {peer.Pieces} of {now.PieceCount} pieces{(peer.Choking ? ", choking" : "")}{(peer.Interested ? ", wanted" : "")}{(peer.Snubbing ? ", snubbing" : "")}, {peer.Requested} blocks asked"))
        is { Length: > 0 } peers ? peers : "nobody";

    private ByteRange Ahead()
    {
        var from = Math.Min(sink.Wanted, sink.Length);
        return new ByteRange(from, Math.Min(WindowLength, sink.Length - from));
    }
}
