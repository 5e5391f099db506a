using System.Collections.Frozen;
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
internal sealed class ContainerSeeds(
    BitTorrentEngine engine, SeedLibrary library, DataPlaces places, DaemonOptions options, ILogger<ContainerSeeds> logger) : IDisposable
{
    /// <summary>Most labels of one container that are read.</summary>
    public const int MostLabels = 32;

    private readonly SemaphoreSlim _gate = new(1, 1);
    private readonly SeedList _seeds = new();
    private readonly SeedSwarms _swarms = new(engine, library, options);
    private volatile FrozenDictionary<TorrentId, IReadOnlyList<string>> _names = FrozenDictionary<TorrentId, IReadOnlyList<string>>.Empty;

    /// <summary>The names of the containers on whose behalf a torrent is served; null when there are none.</summary>
    public IReadOnlyList<string>? NamesOf(TorrentId torrent) => _names.GetValueOrDefault(torrent);

    /// <summary>A container runs: what its labels name is to be proved.</summary>
    public async Task StartedAsync(HeldContainer container, CancellationToken cancellationToken)
    {
        var labels = container.Container.Labels;
        string[] names = [.. labels.Keys.Where(DataLabelText.IsName).Order(StringComparer.Ordinal)];
        if (names.Length > MostLabels)
        {
            logger.DataRefused($"{names.Length - MostLabels} labels", container.Name, $"a container may have {MostLabels}");
        }

        using var turn = await EnterAsync(cancellationToken);
        foreach (var name in names.Take(MostLabels))
        {
            try
            {
                var holder = new DataHolder(container, DataLabelText.Read(labels[name]));
                if (!_seeds.TryAdd(holder, out var full))
                {
                    logger.DataRefused(name, container.Name, full);
                }
            }
            catch (DataLabelException refused)
            {
                logger.DataRefused(name, container.Name, refused.Message);
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
            await LeaveAsync(seed, holder => holder.Container == container);
        }
    }

    /// <summary>Proves what waits and drops what has changed, until it is told to stop.</summary>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        try
        {
            while (true)
            {
                var (spoiled, waiting) = await _seeds.Queue.NextAsync(cancellationToken);
                try
                {
                    if (spoiled is not null)
                    {
                        await DropAsync(spoiled, cancellationToken);
                    }

                    while (waiting is not null && await ProveAsync(waiting, cancellationToken))
                    {
                        // The first container lied, or has ended: the next may not.
                    }
                }
                catch (Exception failure) when (!cancellationToken.IsCancellationRequested)
                {
                    // What waits behind it has nothing to do with that.
                    logger.SeedingFailed(failure);
                }
            }
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            // The daemon stops; the engine ends the swarms.
        }
    }

    /// <summary>
    /// Somebody else on this node may have had a torrent of ours and given it up: then it is served from here. What there was no
    /// room for may find some.
    /// </summary>
    public async Task LookOverAsync(CancellationToken cancellationToken)
    {
        using var turn = await EnterAsync(cancellationToken);
        foreach (var seed in _seeds.All.Where(seed => seed.Data is not null && !_swarms.Serves(seed)))
        {
            try
            {
                await _swarms.ServeAsync(seed, cancellationToken);
            }
            catch (Exception failure) when (!cancellationToken.IsCancellationRequested)
            {
                logger.SeedingFailed(failure);
            }
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

    private async Task DropAsync(SpoiledSeed spoiled, CancellationToken cancellationToken)
    {
        using var turn = await EnterAsync(cancellationToken);
        // Another container's files may have taken the place of those meanwhile.
        if (spoiled is { Source: var source, Seed: var seed } && seed.Source == source && seed.Data is not null)
        {
            logger.DataChanged(source.Label.Path, source.Container.Name, spoiled.How);
            await LeaveAsync(seed, holder => holder == source);
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
            await places.AdmitAsync(holder.Label, either.Token);
            files = await places.OpenAsync(holder, either.Token);
            var data = await DataProof.MakeAsync(holder.Label, files, either.Token);
            places.Admit(data);
            using var turn = await EnterAsync(either.Token);
            Take(seed, holder, files, data);
            files = null;
            await _swarms.ServeAsync(seed, cancellationToken);
            logger.DataServed(holder.Label.Path, holder.Container.Name, data.Torrent.Id.ToString());
            return false;
        }
        catch (OperationCanceledException) when (holder.Container.Ended.IsCancellationRequested && !cancellationToken.IsCancellationRequested)
        {
            // The container has ended, and is no holder any more by the next turn.
            return true;
        }
        catch (NoRoomException full)
        {
            logger.DataRefused(holder.Label.Path, holder.Container.Name, full.Message);
            using var turn = await EnterAsync(cancellationToken);
            _seeds.TurnAway(seed, full.Weight);
            await LeaveAsync(seed, _ => true);
            return false;
        }
        catch (Exception refused) when (!cancellationToken.IsCancellationRequested)
        {
            // Whatever a stranger's label has brought about ends with it.
            logger.DataRefused(holder.Label.Path, holder.Container.Name, refused.Message);
            using var turn = await EnterAsync(cancellationToken);
            await LeaveAsync(seed, other => other == holder);
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

    private void Take(ContainerSeed seed, DataHolder holder, IDataFiles files, ProvedData data)
    {
        _seeds.Admit(data);
        (seed.Source, seed.Files, seed.Data) = (holder, files, data);
        seed.Storage = new ProvedStorage(data, files, Spoils(seed, holder));
    }

    private Action<string> Spoils(ContainerSeed seed, DataHolder source) => how => _seeds.Queue.Drop(new SpoiledSeed(seed, source, how));

    /// <summary>Takes containers from content; what others have is read there from now on.</summary>
    private async Task LeaveAsync(ContainerSeed seed, Predicate<DataHolder> leaving)
    {
        seed.Holders.RemoveAll(leaving);
        if (seed.Source is { } source && !leaving(source))
        {
            return;
        }

        var before = seed.Files;
        while (seed.Data is not null && seed.Holders is [var next, ..] && !await MoveAsync(seed, next))
        {
            seed.Holders.Remove(next);
        }

        if (seed.Holders.Count == 0)
        {
            _seeds.Remove(seed);
            await EndAsync(seed);
        }

        if (before is not null)
        {
            await before.DisposeAsync();
        }
    }

    private async Task<bool> MoveAsync(ContainerSeed seed, DataHolder next)
    {
        try
        {
            await places.AdmitAsync(next.Label, CancellationToken.None);
            places.Admit(seed.Data!);
            var files = await places.OpenAsync(next, CancellationToken.None);
            (seed.Source, seed.Files) = (next, files);
            seed.Storage!.Move(files, Spoils(seed, next));
            return true;
        }
        catch (Exception refused) when (refused is not OperationCanceledException)
        {
            logger.DataRefused(next.Label.Path, next.Container.Name, refused.Message);
            return false;
        }
    }

    private async Task EndAsync(ContainerSeed seed)
    {
        if (seed is { Data: not null, Source: { } source })
        {
            await _swarms.EndAsync(seed);
            logger.DataEnded(source.Label.Path, source.Container.Name);
        }
    }

    private sealed class Turn(ContainerSeeds seeds) : IDisposable
    {
        public void Dispose()
        {
            seeds._names = seeds._seeds.Names();
            seeds._gate.Release();
        }
    }
}
