namespace Pier.Daemon.Containers;

/// <summary>What there was no room for, until there is or its container ends. Owned by <see cref="ContainerSeeds"/>.</summary>
internal sealed class TurnedAway
{
    /// <summary>Most that wait; those beyond are forgotten.</summary>
    public const int Most = 1024;

    private readonly List<(DataHolder Holder, long Weight)> _waiting = [];

    /// <summary>Has it wait.</summary>
    /// <param name="holder">The container, and its label.</param>
    /// <param name="weight">Room that it takes, as far as that is known.</param>
    public void Add(DataHolder holder, long weight)
    {
        if (_waiting.Count < Most)
        {
            _waiting.Add((holder, weight));
        }
    }

    /// <summary>A container's run is over.</summary>
    public void Leave(HeldContainer container) => _waiting.RemoveAll(waiting => waiting.Holder.Container == container);

    /// <summary>Takes out those that there may be room for now, those first that came first.</summary>
    /// <param name="room">How much there is.</param>
    public IReadOnlyList<DataHolder> Take(long room)
    {
        var fitting = new List<DataHolder>();
        _waiting.RemoveAll(waiting =>
        {
            if (waiting.Weight > room)
            {
                return false;
            }

            room -= waiting.Weight;
            fitting.Add(waiting.Holder);
            return true;
        });
        return fitting;
    }
}
