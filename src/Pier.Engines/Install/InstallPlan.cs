namespace Pier.Engines.Install;

/// <summary>What installing or uninstalling does, as data: it can be shown, compared and then carried out.</summary>
/// <param name="Engine">The engine.</param>
/// <param name="Edits">Files that change, those that stay left out.</param>
/// <param name="Remarks">What the user should know or do besides.</param>
/// <param name="Reload">How the engine takes it up.</param>
public sealed record InstallPlan(string Engine, IReadOnlyList<FileEdit> Edits, IReadOnlyList<string> Remarks, EngineReload Reload)
{
    /// <summary>Every file that is to tell the engine of Pier, whether it changes or not.</summary>
    internal IReadOnlyList<string> Files { get; init; } = [];

    /// <summary>True when there is nothing to do.</summary>
    public bool IsEmpty => Edits.Count == 0;

    /// <summary>All changes as <c>diff -u</c> shows them.</summary>
    public string Diff => string.Concat(Edits.Select(edit => edit.Diff));
}

/// <summary>How an engine takes up changed files.</summary>
/// <param name="PidFile">File with the id of the process that reads them anew on SIGHUP; null when none does.</param>
/// <param name="Program">Name of that process.</param>
/// <param name="Command">What a user runs to the same end; null when nothing is needed.</param>
/// <param name="Effect">What it means for containers that run.</param>
public sealed record EngineReload(string? PidFile, string? Program, string? Command, string Effect)
{
    /// <summary>The engine reads the files at each pull.</summary>
    public static EngineReload None { get; } = new(null, null, null, "the next pull takes it up");
}
