using System.Collections.Frozen;
using Microsoft.Extensions.Logging;
using Pier.BitTorrent;
using Pier.BitTorrent.Engine;
using Pier.BitTorrent.Swarms;
using Pier.BitTorrent.Torrents;
using Pier.Content.Contracts;
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

    /// <summary>Most contents that are served, or wait to be.</summary>
    public const int MostSeeds = 256;

    // What is kept in memory to notice changes of as much is 128 MiB.
    private const long MostBytes = 256L << 30;

    private readonly SemaphoreSlim _gate = new(1, 1);
    private readonly SeedQueue _queue = new();
    private readonly Dictionary<string, ContainerSeed> _seeds = new(StringComparer.Ordinal);
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
                Add(new DataHolder(container, DataLabelText.Read(labels[name])));
            }
            catch (Exception refused) when (refused is DataLabelException or DataRefusedException)
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
        foreach (var seed in _seeds.Values.Where(seed => seed.Holders.Exists(holder => holder.Container == container)).ToArray())
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
                var (spoiled, waiting) = await _queue.NextAsync(cancellationToken);
                if (spoiled is not null)
                {
                    await DropAsync(spoiled, cancellationToken);
                }

                while (waiting is not null && await ProveAsync(waiting, cancellationToken))
                {
                    // The first container lied, or has ended: the next may not.
                }
            }
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            // The daemon stops; the engine ends the swarms.
        }
    }

    /// <summary>Somebody else on this node may have had a torrent of ours and given it up: then it is served from here.</summary>
    public async Task LookOverAsync(CancellationToken cancellationToken)
    {
        using var turn = await EnterAsync(cancellationToken);
        foreach (var seed in _seeds.Values.Where(seed => seed.Data is { } data && (seed.Swarm is null || engine.Find(data.Torrent.Id) != seed.Swarm)))
        {
            await ServeAsync(seed, cancellationToken);
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _gate.Dispose();
        _queue.Dispose();
    }

    private async Task<IDisposable> EnterAsync(CancellationToken cancellationToken)
    {
        await _gate.WaitAsync(cancellationToken);
        return new Turn(this);
    }

    private void Add(DataHolder holder)
    {
        if (!_seeds.TryGetValue(holder.Key, out var seed))
        {
            if (_seeds.Count >= MostSeeds)
            {
                throw new DataRefusedException($"this node serves {MostSeeds} contents on behalf of containers already");
            }

            seed = new ContainerSeed(holder.Key);
            _seeds[holder.Key] = _queue.TryProve(seed, holder.Cost) ? seed : throw new DataRefusedException("too much waits to be proved");
        }

        seed.Holders.Add(holder);
    }

    private async Task DropAsync(SpoiledSeed spoiled, CancellationToken cancellationToken)
    {
        using var turn = await EnterAsync(cancellationToken);
        // Another container's files may have taken the place of those meanwhile.
        if (spoiled is { Source: { } source, Seed: var seed } && seed.Source == source)
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

        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, holder.Container.Ended);
        IDataFiles? files = null;
        try
        {
            await places.AdmitAsync(holder.Label, either.Token);
            files = await places.OpenAsync(holder, either.Token);
            var data = await DataProof.MakeAsync(holder.Label, files, either.Token);
            using var turn = await EnterAsync(either.Token);
            Take(seed, holder, files, data);
            files = null;
            await ServeAsync(seed, cancellationToken);
            logger.DataServed(holder.Label.Path, holder.Container.Name, data.Torrent.Id.ToString());
            return false;
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            // The container has ended, and is no holder any more by the next turn.
            return true;
        }
        catch (Exception refused) when (refused is DataRefusedException or IOException or ContentException or BitTorrentException)
        {
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
        if (_seeds.Values.Sum(other => other.Data?.Torrent.TotalLength ?? 0) + data.Torrent.TotalLength > MostBytes)
        {
            throw new DataRefusedException($"this node serves {MostBytes >> 30} GiB on behalf of containers at most");
        }

        (seed.Source, seed.Files, seed.Data) = (holder, files, data);
        seed.Storage = new ProvedStorage(data, files, how => _queue.Drop(new SpoiledSeed(seed, seed.Source, how)));
    }

    /// <summary>Only trackers of this node's own choice hear of it: a label names none.</summary>
    private async Task ServeAsync(ContainerSeed seed, CancellationToken cancellationToken)
    {
        var spec = SwarmSpec.For(seed.Data!.Torrent, (_, _) => ValueTask.FromResult<BitTorrent.Storage.ITorrentStorage>(seed.Storage!)) with
        {
            Twin = V1Twin.Of(seed.Data.Torrent),
            Discovery = options.Discovery,
            Trackers = options.Announce == AnnouncePolicy.Public && !seed.Data.Torrent.IsPrivate ? [.. options.Trackers.Select(tracker => new[] { tracker })] : [],
        };
        var swarm = await engine.AddAsync(spec, cancellationToken);
        seed.Swarm = ReferenceEquals(swarm.Spec, spec) ? swarm : null;
    }

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
            _seeds.Remove(seed.Key);
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
            var files = await places.OpenAsync(next, CancellationToken.None);
            (seed.Source, seed.Files) = (next, files);
            seed.Storage!.Move(files);
            return true;
        }
        catch (Exception refused) when (refused is DataRefusedException or IOException or ContentException)
        {
            logger.DataRefused(next.Label.Path, next.Container.Name, refused.Message);
            return false;
        }
    }

    private async Task EndAsync(ContainerSeed seed)
    {
        if (seed is not { Data: { } data, Source: { } source })
        {
            return;
        }

        if (seed.Swarm is { } swarm)
        {
            await engine.RemoveAsync(swarm);
            // 'pier seed' may have been told of the same meanwhile, and have found it served.
            await library.ResumeAsync(data.Torrent.Id);
        }

        (seed.Data, seed.Swarm) = (null, null);
        logger.DataEnded(source.Label.Path, source.Container.Name);
    }

    private sealed class Turn(ContainerSeeds seeds) : IDisposable
    {
        public void Dispose()
        {
            seeds._names = seeds._seeds.Values.Where(seed => seed.Data is not null)
                .DistinctBy(seed => seed.Data!.Torrent.Id)
                .ToFrozenDictionary(seed => seed.Data!.Torrent.Id, IReadOnlyList<string> (seed) => [.. seed.Holders.Select(holder => holder.Container.Name)]);
            seeds._gate.Release();
        }
    }
}
