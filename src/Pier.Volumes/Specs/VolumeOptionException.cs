namespace Pier.Volumes.Specs;

/// <summary>An option of a volume is unknown, malformed, or contradicts another; names it.</summary>
public sealed class VolumeOptionException(string message, Exception? cause = null) : FormatException(message, cause);
