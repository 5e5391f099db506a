using System.Collections.Frozen;
using System.Diagnostics.CodeAnalysis;
using Pier.BitTorrent.Torrents;

namespace Pier.Daemon.Containers;

/// <summary>What is served on behalf of containers, or waits to be, and how much of that there may be. Owned by <see cref="ContainerSeeds"/>.</summary>
/// <param name="room">Weight of all that is served at most.</param>
internal sealed class SeedList(long room) : IDisposable
{
    /// <summary>Most contents that are served, or wait to be.</summary>
    public const int Most = 256;

    /// <summary>Weight of all that is served at most, <see cref="ProvedData.Weight"/>. What is kept in memory to notice changes of as much is 128 MiB.</summary>
    public const long MostBytes = 256L << 30;

    private readonly TurnedAway _turnedAway = new();
    private readonly Dictionary<string, ContainerSeed> _seeds = new(StringComparer.Ordinal);
    private volatile FrozenDictionary<TorrentId, IReadOnlyList<string>> _names = FrozenDictionary<TorrentId, IReadOnlyList<string>>.Empty;
    private bool _hasChanged;

    /// <summary>What is to be done about it.</summary>
    public SeedQueue Queue { get; } = new();

    /// <summary>All of it.</summary>
    public IReadOnlyCollection<ContainerSeed> All => _seeds.Values;

    /// <summary>The names of the containers for each torrent that is served, as they were published. Thread-safe.</summary>
    public IReadOnlyDictionary<TorrentId, IReadOnlyList<string>> Names => _names;

    private long Weight => _seeds.Values.Sum(seed => seed.Data?.Weight ?? 0);

    /// <summary>Has content proved, unless that is on its way; what there is no room for is turned away until there is.</summary>
    public bool TryAdd(DataHolder holder, [NotNullWhen(false)] out string? full)
    {
        if (!_seeds.TryGetValue(holder.Key, out var seed))
        {
            if (_seeds.Count >= Most)
            {
                full = $"this node serves {Most} contents on behalf of containers already";
                _turnedAway.Add(holder, weight: 0);
                return false;
            }

            _seeds[holder.Key] = seed = new ContainerSeed(holder.Key);
            Queue.Prove(seed, holder.Cost);
        }

        full = null;
        seed.Holders.Add(holder);
        _hasChanged |= seed.Data is not null;
        return true;
    }

    /// <summary>Refuses content that there is no room for.</summary>
    /// <param name="weight">How much room it takes.</param>
    /// <exception cref="NoRoomException">Now there is none.</exception>
    /// <exception cref="DataRefusedException">There never is.</exception>
    public void Admit(long weight)
    {
        if (Weight + weight > room)
        {
            throw weight > room
                ? new DataRefusedException("its torrent has too many hashes")
                : new NoRoomException($"this node serves {room >> 30} GiB on behalf of containers at most", weight);
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
        foreach (var holder in _turnedAway.Take(room - Weight))
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

    /// <summary>Who has what is served is not as it was published.</summary>
    public void Change() => _hasChanged = true;

    /// <summary>Publishes the names, where they have changed.</summary>
    public void Publish()
    {
        if (_hasChanged)
        {
            _names = Collect();
            _hasChanged = false;
        }
    }

    /// <inheritdoc/>
    public void Dispose() => Queue.Dispose();

    private FrozenDictionary<TorrentId, IReadOnlyList<string>> Collect() => _seeds.Values.Where(seed => seed.Data is not null)
        .DistinctBy(seed => seed.Data!.Torrent.Id)
        .ToFrozenDictionary(seed => seed.Data!.Torrent.Id, IReadOnlyList<string> (seed) => [.. seed.Holders.Select(holder => holder.Container.Name)]);
}
