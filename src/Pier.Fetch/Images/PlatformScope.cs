using Pier.Content.Manifests;

namespace Pier.Fetch.Images;

/// <summary>For which platforms an index is followed.</summary>
public sealed record PlatformScope
{
    private PlatformScope(IReadOnlyList<Platform>? platforms) => Platforms = platforms;

    /// <summary>Every entry of an index.</summary>
    public static PlatformScope All { get; } = new(platforms: null);

    /// <summary>This host's own platform.</summary>
    public static PlatformScope Current { get; } = Only(Platform.Current);

    /// <summary>The platforms; null for all.</summary>
    public IReadOnlyList<Platform>? Platforms { get; }

    /// <summary>Some platforms, at least one.</summary>
    public static PlatformScope Only(params IReadOnlyList<Platform> platforms) => new(platforms);

    /// <summary>Reads <c>all</c>, or platforms with commas between them; nothing is this host's own.</summary>
    /// <exception cref="FormatException">One is no platform.</exception>
    public static PlatformScope Parse(string? text) =>
        text is null ? Current
        : text == "all" ? All
        : Only([.. text.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries).Select(Platform.Parse)]) is { Platforms.Count: > 0 } scope ? scope
        : throw new FormatException($"'{text}' names no platform.");
}
