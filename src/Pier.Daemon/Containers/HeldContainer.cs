using Pier.Engines.Containers;

namespace Pier.Daemon.Containers;

/// <summary>A container that is watched, for one run of it.</summary>
internal sealed class HeldContainer : IDisposable
{
    private readonly CancellationTokenSource _ended = new();

    /// <param name="container">The container.</param>
    /// <param name="root">Its file system; null when that is not to be had.</param>
    public HeldContainer(RunningContainer container, ContainerRoot? root) => (Container, Root, Ended) = (container, root, _ended.Token);

    /// <summary>What the engine says of it.</summary>
    public RunningContainer Container { get; }

    /// <summary>Its file system.</summary>
    public ContainerRoot? Root { get; }

    /// <summary>Cancelled when the run is over; told also after <see cref="Dispose"/>, since a proof may still be under way then.</summary>
    public CancellationToken Ended { get; }

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
