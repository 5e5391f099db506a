namespace Pier.Daemon.Containers;

/// <summary>There is no room for what a label asks for; there may be later.</summary>
/// <param name="reason">What is full.</param>
/// <param name="weight">How much room it takes, where that is what is missing.</param>
internal sealed class NoRoomException(string reason, long weight = 0) : Exception(reason)
{
    /// <summary>Room that it takes; 0 where something else is full.</summary>
    public long Weight { get; } = weight;
}
