namespace Pier.Daemon.Listeners;

/// <summary>What a listener is for; a connection carries it as a feature, and the request goes to that role's endpoints.</summary>
internal enum ListenerRole
{
    /// <summary>Registry clients.</summary>
    Registry,

    /// <summary>Control API over TCP: health and metrics for all, the rest with a token.</summary>
    Control,

    /// <summary>Control API over the Unix socket, whose file mode is the permission.</summary>
    Socket,

    /// <summary>Docker's volume driver, over a Unix socket that the engine knows.</summary>
    Driver,
}

/// <summary>The connection feature that tells by which door a request came.</summary>
internal sealed record ListenerFeature(ListenerRole Role);
