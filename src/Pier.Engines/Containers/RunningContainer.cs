namespace Pier.Engines.Containers;

/// <summary>A container that runs.</summary>
/// <param name="Id">Its id, 64 hex digits.</param>
/// <param name="Name">What people call it.</param>
/// <param name="ProcessId">Its first process, as the engine's host numbers it.</param>
/// <param name="StartedAt">When this run of it began, in the engine's words: with the process it names the run.</param>
/// <param name="Labels">Its labels, those of its image included. Strangers wrote them.</param>
public sealed record RunningContainer(string Id, string Name, int ProcessId, string StartedAt, IReadOnlyDictionary<string, string> Labels)
{
    /// <summary>True for the same run of the same container.</summary>
    public bool IsSameRun(RunningContainer? other) =>
        other is not null && Id == other.Id && ProcessId == other.ProcessId && StartedAt == other.StartedAt;
}
