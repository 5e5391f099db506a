using System.Threading.Channels;
using Pier.BitTorrent.Blobs;
using Pier.Content.Contracts;
using Pier.Fetch.Ladder;

namespace Pier.Fetch.Delivery;

/// <summary>
/// Climbs the ladder for one fetch until nothing is missing (design §3.5 and §3.6): starts legs, replaces those
/// that stand still, cancels losers. One loop owns all of its state; a leg's first byte or end wakes it.
/// </summary>
internal sealed class Climb : IAsyncDisposable
{
    private readonly BlobFetch _fetch;
    private readonly FetchParts _parts;
    private readonly long _start;
    private readonly LegRunner _runner;
    private readonly LegFailures _failures = new();
    private readonly Queue<Candidate> _candidates = new();
    private readonly Backoff _searchPause;
    private readonly Backoff _strangerPause;
    private Backoff _upstreamPause;
    private readonly HashSet<Candidate> _contributors = [];
    private readonly Channel<bool> _pulse = Channel.CreateBounded<bool>(
        new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite });

    private Leg? _peer;
    private Leg? _upstream;
    private PeerSearch? _search;
    private IStrangers? _strangers;
    private TimeSpan? _metAt;
    private TimeSpan _peersSince;
    private TimeSpan _lastProgress;
    private TimeSpan _lastSign;
    private Candidate? _failedUpstream;
    private int _upstreamFailures;
    private int _followFailures;
    private TimeSpan _openSince;
    private bool _upstreamRefused;

    public Climb(BlobFetch fetch, FetchParts parts)
    {
        _fetch = fetch;
        _parts = parts;
        _start = parts.Time.GetTimestamp();
        _runner = new LegRunner(fetch, parts);
        _searchPause = new Backoff(parts.Options);
        _strangerPause = new Backoff(parts.Options);
        _upstreamPause = new Backoff(parts.Options);
    }

    /// <summary>The sources that delivered bytes.</summary>
    public IReadOnlyCollection<Candidate> Contributors => [.. _contributors.Union(Legs.Where(leg => leg.Bytes > 0).Select(leg => leg.Chosen!))];

    /// <summary>The legs at work now, for the status.</summary>
    public IEnumerable<Leg> Legs => new[] { _peer, _upstream }.OfType<Leg>();

    private TimeSpan Now => _parts.Time.GetElapsedTime(_start);

    /// <summary>Returns once every byte has arrived.</summary>
    /// <exception cref="ContentException">Nobody can deliver; names each leg.</exception>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            cancellationToken.ThrowIfCancellationRequested();
            await ReapAsync();
            if (_fetch.IsGathered)
            {
                return;
            }

            var step = _parts.Rules.Decide(View());
            switch (step.Action)
            {
                case LadderAction.Search:
                    _peersSince = Now;
                    _search = new PeerSearch(_parts, _fetch.Request, Now, cancellationToken);
                    break;
                case LadderAction.StartPeer:
                    var candidate = _candidates.Dequeue();
                    _peer = Start(Rung.Peers, candidate.Name, _fetch.Demand.Errand, _ => ValueTask.FromResult<Candidate?>(candidate), cancellationToken);
                    break;
                case LadderAction.Meet:
                    _metAt = Now;
                    _strangers = _parts.Finder.Meet(_fetch.Request, Pulse);
                    break;
                case LadderAction.StartStranger when _strangers!.TryTake(out var stranger):
                    _peer = Start(Rung.Strangers, stranger.Name, _fetch.Demand.Errand, _ => ValueTask.FromResult<Candidate?>(stranger), cancellationToken);
                    break;
                case LadderAction.StartUpstream:
                    var (failed, errand) = (_failedUpstream, _fetch.Demand.Errand);
                    _upstream = Start(
                        Rung.Upstream, "upstream", errand, token => _parts.Finder.UpstreamAsync(errand.Request, failed, token), cancellationToken);
                    break;
                case LadderAction.DropPeer:
                    Drop(_peer!);
                    break;
                case LadderAction.DropUpstream:
                    Drop(_upstream!);
                    break;
                case LadderAction.YieldUpstream:
                    _upstream!.Stop("peers deliver");
                    await EndAsync(_upstream);
                    _upstream = null;
                    break;
                case LadderAction.YieldPeer:
                    _peer!.Stop("the upstream is faster");
                    await EndAsync(_peer);
                    if (_peer is { Rung: Rung.Strangers, Chosen: { } yielded })
                    {
                        _strangers!.PutBack(yielded);
                    }
                    _peer = null;
                    break;
                case LadderAction.GiveUp:
                    throw _failures.Summarize(_fetch.Digest);
                default:
                    await SleepAsync(step.WakeAt, cancellationToken);
                    break;
            }
        }
    }

    /// <summary>Stops every leg and waits for their ends.</summary>
    public async ValueTask DisposeAsync()
    {
        foreach (var leg in Legs.ToArray())
        {
            await EndAsync(leg);
        }
        if (_search is not null)
        {
            await _search.DisposeAsync();
        }
        if (_strangers is not null)
        {
            await _strangers.DisposeAsync();
        }
    }

    private void Pulse() => _pulse.Writer.TryWrite(true);

    private Leg Start(
        Rung rung, string name, FetchErrand errand, Func<CancellationToken, ValueTask<Candidate?>> choose, CancellationToken cancellationToken)
    {
        var leg = new Leg(rung, name, _start, _parts.Time, Pulse, cancellationToken);
        leg.Start((self, token) => _runner.RunAsync(self, errand.Login, choose, token));
        return leg;
    }

    private void Drop(Leg leg)
    {
        var view = leg.View();
        var patience = Now - (view.LastProgress ?? leg.Started);
        LogMessages.Stalled(_parts.Logger, _fetch.Digest, leg.Name, patience.TotalSeconds);
        leg.Stop($"no {(view.LastSign == view.LastProgress ? "bytes" : "whole piece")} for {patience.TotalSeconds:0.#} s", LegOutcome.Broke);
    }

    private async ValueTask ReapAsync()
    {
        if (_search is { Found.IsCompleted: true })
        {
            foreach (var candidate in await _search.Found)
            {
                _candidates.Enqueue(candidate);
            }
            if (_candidates.Count == 0)
            {
                _searchPause.Fail(Now);
            }
            await _search.DisposeAsync();
            _search = null;
        }

        if (_peer is { Settled: true })
        {
            var end = await EndAsync(_peer);
            if (_peer is { Rung: Rung.Strangers, Chosen: { } stranger } && end.Outcome == LegOutcome.Broke)
            {
                _strangerPause.Fail(Now);
                _strangers!.PutBack(stranger);
            }
            _peer = null;
            if (_candidates.Count == 0)
            {
                _searchPause.Fail(Now);
            }
        }

        if (_upstream is { Settled: true })
        {
            var end = await EndAsync(_upstream);
            NoteUpstreamEnd(_upstream, end);
            _upstream = null;
        }
    }

    /// <summary>
    /// A refusal by the upstream is its last word unless others ask under other repositories or logins; a member that was to be
    /// followed and cannot is told to the referee, which then sends elsewhere.
    /// </summary>
    private void NoteUpstreamEnd(Leg leg, LegEnd end)
    {
        _failedUpstream = leg.Chosen;
        _upstreamPause.Fail(Now);
        if (leg.Kind == SourceKind.Member)
        {
            _followFailures++;
            return;
        }
        _upstreamFailures++;
        _fetch.Demand.Fail(end.Cause);
        if (end.Outcome is not (LegOutcome.Refused or LegOutcome.NotHere))
        {
            return;
        }
        if (!_fetch.Demand.TryNext())
        {
            _upstreamRefused = true;
            return;
        }
        // What was said to one is no reason for the next to wait, nor to be asked for less often.
        (_upstreamPause, _upstreamFailures, _followFailures, _openSince) = (new Backoff(_parts.Options), 0, 0, Now);
    }

    private async ValueTask<LegEnd> EndAsync(Leg leg)
    {
        await leg.DisposeAsync();
        var end = await leg.Ended;
        if (leg.View().LastSign is { } sign && sign > _lastSign)
        {
            _lastSign = sign;
        }
        if (leg.Bytes > 0)
        {
            _contributors.Add(leg.Chosen!);
            _lastProgress = leg.View().LastProgress ?? _lastProgress;
            (leg.Rung == Rung.Upstream ? _upstreamPause : _searchPause).Succeed();
        }
        if (end.Cause is { } cause)
        {
            LogMessages.LegFailed(_parts.Logger, _fetch.Digest, leg.Name, cause.Message);
            _failures.Add(leg.Name, cause);
            if (cause is ContentStorageException)
            {
                // No other source can help a disk that refuses.
                throw cause;
            }
        }
        return end;
    }

    private LadderView View() => new()
    {
        Now = Now,
        Peer = _peer?.View(),
        Upstream = _upstream?.View(),
        SearchStarted = _search?.Started,
        Candidates = _candidates.Count,
        MayMeet = _metAt is null,
        MeetingSince = _strangers is null ? null : _metAt,
        Strangers = _strangers?.Waiting ?? 0,
        StrangersAt = _strangerPause.ReadyAt,
        PeersSince = _peersSince,
        SearchAt = _searchPause.ReadyAt,
        UpstreamAt = _upstreamRefused || !_fetch.HasOrigin ? null : _upstreamPause.ReadyAt,
        UpstreamFailures = _upstreamFailures,
        FollowFailures = _followFailures,
        OpenSince = _openSince,
        RegistryPatience = _parts.Options.PatienceOf(_fetch.Request.Origin?.Registry),
        Accepted = _fetch.IsAccepted,
        LastProgress = Legs.Select(leg => leg.View().LastProgress ?? TimeSpan.Zero).Append(_lastProgress).Max(),
        LastSign = Legs.Select(leg => leg.View().LastSign ?? TimeSpan.Zero).Append(_lastSign).Max(),
        PieceLength = _fetch.Blob is { Length: > 0 } blob ? BlobTorrent.PieceLengthFor(blob.Length) : 0,
    };

    private async Task SleepAsync(TimeSpan wakeAt, CancellationToken cancellationToken)
    {
        using var awake = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var pulse = _pulse.Reader.ReadAsync(awake.Token).AsTask();
        var due = wakeAt == TimeSpan.MaxValue
            ? Task.Delay(Timeout.InfiniteTimeSpan, _parts.Time, awake.Token)
            : Task.Delay(wakeAt - Now is var left && left > TimeSpan.Zero ? left : TimeSpan.Zero, _parts.Time, awake.Token);
        // The ends themselves are waited for: a pulse sent by an ending task could be heard before it counts as ended.
        await Task.WhenAny([pulse, due, .. Legs.Select(leg => leg.Ended), .. _search is null ? Array.Empty<Task>() : [_search.Found]]);
        await awake.CancelAsync();
        await Task.WhenAll(pulse, due).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }
}
