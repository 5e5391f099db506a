namespace Pier.Dat.Serving;

/// <summary>Keeps one line of work going: begun again when it ends, later each time, at once when it had run for long.</summary>
/// <param name="time">The clock.</param>
/// <param name="say">Told why it ended and when it goes on.</param>
internal sealed class Watchdog(TimeProvider time, Action<string> say)
{
    private static readonly TimeSpan First = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan Longest = TimeSpan.FromMinutes(5);

    /// <summary>Runs the work until it is told to stop.</summary>
    /// <param name="name">What the work is called.</param>
    /// <param name="work">Returns, or throws, when it has ended.</param>
    /// <param name="cancellationToken">Stops.</param>
    public async Task KeepAsync(string name, Func<CancellationToken, Task<string>> work, CancellationToken cancellationToken)
    {
        var pause = First;
        while (!cancellationToken.IsCancellationRequested)
        {
            var since = time.GetTimestamp();
            string end;
            try
            {
                end = await work(cancellationToken);
            }
            catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
            {
                return;
            }
            catch (Exception failure) when (failure is not OutOfMemoryException)
            {
                end = failure.Message;
            }

            if (cancellationToken.IsCancellationRequested)
            {
                return;
            }

            pause = time.GetElapsedTime(since) > Longest ? First : pause;
            say($"{name}: {end.TrimEnd('.')}; again in {pause.TotalSeconds:0} s");
            try
            {
                await Task.Delay(pause, time, cancellationToken);
            }
            catch (OperationCanceledException)
            {
                return;
            }

            pause = pause * 2 < Longest ? pause * 2 : Longest;
        }
    }
}
