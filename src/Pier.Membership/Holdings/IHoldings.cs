using Pier.Content;
using Pier.Membership.Members;

namespace Pier.Membership.Holdings;

/// <summary>Who holds which sealed blobs: this node tells, and hears what the others say.</summary>
public interface IHoldings
{
    /// <summary>
    /// The live members that said lately that they hold a blob. May be seconds old, may be false, and may leave members out that
    /// hold very many: ask before anything hangs on it.
    /// </summary>
    IReadOnlyList<Member> ClaimedBy(Digest sha256);

    /// <summary>This node has sealed a blob.</summary>
    void Add(Digest sha256);

    /// <summary>This node has a blob no more.</summary>
    void Remove(Digest sha256);

    /// <summary>This node holds exactly what a look over its store finds; what changes during the look stays changed.</summary>
    Task ReplaceAsync(Func<Task<IReadOnlyCollection<Digest>>> look);
}
