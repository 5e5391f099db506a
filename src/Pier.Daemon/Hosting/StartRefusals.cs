using System.Net.Sockets;
using Pier.Content.Contracts;
using Pier.Daemon.Listeners;
using Pier.Daemon.Options;
using Pier.Membership;
using Pier.Membership.Identity;

namespace Pier.Daemon.Hosting;

/// <summary>What the rooms throw when they cannot start, in the daemon's words: what to do, and the exit code.</summary>
internal static class StartRefusals
{
    /// <summary>False for a fault that nobody foresaw.</summary>
    public static bool Knows(Exception cause) => cause is ClusterException or NodeIdentityException or ContentStorageException;

    /// <summary>The refusal.</summary>
    public static DaemonStartException Tell(Exception cause, DaemonOptions options) => cause switch
    {
        ClusterException { Failure: ClusterFailure.PortTaken } taken => NodePort(taken, options),
        ClusterException { Failure: ClusterFailure.State } damaged => new DaemonStartException(
            ExitCode.StateUnusable, damaged.Message, $"Restore {options.State}/cluster, or remove it and join again with --join.", damaged),
        ClusterException { Failure: ClusterFailure.AlreadyMember } member => new DaemonStartException(
            ExitCode.JoinRefused, member.Message, $"Start without --join, or remove {options.State}/cluster to leave the cluster this node is in.", member),
        ClusterException refused => new DaemonStartException(
            ExitCode.JoinRefused, refused.Message, "'pier cluster token' on a member prints the right address and token.", refused),
        _ => new DaemonStartException(
            ExitCode.StateUnusable, cause.Message, $"pierd's user must own {options.State}, and there must be room on its disk.", cause),
    };

    private static DaemonStartException NodePort(ClusterException taken, DaemonOptions options)
    {
        for (Exception? cause = taken; cause is not null; cause = cause.InnerException)
        {
            if (cause is SocketException refused)
            {
                return PortCheck.Refused(new PortDoor("node", "--node", options.Node), refused);
            }
        }
        return new DaemonStartException(ExitCode.PortTaken, taken.Message, "Choose another with --node ADDRESS:PORT.", taken);
    }
}
