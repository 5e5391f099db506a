namespace Pier.TestKit.Processes;

/// <summary>A program ended, or its deadline passed, before it was ready; the text holds its last lines.</summary>
public sealed class ProcessNotReadyException(string message, Exception? cause = null) : Exception(message, cause);
