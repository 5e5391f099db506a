namespace Pier.Daemon.Options;

/// <summary>What the file says of one class of peers; null is "nothing said".</summary>
internal sealed record LimitSettings
{
    public string? Down { get; init; }
    public string? Up { get; init; }
    public string? Connections { get; init; }
}

/// <summary>What the file says of seeding; null is "nothing said".</summary>
internal sealed record SeedingSettings
{
    public string? Ratio { get; init; }
    public string? Time { get; init; }
}
