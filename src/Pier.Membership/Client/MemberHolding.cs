using Pier.Membership.Members;
using Pier.Membership.NodePort;

namespace Pier.Membership.Client;

/// <summary>A member's word on one blob.</summary>
/// <param name="Member">Who says so.</param>
/// <param name="Holding">What it has.</param>
public sealed record MemberHolding(Member Member, NodeHolding Holding);
