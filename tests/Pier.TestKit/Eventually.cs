namespace Pier.TestKit;

/// <summary>Waits for a condition in real time with a deadline; the alternative to sleeping in tests of real programs.</summary>
public static class Eventually
{
    private static readonly TimeSpan FirstPause = TimeSpan.FromMilliseconds(5);
    private static readonly TimeSpan LongestPause = TimeSpan.FromMilliseconds(100);

    /// <summary>
    /// How long a test waits for real threads, sockets, children and disks. Long, since it is waited out only where something is
    /// broken, while a busy machine may leave a thread without its turn for many seconds.
    /// </summary>
    public static TimeSpan Patience { get; } = TimeSpan.FromSeconds(60);

    /// <summary>Returns when the condition holds.</summary>
    /// <exception cref="TimeoutException">It did not hold before the deadline.</exception>
    public static Task TrueAsync(Func<bool> condition, string what, TimeSpan deadline, CancellationToken cancellationToken) =>
        TrueAsync(() => Task.FromResult(condition()), what, deadline, cancellationToken);

    /// <summary>Returns when the condition holds.</summary>
    /// <exception cref="TimeoutException">It did not hold before the deadline, or one check hung until then.</exception>
    public static async Task TrueAsync(Func<Task<bool>> condition, string what, TimeSpan deadline, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(condition);
        var clock = TimeProvider.System;
        var start = clock.GetTimestamp();
        for (var pause = FirstPause; ; pause = pause * 2 < LongestPause ? pause * 2 : LongestPause)
        {
            var left = deadline - clock.GetElapsedTime(start);
            if (await CheckAsync(condition, left, clock, cancellationToken))
            {
                return;
            }
            if (clock.GetElapsedTime(start) >= deadline)
            {
                throw new TimeoutException($"Not within {deadline.TotalSeconds:0.#} s: {what}");
            }
            await Task.Delay(pause, clock, cancellationToken);
        }
    }

    private static async Task<bool> CheckAsync(Func<Task<bool>> condition, TimeSpan left, TimeProvider clock, CancellationToken cancellationToken)
    {
        try
        {
            return await condition().WaitAsync(left > TimeSpan.Zero ? left : FirstPause, clock, cancellationToken);
        }
        catch (TimeoutException) when (left <= TimeSpan.Zero || !cancellationToken.IsCancellationRequested)
        {
            return false;
        }
    }
}
