using Pier.Membership.Members;

namespace Pier.Fetch.Sources.Members;

/// <summary>A source that stands or falls with one member, which the referee is told when it fails.</summary>
internal interface IMemberBacked
{
    /// <summary>The member.</summary>
    Member Member { get; }
}
