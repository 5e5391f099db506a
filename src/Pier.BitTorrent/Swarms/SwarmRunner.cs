namespace Pier.BitTorrent.Swarms;

/// <summary>Feeds a swarm's loop its events, one after another, until it is stopped.</summary>
internal static class SwarmRunner
{
    /// <summary>Runs until <see cref="SwarmEvent.Stop"/>.</summary>
    public static async Task RunAsync(SwarmPort port, SwarmLoop loop)
    {
        loop.Begin();
        await foreach (var happened in port.Events.ReadAllAsync(CancellationToken.None))
        {
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
        }

        port.Close();
        loop.End();
        while (port.Events.TryRead(out var late))
        {
            await late.DropAsync();
        }
    }
}
