namespace Pier.Engines.Containers;

/// <summary>Something happened to a container.</summary>
/// <param name="Id">Its id.</param>
/// <param name="HasEnded">Its run is over; otherwise it is to be looked at.</param>
public sealed record ContainerEvent(string Id, bool HasEnded);
