namespace Pier.Engines.Containers;

/// <summary>Which of a container's labels are kept in memory while it runs, and how much of them: strangers write them.</summary>
/// <param name="IsKept">Tells by a label's name.</param>
/// <param name="MaxLength">Most characters of a value; of a longer one there is one more, by which that shows.</param>
/// <param name="Most">Most labels of one container.</param>
public sealed record KeptLabels(Func<string, bool> IsKept, int MaxLength, int Most);
