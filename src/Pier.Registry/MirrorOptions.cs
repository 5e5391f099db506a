using Pier.Registry.Access;

namespace Pier.Registry;

/// <summary>How the registry door behaves.</summary>
public sealed record MirrorOptions
{
    /// <summary>
    /// The name under which this node signs its requests to upstreams in <c>Via</c> (RFC 9110 §7.6.3); a request that
    /// carries it has come round in a circle. Null when requests are not signed.
    /// </summary>
    public string? Pseudonym { get; init; }

    /// <summary>Whether each request is written down, without what is secret.</summary>
    public bool RequestLog { get; init; }

    /// <summary>
    /// Whether clients are asked for a login at the base of the protocol, so that those bring theirs that send none unasked (Docker,
    /// Podman, skopeo). Who has none goes on without.
    /// </summary>
    public bool AskLogin { get; init; }

    /// <summary>What clients may push.</summary>
    public PushOptions Push { get; init; } = new();

    /// <summary>Who may do what.</summary>
    public AccessOptions Access { get; init; } = new();
}
