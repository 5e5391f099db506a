using Microsoft.Extensions.Logging;
using Pier.BitTorrent.Engine;
using Pier.BitTorrent.Torrents;
using Pier.Content.Labels;
using Pier.Daemon.Options;
using Pier.Daemon.Seeds;

namespace Pier.Daemon.Containers;

/// <summary>
/// Seeds on behalf of containers what their labels name: proved first, one after the other, then served until the last container
/// that has it stops. What is refused is logged once for each run of a container, and nothing of it is served.
/// </summary>
internal sealed class ContainerSeeds : IDisposable
{
    /// <summary>Most labels of one container that are read.</summary>
    public const int MostLabels = 32;

    private readonly DataPlaces _places;
    private readonly ILogger<ContainerSeeds> _logger;
    private readonly SemaphoreSlim _gate = new(1, 1);
    private readonly SeedList _seeds;
    private readonly SeedSwarms _swarms;
    private readonly SeedSources _sources;

    /// <param name="engine">Serves.</param>
    /// <param name="library">Seeds by request, which may have the same torrents.</param>
    /// <param name="places">Say what may be served.</param>
    /// <param name="options">Settings.</param>
    /// <param name="logger">What is served and what is not.</param>
    /// <param name="room">Weight of all that is served at most.</param>
    public ContainerSeeds(
        BitTorrentEngine engine, SeedLibrary library, DataPlaces places, DaemonOptions options, ILogger<ContainerSeeds> logger, long room = SeedList.MostBytes)
    {
        (_places, _logger) = (places, logger);
        _seeds = new SeedList(room);
        _swarms = new SeedSwarms(engine, library, options);
        _sources = new SeedSources(_seeds, _swarms, places, logger);
    }

    /// <summary>The names of the containers on whose behalf a torrent is served; null when there are none.</summary>
    public IReadOnlyList<string>? NamesOf(TorrentId torrent) => _seeds.Names.GetValueOrDefault(torrent);

    /// <summary>A container runs: what its labels name is to be proved.</summary>
    public async Task StartedAsync(HeldContainer container, CancellationToken cancellationToken)
    {
        var labels = container.Container.Labels;
        string[] names = [.. labels.Keys.Where(DataLabelText.IsName).Order(StringComparer.Ordinal)];
        if (names.Length > MostLabels)
        {
            _logger.DataRefused($"{names.Length - MostLabels} labels", container.Name, $"a container may have {MostLabels}");
        }

        using var turn = await EnterAsync(cancellationToken);
        foreach (var name in names.Take(MostLabels))
        {
            try
            {
                var holder = new DataHolder(container, DataLabelText.Read(labels[name]));
                if (!_seeds.TryAdd(holder, out var full))
                {
                    _logger.DataRefused(name, container.Name, full);
                }
            }
            catch (DataLabelException refused)
            {
                _logger.DataRefused(name, container.Name, refused.Message);
            }
        }
    }

    /// <summary>A container's run is over: what no other has is served no more.</summary>
    public async Task StoppedAsync(HeldContainer container)
    {
        container.End();
        using var turn = await EnterAsync(CancellationToken.None);
        _seeds.Leave(container);
        foreach (var seed in _seeds.All.Where(seed => seed.Holders.Exists(holder => holder.Container == container)).ToArray())
        {
            await TryAsync(() => _sources.LeaveAsync(seed, holder => holder.Container == container), CancellationToken.None);
        }
    }

    /// <summary>Proves what waits and drops what has changed, until it is told to stop. A long proof keeps nothing that has changed.</summary>
    public Task RunAsync(CancellationToken cancellationToken) => Task.WhenAll(
        LoopAsync(_seeds.Queue.NextSpoiledAsync, DropAsync, cancellationToken),
        LoopAsync(_seeds.Queue.NextWaitingAsync, ProveAnyAsync, cancellationToken));

    /// <summary>
    /// Somebody else on this node may have had a torrent of ours and given it up: then it is served from here. What turned out to
    /// be private is served no more. What there was no room for may find some.
    /// </summary>
    public async Task LookOverAsync(CancellationToken cancellationToken)
    {
        using var turn = await EnterAsync(cancellationToken);
        foreach (var seed in _seeds.All.Where(seed => seed.Data is not null).ToArray())
        {
            await TryAsync(() => LookOverAsync(seed, cancellationToken), cancellationToken);
        }

        _seeds.TryAgain();
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _gate.Dispose();
        _seeds.Dispose();
    }

    private async Task<IDisposable> EnterAsync(CancellationToken cancellationToken)
    {
        await _gate.WaitAsync(cancellationToken);
        return new Turn(this);
    }

    private async Task LoopAsync<T>(Func<CancellationToken, Task<T>> next, Func<T, CancellationToken, Task> handle, CancellationToken cancellationToken)
    {
        try
        {
            while (true)
            {
                var work = await next(cancellationToken);
                await TryAsync(() => handle(work, cancellationToken), cancellationToken);
            }
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            // The daemon stops; the engine ends the swarms.
        }
    }

    /// <summary>What waits behind a step has nothing to do with its failure.</summary>
    private async Task TryAsync(Func<Task> step, CancellationToken cancellationToken)
    {
        try
        {
            await step();
        }
        catch (Exception failure) when (!cancellationToken.IsCancellationRequested)
        {
            _logger.SeedingFailed(failure);
        }
    }

    private async Task LookOverAsync(ContainerSeed seed, CancellationToken cancellationToken)
    {
        try
        {
            _places.Admit(seed.Data!);
        }
        catch (DataRefusedException closed)
        {
            _sources.Refuse(seed.Source!, closed);
            await _sources.LeaveAsync(seed, _ => true);
            return;
        }

        await _swarms.ServeAsync(seed, cancellationToken);
    }

    private async Task DropAsync(SpoiledSeed spoiled, CancellationToken cancellationToken)
    {
        using var turn = await EnterAsync(cancellationToken);
        // Another container's files may have taken the place of those meanwhile.
        if (spoiled is { Source: var source, Seed: var seed } && seed.Source == source && seed.Data is not null)
        {
            _logger.DataChanged(source.Label.Path, source.Container.Name, spoiled.How);
            await _sources.LeaveAsync(seed, holder => holder == source);
        }
    }

    private async Task ProveAnyAsync(ContainerSeed seed, CancellationToken cancellationToken)
    {
        while (await ProveAsync(seed, cancellationToken))
        {
            // The first container lied, or has ended: the next may not.
        }
    }

    /// <summary>Proves content by its first container; true when another is to be asked.</summary>
    private async Task<bool> ProveAsync(ContainerSeed seed, CancellationToken cancellationToken)
    {
        DataHolder? holder;
        using (await EnterAsync(cancellationToken))
        {
            holder = seed.Data is null ? seed.Holders.FirstOrDefault() : null;
        }

        if (holder is null)
        {
            return false;
        }

        IDataFiles? files = null;
        try
        {
            using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, holder.Container.Ended);
            await _places.AdmitAsync(holder.Label, either.Token);
            files = await _places.OpenAsync(holder, either.Token);
            var data = await ProveAsync(holder.Label, files, either.Token);
            _places.Admit(data);
            using var turn = await EnterAsync(either.Token);
            _sources.Take(seed, holder, files, data);
            files = null;
            await _swarms.ServeAsync(seed, cancellationToken);
            _logger.DataServed(holder.Label.Path, holder.Container.Name, data.Torrent.Id.ToString());
            return false;
        }
        catch (OperationCanceledException) when (holder.Container.Ended.IsCancellationRequested && !cancellationToken.IsCancellationRequested)
        {
            // The container has ended, and is no holder any more by the next turn.
            return true;
        }
        catch (NoRoomException full)
        {
            _sources.Refuse(holder, full);
            using var turn = await EnterAsync(cancellationToken);
            _seeds.TurnAway(seed, full.Weight);
            await _sources.LeaveAsync(seed, _ => true);
            return false;
        }
        catch (Exception refused) when (!cancellationToken.IsCancellationRequested)
        {
            // Whatever a stranger's label has brought about ends with it.
            _sources.Refuse(holder, refused);
            using var turn = await EnterAsync(cancellationToken);
            await _sources.LeaveAsync(seed, other => other == holder);
            return true;
        }
        finally
        {
            if (files is not null)
            {
                await files.DisposeAsync();
            }
        }
    }

    private async Task<ProvedData> ProveAsync(DataLabel label, IDataFiles files, CancellationToken cancellationToken)
    {
        using var proof = await DataProof.BeginAsync(label, files, cancellationToken);
        // What there is no room for now is not read; whether there is room for what was proved shows when it is taken.
        using (await EnterAsync(cancellationToken))
        {
            _seeds.Admit(proof.Weight);
        }

        return await proof.RunAsync(cancellationToken);
    }

    private sealed class Turn(ContainerSeeds seeds) : IDisposable
    {
        public void Dispose()
        {
            seeds._seeds.Publish();
            seeds._gate.Release();
        }
    }
}
