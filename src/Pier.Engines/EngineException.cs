namespace Pier.Engines;

/// <summary>An engine's configuration cannot be read, understood or written; the message says which file and why, the hint what to do.</summary>
public sealed class EngineException(string message, string? hint = null, Exception? cause = null) : Exception(message, cause)
{
    /// <summary>What to do, or null.</summary>
    public string? Hint { get; } = hint;
}
