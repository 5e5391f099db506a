using Pier.Content.Manifests;

namespace Pier.Fetch.Images;

/// <summary>For which platforms an index is followed.</summary>
public sealed record PlatformScope
{
    private PlatformScope(Platform? platform) => Platform = platform;

    /// <summary>Every entry of an index.</summary>
    public static PlatformScope All { get; } = new(platform: null);

    /// <summary>This host's own platform.</summary>
    public static PlatformScope Current { get; } = Only(Platform.Current);

    /// <summary>The platform; null for all.</summary>
    public Platform? Platform { get; }

    /// <summary>One platform.</summary>
    public static PlatformScope Only(Platform platform) => new(platform);
}
