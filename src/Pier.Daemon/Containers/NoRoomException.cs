namespace Pier.Daemon.Containers;

/// <summary>There is no room for what a label asks for; there may be later.</summary>
/// <param name="reason">What is full.</param>
/// <param name="weight">How much room it takes.</param>
internal sealed class NoRoomException(string reason, long weight) : Exception(reason)
{
    /// <summary>Room that it takes.</summary>
    public long Weight { get; } = weight;
}
