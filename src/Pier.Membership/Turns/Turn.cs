using Pier.Membership.Identity;

namespace Pier.Membership.Turns;

/// <summary>One node's turn at one digest, as the referee remembers it; instants are timestamps of the referee's clock.</summary>
internal sealed class Turn(NodeId holder)
{
    /// <summary>Who fetches.</summary>
    public NodeId Holder { get; } = holder;

    /// <summary>Bytes it has told of.</summary>
    public long Progress { get; set; }

    /// <summary>When it was granted or last told more bytes.</summary>
    public long ProgressAt { get; set; }

    /// <summary>When its holder last said that it waits for the first byte of an upstream that may take this long.</summary>
    public long WaitedAt { get; set; }

    /// <summary>When the lease ends.</summary>
    public long LeaseUntil { get; set; }

    /// <summary>When it last was on its way, with bytes or without.</summary>
    public long AliveAt => Math.Max(ProgressAt, WaitedAt);

    /// <summary>True once the lease has run out; such a turn counts for nothing but keeps its progress in mind.</summary>
    public bool HasLapsed(long now) => LeaseUntil <= now;
}
