using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Pier.Content.Labels;
using Pier.Daemon.Options;
using Pier.Engines;
using Pier.Engines.Containers;

namespace Pier.Daemon.Containers;

/// <summary>
/// Watches the containers of a Docker Engine, where there is one: which run when the watch begins, and what happens then. An engine
/// that is not there, or hangs up, is looked for again, and what it did meanwhile is found out.
/// </summary>
/// <param name="seeds">Hears of the containers.</param>
/// <param name="options">Settings.</param>
/// <param name="time">The clock.</param>
/// <param name="logger">What happens to the watch.</param>
/// <param name="processes">Where the system tells of processes.</param>
internal sealed class ContainerWatch(
    ContainerSeeds seeds, DaemonOptions options, TimeProvider time, ILogger<ContainerWatch> logger, string processes = "/proc") : BackgroundService
{
    // One more than are read: so it shows that there are more.
    private static readonly KeptLabels Kept = new(DataLabelText.IsName, DataLabelText.MaxLength, ContainerSeeds.MostLabels + 1);

    private static readonly TimeSpan FirstPause = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan LongestPause = TimeSpan.FromMinutes(1);

    /// <summary>Also without an event: they are not promised.</summary>
    private static readonly TimeSpan LookEvery = TimeSpan.FromMinutes(1);

    /// <summary>How long a container is believed to run that only the engine can tell about, when the engine is away.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(5);

    private readonly Dictionary<string, HeldContainer> _held = new(StringComparer.Ordinal);
    private long _listed;

    /// <inheritdoc/>
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        if (options.Containers is not { } socket)
        {
            return;
        }

        // Neither goes on without the other: nothing would follow what is served, or serve what is followed.
        using var both = CancellationTokenSource.CreateLinkedTokenSource(stoppingToken);
        var proving = seeds.RunAsync(both.Token);
        var watching = WatchAsync(socket, both.Token);
        try
        {
            await await Task.WhenAny(proving, watching);
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // The daemon stops; the containers run on.
        }
        finally
        {
            await both.CancelAsync();
            await Task.WhenAll(proving, watching).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            // The swarms end with the engine, a moment from now.
            foreach (var held in _held.Values)
            {
                held.Dispose();
            }
        }
    }

    private async Task WatchAsync(string socket, CancellationToken cancellationToken)
    {
        var pause = FirstPause;
        _listed = time.GetTimestamp();
        while (true)
        {
            if (File.Exists(socket))
            {
                var began = time.GetTimestamp();
                await TryAsync(() => WatchOnceAsync(socket, cancellationToken), cancellationToken);
                pause = time.GetElapsedTime(began) > LongestPause ? FirstPause : pause;
            }

            // While nobody can be asked, what shows by itself is enough; of what does not show, the worst is believed in the end.
            var isLong = time.GetElapsedTime(_listed) > Patience;
            foreach (var ended in _held.Values.Where(held => held.HasExited || (held.Root is null && isLong)).ToArray())
            {
                await DropAsync(ended.Container.Id);
            }

            await Task.Delay(pause, time, cancellationToken);
            pause = pause * 2 < LongestPause ? pause * 2 : LongestPause;
        }
    }

    /// <summary>Watches until the engine hangs up; what runs there goes on being served.</summary>
    private async Task WatchOnceAsync(string socket, CancellationToken cancellationToken)
    {
        using var engine = new DockerContainers(socket, DataLabel.Marker, Kept, time);
        using var look = new PeriodicTimer(LookEvery, time);
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var events = engine.WatchAsync(stop.Token).GetAsyncEnumerator(stop.Token);
        var next = events.MoveNextAsync().AsTask();
        var isThere = false;
        try
        {
            var tick = look.WaitForNextTickAsync(cancellationToken).AsTask();
            while (true)
            {
                if (await Task.WhenAny(next, tick) == tick)
                {
                    await tick;
                    await ListAsync(engine, cancellationToken);
                    await TryAsync(() => seeds.LookOverAsync(cancellationToken), cancellationToken);
                    tick = look.WaitForNextTickAsync(cancellationToken).AsTask();
                    continue;
                }

                if (!await next)
                {
                    break;
                }

                if (events.Current is not { } happened)
                {
                    isThere = true;
                    await ListAsync(engine, cancellationToken);
                    logger.ContainersWatched(socket, _held.Count);
                }
                else if (happened.HasEnded)
                {
                    await DropAsync(happened.Id);
                }
                else
                {
                    await TryAsync(() => LookAsync(engine, happened.Id, cancellationToken), cancellationToken);
                }

                next = events.MoveNextAsync().AsTask();
            }
        }
        catch (EngineException gone)
        {
            // An engine that never answered is none of ours; one that did is missed.
            if (isThere)
            {
                logger.EngineGone(socket, gone.Message);
            }
        }
        finally
        {
            await stop.CancelAsync();
            // Nobody waits for that event any more.
            await ((Task)next).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            await events.DisposeAsync();
        }
    }

    /// <summary>What one container brings about ends with it: the others are watched on. Of an engine that has gone the caller hears.</summary>
    private async Task TryAsync(Func<Task> step, CancellationToken cancellationToken)
    {
        try
        {
            await step();
        }
        catch (Exception failure) when (failure is not EngineException && !cancellationToken.IsCancellationRequested)
        {
            logger.SeedingFailed(failure);
        }
    }

    private async Task ListAsync(DockerContainers engine, CancellationToken cancellationToken)
    {
        var running = await engine.ListAsync(cancellationToken);
        foreach (var id in _held.Keys.Except(running).ToArray())
        {
            await DropAsync(id);
        }

        // Of those that are seen to run there is nothing to ask: another run would have another first process.
        foreach (var id in running.Where(id => !(_held.TryGetValue(id, out var held) && held is { Root: not null, HasExited: false })))
        {
            await TryAsync(() => LookAsync(engine, id, cancellationToken), cancellationToken);
        }

        _listed = time.GetTimestamp();
    }

    private async Task LookAsync(DockerContainers engine, string id, CancellationToken cancellationToken)
    {
        var running = await engine.FindAsync(id, cancellationToken);
        if (_held.TryGetValue(id, out var known))
        {
            if (known.Container.IsSameRun(running))
            {
                return;
            }

            await DropAsync(id);
        }

        if (running is null || running.Labels.Count == 0 || _held.Count >= DockerContainers.MostContainers)
        {
            return;
        }

        var held = _held[id] = new HeldContainer(running, OpenRoot(running));
        await seeds.StartedAsync(held, cancellationToken);
    }

    private ContainerRoot? OpenRoot(RunningContainer running)
    {
        try
        {
            return ContainerRoot.Of(running, processes);
        }
        catch (IOException refused)
        {
            logger.RootClosed(running.Name, refused.Message);
            return null;
        }
    }

    private async Task DropAsync(string id)
    {
        if (_held.Remove(id, out var ended))
        {
            using (ended)
            {
                await TryAsync(() => seeds.StoppedAsync(ended), CancellationToken.None);
            }
        }
    }
}
