using System.Collections.Frozen;
using System.Diagnostics.CodeAnalysis;
using Pier.BitTorrent.Torrents;

namespace Pier.Daemon.Containers;

/// <summary>What is served on behalf of containers, or waits to be, and how much of that there may be. Owned by <see cref="ContainerSeeds"/>.</summary>
internal sealed class SeedList : IDisposable
{
    /// <summary>Most contents that are served, or wait to be.</summary>
    public const int Most = 256;

    // What is kept in memory to notice changes of as much is 128 MiB.
    private const long MostBytes = 256L << 30;

    private readonly TurnedAway _turnedAway = new();
    private readonly Dictionary<string, ContainerSeed> _seeds = new(StringComparer.Ordinal);

    /// <summary>What is to be done about it.</summary>
    public SeedQueue Queue { get; } = new();

    /// <summary>All of it.</summary>
    public IReadOnlyCollection<ContainerSeed> All => _seeds.Values;

    private long Weight => _seeds.Values.Sum(seed => seed.Data?.Weight ?? 0);

    /// <summary>Has content proved, unless that is on its way; what there is no room for is turned away until there is.</summary>
    public bool TryAdd(DataHolder holder, [NotNullWhen(false)] out string? full)
    {
        if (!_seeds.TryGetValue(holder.Key, out var seed))
        {
            seed = new ContainerSeed(holder.Key);
            full = _seeds.Count >= Most ? $"this node serves {Most} contents on behalf of containers already"
                : Queue.TryProve(seed, holder.Cost) ? null
                : "too much waits to be proved";
            if (full is not null)
            {
                _turnedAway.Add(holder, weight: 0);
                return false;
            }

            _seeds[holder.Key] = seed;
        }

        full = null;
        seed.Holders.Add(holder);
        return true;
    }

    /// <summary>Refuses content that there is no room for.</summary>
    /// <exception cref="NoRoomException">Now there is none.</exception>
    /// <exception cref="DataRefusedException">There never is.</exception>
    public void Admit(ProvedData data)
    {
        if (Weight + data.Weight > MostBytes)
        {
            throw data.Weight > MostBytes
                ? new DataRefusedException("its torrent has too many hashes")
                : new NoRoomException($"this node serves {MostBytes >> 30} GiB on behalf of containers at most", data.Weight);
        }
    }

    /// <summary>All who have content wait until there is room for it.</summary>
    public void TurnAway(ContainerSeed seed, long weight)
    {
        foreach (var holder in seed.Holders)
        {
            _turnedAway.Add(holder, weight);
        }
    }

    /// <summary>What was turned away is tried again, as far as there is room.</summary>
    public void TryAgain()
    {
        foreach (var holder in _turnedAway.Take(MostBytes - Weight))
        {
            TryAdd(holder, out _);
        }
    }

    /// <summary>A container's run is over: it waits for no room any more.</summary>
    public void Leave(HeldContainer container) => _turnedAway.Leave(container);

    /// <summary>No container has it any more.</summary>
    public void Remove(ContainerSeed seed)
    {
        Queue.Forget(seed);
        // Its key may be another's by now.
        if (_seeds.GetValueOrDefault(seed.Key) == seed)
        {
            _seeds.Remove(seed.Key);
        }
    }

    /// <inheritdoc/>
    public void Dispose() => Queue.Dispose();

    /// <summary>The names of the containers for each torrent that is served.</summary>
    public FrozenDictionary<TorrentId, IReadOnlyList<string>> Names() => _seeds.Values.Where(seed => seed.Data is not null)
        .DistinctBy(seed => seed.Data!.Torrent.Id)
        .ToFrozenDictionary(seed => seed.Data!.Torrent.Id, IReadOnlyList<string> (seed) => [.. seed.Holders.Select(holder => holder.Container.Name)]);
}
