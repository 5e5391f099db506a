namespace Pier.TestKit.Engines;

/// <summary>What a node of the tests is started with.</summary>
public sealed record PierNodePlan
{
    /// <summary>Where docker.io really is; plain HTTP.</summary>
    public required Uri DockerHub { get; init; }

    /// <summary>Registries by name that are really at <see cref="DockerHub"/> too.</summary>
    public IReadOnlyList<string> AlsoThere { get; init; } = [];

    /// <summary>This node's login for docker.io, <c>user:password</c>, or null.</summary>
    public string? Login { get; init; }

    /// <summary>Host and port of a member to join, or null.</summary>
    public string? Join { get; init; }

    /// <summary>The join token, or null.</summary>
    public string? Token { get; init; }

    /// <summary>State folder when it must not be the node's own, such as one on a small disk.</summary>
    public string? State { get; init; }

    /// <summary>A content store of containerd whose blobs it gives too, or null; the machine's own is none of a test's business.</summary>
    public string? Adopt { get; init; }

    /// <summary>Further keys of the configuration file.</summary>
    public IReadOnlyDictionary<string, object> Settings { get; init; } = new Dictionary<string, object>(StringComparer.Ordinal);

    /// <summary>Socket of the engine on whose containers' behalf it seeds, or null; the machine's own is none of a test's business either.</summary>
    public string? Containers { get; init; }

    /// <summary>Further flags.</summary>
    public IReadOnlyList<string> Flags { get; init; } = [];
}
