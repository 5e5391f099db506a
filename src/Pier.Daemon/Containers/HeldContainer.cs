using Pier.Engines.Containers;

namespace Pier.Daemon.Containers;

/// <summary>A container that is watched, for one run of it.</summary>
/// <param name="container">The container.</param>
/// <param name="root">Its file system; null when that is not to be had.</param>
internal sealed class HeldContainer(RunningContainer container, ContainerRoot? root) : IDisposable
{
    private readonly CancellationTokenSource _ended = new();

    /// <summary>What the engine says of it.</summary>
    public RunningContainer Container { get; } = container;

    /// <summary>Its file system.</summary>
    public ContainerRoot? Root { get; } = root;

    /// <summary>Cancelled when the run is over.</summary>
    public CancellationToken Ended => _ended.Token;

    /// <summary>The container as people know it.</summary>
    public string Name => $"{Container.Name} ({Container.Id[..12]})";

    /// <summary>Its first process is gone, as far as that can be seen from here.</summary>
    public bool HasExited => Root is { IsAlive: false };

    /// <summary>Its run is over.</summary>
    public void End() => _ended.Cancel();

    /// <inheritdoc/>
    public void Dispose()
    {
        Root?.Dispose();
        _ended.Dispose();
    }
}
