namespace Pier.Daemon.Containers;

/// <summary>What a label asks for is not done; the message says why.</summary>
internal sealed class DataRefusedException(string reason, Exception? cause = null) : Exception(reason, cause);
