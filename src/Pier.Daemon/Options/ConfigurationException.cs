namespace Pier.Daemon.Options;

/// <summary>A flag or the configuration file says something that cannot be; the message says what, where and what is allowed.</summary>
internal sealed class ConfigurationException(string message, Exception? cause = null) : Exception(message, cause);
