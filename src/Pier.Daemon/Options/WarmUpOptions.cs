using Pier.Content.References;
using Pier.Fetch.Images;

namespace Pier.Daemon.Options;

/// <summary>Images that are pulled when the daemon starts, and again from time to time.</summary>
internal sealed record WarmUpOptions
{
    /// <summary>Without any.</summary>
    public static WarmUpOptions None { get; } = new();

    /// <summary>The images.</summary>
    public IReadOnlyList<ImageReference> Images { get; init; } = [];

    /// <summary>A file with more of them, one a line, read again each time; null for none.</summary>
    public string? File { get; init; }

    /// <summary>Time from one round to the next.</summary>
    public TimeSpan Every { get; init; } = TimeSpan.FromHours(1);

    /// <summary>For which platforms.</summary>
    public PlatformScope Scope { get; init; } = PlatformScope.Current;

    /// <summary>True when there is nothing to do.</summary>
    public bool IsNone => Images.Count == 0 && File is null;
}
