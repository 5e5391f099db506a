namespace Pier.BitTorrent.Swarms;

/// <summary>Feeds a swarm's loop its events, one after another, until it is stopped.</summary>
internal static class SwarmRunner
{
    // The thread may be lent by who posted the first of them, and he has a connection to read from or pieces to check.
    private const int MostInOneGo = 32;

    /// <summary>Runs until <see cref="SwarmEvent.Stop"/>.</summary>
    public static async Task RunAsync(SwarmPort port, SwarmLoop loop)
    {
        loop.Begin();
        var events = port.Events;
        for (var taken = 0; ;)
        {
            if (!events.TryTake(out var happened))
            {
                var wait = events.WaitAsync();
                if (!wait.IsCompleted)
                {
                    // Whoever brings the next lends his own.
                    taken = 0;
                }

                await wait;
                continue;
            }

            if (happened is SwarmEvent.Stop)
            {
                break;
            }

            try
            {
                loop.Apply(happened);
            }
            catch (Exception defect) when (defect is not OutOfMemoryException)
            {
                // Nothing that a peer does may get here; if something does, this torrent stops and the others go on.
                loop.Fail(defect);
            }

            if (++taken == MostInOneGo)
            {
                taken = 0;
                await Task.Yield();
            }
        }

        events.Close();
        loop.End();
        while (events.TryTake(out var late))
        {
            await late.DropAsync();
        }
    }
}
