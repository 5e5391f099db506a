using System.Net;
using Microsoft.Extensions.Logging;
using Pier.Content;

namespace Pier.Membership;

/// <summary>What this room logs; ids 7000-7999. No secret, token or key is ever an argument.</summary>
internal static partial class LogMessages
{
    [LoggerMessage(7000, LogLevel.Information, "Node port open at {Endpoint} to members of the cluster; this node is {Node}")]
    public static partial void NodePortOpen(this ILogger logger, IPEndPoint? endpoint, string node);

    [LoggerMessage(7001, LogLevel.Warning, "Refused stranger {Node} from {Address} at {Path}: not a member")]
    public static partial void StrangerRefused(this ILogger logger, string node, IPAddress address, string? path);

    [LoggerMessage(7002, LogLevel.Warning, "Refused a malformed request from {Address} at {Path}: {Reason}")]
    public static partial void BadRequest(this ILogger logger, IPAddress address, string? path, string reason);

    [LoggerMessage(7003, LogLevel.Warning, "Refused to let {Node} from {Address} join: it does not prove that it knows the token's secret")]
    public static partial void JoinRefused(this ILogger logger, string node, IPAddress address);

    [LoggerMessage(7004, LogLevel.Warning, "Refused to let {Node} from {Address} join: the cluster has as many members as it may")]
    public static partial void ClusterFull(this ILogger logger, string node, IPAddress address);

    [LoggerMessage(7005, LogLevel.Information, "{Name} ({Node}) joined from {Address}")]
    public static partial void Joined(this ILogger logger, string name, string node, IPAddress address);

    [LoggerMessage(7006, LogLevel.Warning, "Broke off the stream of {Digest} to a member at {Offset} of {Length} bytes")]
    public static partial void StreamBroken(this ILogger logger, Digest digest, long offset, long length, Exception cause);

    [LoggerMessage(7007, LogLevel.Debug, "No answer: {Reason}")]
    public static partial void NoAnswer(this ILogger logger, string reason);

    [LoggerMessage(7008, LogLevel.Information, "Member {Name} ({Node}) is {Liveness}")]
    public static partial void LivenessChanged(this ILogger logger, string name, string node, Members.Liveness liveness);

    [LoggerMessage(7009, LogLevel.Information, "Joined the cluster of {Founder} through {Target}; {Members} other members known")]
    public static partial void ClusterJoined(this ILogger logger, string founder, string target, int members);

    [LoggerMessage(7010, LogLevel.Warning, "Cannot join {Target} yet, trying again: {Reason}")]
    public static partial void JoinDelayed(this ILogger logger, string target, string reason);

    [LoggerMessage(7011, LogLevel.Error, "Joining {Target} failed for good: {Reason}")]
    public static partial void JoinFailed(this ILogger logger, string target, string reason);

    [LoggerMessage(7012, LogLevel.Warning, "The member list of the last run is unusable; members that live will be heard of again: {Reason}")]
    public static partial void MembersLost(this ILogger logger, string reason);

    [LoggerMessage(7013, LogLevel.Error, "The member list cannot be kept; the next change tries again: {Reason}")]
    public static partial void MembersNotKept(this ILogger logger, string reason);

    [LoggerMessage(7014, LogLevel.Information, "Founded a cluster; this node is {Node}")]
    public static partial void ClusterFounded(this ILogger logger, string node);

    [LoggerMessage(7015, LogLevel.Debug, "Cluster {Part} end with this node")]
    public static partial void LoopEnded(this ILogger logger, string part);

    [LoggerMessage(7016, LogLevel.Critical, "Cluster {Part} broke; restart pierd to take part in the cluster again")]
    public static partial void LoopBroken(this ILogger logger, string part, Exception cause);
}
