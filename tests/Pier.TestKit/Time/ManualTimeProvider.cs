namespace Pier.TestKit.Time;

/// <summary>A clock that only moves when a test says so; timers fire in order of due time, on the thread that advances.</summary>
public sealed class ManualTimeProvider : TimeProvider
{
    private readonly Lock _gate = new();
    private readonly List<ManualTimer> _armed = [];
    private DateTimeOffset _now;
    private long _armings;

    /// <summary>Starts the clock at <paramref name="start"/>, or at 2026-01-01 UTC.</summary>
    public ManualTimeProvider(DateTimeOffset? start = null)
    {
        Start = start ?? new DateTimeOffset(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);
        _now = Start;
    }

    /// <summary>The time at which this clock was made.</summary>
    public DateTimeOffset Start { get; }

    /// <summary>How many timers wait to fire now.</summary>
    public int ArmedTimers
    {
        get
        {
            lock (_gate) { return _armed.Count; }
        }
    }

    /// <summary>How often a timer has been armed since the start; lets a test see that a loop went round and waits again.</summary>
    public long Armings => Interlocked.Read(ref _armings);

    /// <summary>When the next timer is due, or null when none is armed.</summary>
    public DateTimeOffset? NextDue
    {
        get
        {
            lock (_gate) { return _armed.Count == 0 ? null : _armed.Min(timer => timer.Due); }
        }
    }

    /// <inheritdoc/>
    public override long TimestampFrequency => TimeSpan.TicksPerSecond;

    /// <inheritdoc/>
    public override DateTimeOffset GetUtcNow()
    {
        lock (_gate) { return _now; }
    }

    /// <inheritdoc/>
    public override long GetTimestamp() => GetUtcNow().UtcTicks;

    /// <inheritdoc/>
    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        ArgumentNullException.ThrowIfNull(callback);
        var timer = new ManualTimer(this, callback, state);
        timer.Change(dueTime, period);
        return timer;
    }

    /// <summary>Moves the clock forward and fires each timer at its own due time, the earliest first; equal ones in the order of arming.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The step is negative.</exception>
    public void Advance(TimeSpan step)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(step, TimeSpan.Zero);
        DateTimeOffset target;
        lock (_gate) { target = _now + step; }
        while (TakeDue(target) is { } timer)
        {
            timer.Fire();
        }
    }

    internal void Arm(ManualTimer timer, TimeSpan dueTime, TimeSpan period)
    {
        lock (_gate)
        {
            _armed.Remove(timer);
            if (dueTime == Timeout.InfiniteTimeSpan)
            {
                return;
            }
            timer.Due = _now + dueTime;
            timer.Period = period;
            _armed.Add(timer);
            Interlocked.Increment(ref _armings);
        }
    }

    internal void Disarm(ManualTimer timer)
    {
        lock (_gate) { _armed.Remove(timer); }
    }

    private ManualTimer? TakeDue(DateTimeOffset target)
    {
        lock (_gate)
        {
            // MinBy keeps the first of equals, which is the one armed first.
            var next = _armed.MinBy(timer => timer.Due);
            if (next is null || next.Due > target)
            {
                _now = target;
                return null;
            }
            _now = next.Due > _now ? next.Due : _now;
            _armed.Remove(next);
            if (next.Period > TimeSpan.Zero)
            {
                next.Due += next.Period;
                _armed.Add(next);
                Interlocked.Increment(ref _armings);
            }
            return next;
        }
    }
}
