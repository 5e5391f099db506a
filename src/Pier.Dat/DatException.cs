namespace Pier.Dat;

/// <summary>The command cannot be done; the message is for whoever typed it.</summary>
internal sealed class DatException(string message, Exception? cause = null) : Exception(message, cause)
{
    /// <summary>The usage follows the message: the command itself was wrong.</summary>
    public bool ShowsUsage { get; init; }
}
