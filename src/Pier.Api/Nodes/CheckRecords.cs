namespace Pier.Api.Nodes;

/// <summary>What a node finds when it looks itself over: its part of <c>pier doctor</c>.</summary>
/// <param name="Checks">In the order in which a pull meets what they are about.</param>
public sealed record CheckList(IReadOnlyList<CheckResult> Checks);

/// <summary>One thing that was looked at.</summary>
/// <param name="Name">What, in a word or two.</param>
/// <param name="State">ok, warning or failed.</param>
/// <param name="Finding">What was found.</param>
/// <param name="Remedy">How to mend it; null when nothing is wrong.</param>
public sealed record CheckResult(string Name, CheckState State, string Finding, string? Remedy = null)
{
    /// <summary>Nothing is wrong.</summary>
    public static CheckResult Ok(string name, string finding) => new(name, CheckState.Ok, finding);

    /// <summary>Pulls work, but not as they could.</summary>
    public static CheckResult Warning(string name, string finding, string? remedy) => new(name, CheckState.Warning, finding, remedy);

    /// <summary>Pulls do not go through Pier because of it.</summary>
    public static CheckResult Failed(string name, string finding, string? remedy) => new(name, CheckState.Failed, finding, remedy);
}

/// <summary>How a check ended.</summary>
public enum CheckState
{
    /// <summary>Nothing is wrong.</summary>
    Ok,

    /// <summary>Pulls work, but not as they could.</summary>
    Warning,

    /// <summary>Pulls do not go through Pier because of it.</summary>
    Failed,
}
