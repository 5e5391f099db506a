namespace Pier.Registry.Access;

/// <summary>What may be done with a repository; the words of token scopes (distribution token specification).</summary>
[Flags]
public enum RegistryActions
{
    /// <summary>Nothing.</summary>
    None = 0,

    /// <summary>Read manifests, blobs, tags, referrers.</summary>
    Pull = 1,

    /// <summary>Bring content in.</summary>
    Push = 2,

    /// <summary>Take content out.</summary>
    Delete = 4,

    /// <summary>All of these.</summary>
    All = Pull | Push | Delete,
}
