using Pier.Content.Passwords;

namespace Pier.Registry.Access;

/// <summary>Users of the registry door and what they may do. Without users nobody is asked for a name.</summary>
public sealed record AccessOptions
{
    /// <summary>Users and what is kept of their passwords.</summary>
    public IReadOnlyDictionary<string, PasswordHash> Users { get; init; } = new Dictionary<string, PasswordHash>(StringComparer.Ordinal);

    /// <summary>Rules; a request is allowed when one of them allows it. What no rule names is open, as without rules.</summary>
    public IReadOnlyList<AccessRule> Rules { get; init; } = [];

    /// <summary>The file of the key that signs tokens and its certificate; made where it is missing.</summary>
    public string KeyFile { get; init; } = "";

    /// <summary>The issuer and the audience of tokens, for other registries that are to trust them.</summary>
    public string Service { get; init; } = "pier";

    /// <summary>How long a token is good for.</summary>
    public TimeSpan TokenLifetime { get; init; } = TimeSpan.FromMinutes(5);
}
