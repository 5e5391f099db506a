using Pier.Content.Contracts;
using Pier.Fetch.Ladder;
using Pier.Fetch.Status;

namespace Pier.Fetch.Delivery;

/// <summary>One source at work for one fetch: started by the climb, judged by its progress, stopped by its own token.</summary>
internal sealed class Leg : IAsyncDisposable
{
    private readonly TimeProvider _time;
    private readonly long _fetchStart;
    private readonly RateMeter _meter;
    private readonly RateMeter _signs;
    private readonly CancellationTokenSource _stop;
    private readonly Action _firstByte;
    private Task<LegEnd>? _run;
    private bool _stopped;

    /// <summary>Makes a leg that counts from now; <paramref name="firstByte"/> is called once, by the thread that writes.</summary>
    public Leg(Rung rung, string name, long fetchStart, TimeProvider time, Action firstByte, CancellationToken cancellationToken)
    {
        Rung = rung;
        Name = name;
        _time = time;
        _fetchStart = fetchStart;
        _firstByte = firstByte;
        _meter = new RateMeter(time);
        _signs = new RateMeter(time);
        _stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        Started = time.GetElapsedTime(fetchStart);
    }

    /// <summary>The rung it was started on.</summary>
    public Rung Rung { get; }

    /// <summary>Display name; becomes the source's own once the source is chosen.</summary>
    public string Name { get; private set; }

    /// <summary>The source it works with; null until it is chosen.</summary>
    public Candidate? Chosen { get; private set; }

    /// <summary>Where its bytes come from; null until the source is chosen.</summary>
    public SourceKind? Kind => Chosen?.Source.Kind;

    /// <summary>When it was started, since the start of the fetch.</summary>
    public TimeSpan Started { get; }

    /// <summary>Why it was stopped by the climb; null when it ended by itself.</summary>
    public string? StopReason { get; private set; }

    /// <summary>Bytes it has delivered.</summary>
    public long Bytes => _meter.Total;

    /// <summary>Bytes per second over the last seconds, those of unfinished pieces included.</summary>
    public double Rate => Math.Max(_meter.Rate, _signs.Rate);

    /// <summary>What its end counts as when the climb stopped it.</summary>
    public LegOutcome StopOutcome { get; private set; } = LegOutcome.Stopped;

    /// <summary>True once it has ended.</summary>
    public bool Settled => Ended.IsCompleted;

    /// <summary>How it ended; never faults.</summary>
    public Task<LegEnd> Ended => _run ?? throw new InvalidOperationException("The leg was never started.");

    /// <summary>Starts the work.</summary>
    public void Start(Func<Leg, CancellationToken, Task<LegEnd>> work) => _run = work(this, _stop.Token);

    /// <summary>The source is chosen.</summary>
    public void Choose(Candidate candidate)
    {
        Name = candidate.Name;
        Chosen = candidate;
    }

    /// <summary>Counts bytes that have been written.</summary>
    public void Count(int bytes)
    {
        var first = _meter.Total == 0;
        _meter.Add(bytes);
        if (first)
        {
            _firstByte();
        }
    }

    /// <summary>Notes bytes that have come and cannot be written yet.</summary>
    public void Sign(long bytes) => _signs.Add(bytes);

    /// <summary>What the rules see.</summary>
    public LegView View()
    {
        var (progress, sign) = (SinceStart(_meter.LastAt), SinceStart(_signs.LastAt));
        return new LegView(Rung, Started, progress, Rate)
        {
            LastSign = sign > progress || progress is null ? sign : progress,
            IsStopping = _stopped,
            Patience = Chosen?.Patience,
        };
    }

    private TimeSpan? SinceStart(long? timestamp) => timestamp is { } at ? _time.GetElapsedTime(_fetchStart, at) : null;

    /// <summary>Asks it to end; the end is awaited by <see cref="DisposeAsync"/>.</summary>
    public void Stop(string reason, LegOutcome outcome = LegOutcome.Stopped)
    {
        if (!_stopped)
        {
            _stopped = true;
            StopReason = reason;
            StopOutcome = outcome;
            _stop.Cancel();
        }
    }

    /// <summary>Stops it and waits for its end.</summary>
    public async ValueTask DisposeAsync()
    {
        Stop("the fetch ends");
        if (_run is not null)
        {
            await _run;
        }
        _stop.Dispose();
    }
}
