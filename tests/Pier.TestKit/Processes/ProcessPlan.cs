namespace Pier.TestKit.Processes;

/// <summary>What to start and how to know that it is ready.</summary>
/// <param name="Name">What error texts call it.</param>
/// <param name="Program">Path of the program.</param>
/// <param name="Arguments">Its arguments.</param>
public sealed record ProcessPlan(string Name, string Program, IReadOnlyList<string> Arguments)
{
    /// <summary>When the program counts as ready; at once unless said otherwise.</summary>
    public Readiness Ready { get; init; } = Readiness.AtOnce;

    /// <summary>How long it may take to become ready; waited out only where something is broken.</summary>
    public TimeSpan Deadline { get; init; } = Eventually.Patience * 2;

    /// <summary>Extra environment variables; null removes one.</summary>
    public IReadOnlyDictionary<string, string?> Environment { get; init; } = new Dictionary<string, string?>(StringComparer.Ordinal);

    /// <summary>Working folder; "/" unless said otherwise.</summary>
    public string? WorkingFolder { get; init; }
}
