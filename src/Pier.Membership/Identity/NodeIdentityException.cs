namespace Pier.Membership.Identity;

/// <summary>The node's key file is unusable; the message names the file and what to do.</summary>
public sealed class NodeIdentityException(string message, Exception? cause = null) : IOException(message, cause);
