using Pier.Content;
using Pier.Membership.Identity;
using Pier.Membership.Members;

namespace Pier.Membership.Holdings;

/// <summary>
/// What members say that they hold. Their word is seconds old and may be false: it says whom to ask first, never that a blob is
/// there. Thread-safe; bounded per member.
/// </summary>
internal sealed class HoldingsBoard(HoldingsJournal journal, IMembership membership) : IHoldings
{
    private readonly Lock _gate = new();
    private readonly Dictionary<NodeId, Known> _members = [];

    /// <inheritdoc/>
    public void Add(Digest sha256) => journal.Add(sha256);

    /// <inheritdoc/>
    public void Remove(Digest sha256) => journal.Remove(sha256);

    /// <inheritdoc/>
    public async Task ReplaceAsync(Func<Task<IReadOnlyCollection<Digest>>> look)
    {
        var before = journal.Version;
        journal.Replace(await look(), before);
    }

    /// <inheritdoc/>
    public IReadOnlyList<Member> ClaimedBy(Digest sha256)
    {
        var key = HoldingsDelta.KeyOf(sha256);
        var live = membership.Current.Live;
        lock (_gate)
        {
            return [.. live.Where(member => _members.TryGetValue(member.Id, out var known) && known.Keys.Contains(key))];
        }
    }

    /// <summary>Whether a member tells of all that it holds.</summary>
    public bool TellsAll(NodeId member)
    {
        lock (_gate)
        {
            return _members.TryGetValue(member, out var known) && !known.IsTruncated;
        }
    }

    /// <summary>What is known of a member; a moment of no node when nothing is.</summary>
    public HoldingsVersion KnownOf(NodeId member)
    {
        lock (_gate)
        {
            return _members.TryGetValue(member, out var known) ? known.Version : default;
        }
    }

    /// <summary>Takes what a member told when it was asked for what followed a moment.</summary>
    /// <returns>False when it cannot be: it tells of changes to something that is not known here, or of too much.</returns>
    public bool Take(NodeId member, HoldingsVersion asked, HoldingsDelta told)
    {
        lock (_gate)
        {
            _members.TryGetValue(member, out var known);
            if (told.IsWhole)
            {
                _members[member] = new Known(told.Version, [.. told.Added], told.IsTruncated);
                return true;
            }

            if (known is null || known.Version != asked || told.Version.Epoch != asked.Epoch || told.IsTruncated
                || known.Keys.Count + told.Added.Count - told.Removed.Count > HoldingsDelta.MaxKeys)
            {
                _members.Remove(member);
                return false;
            }

            known.Keys.ExceptWith(told.Removed);
            known.Keys.UnionWith(told.Added);
            known.Version = told.Version;
            return true;
        }
    }

    /// <summary>Forgets whoever is not on the list any more.</summary>
    public void Keep(MemberSnapshot members)
    {
        lock (_gate)
        {
            foreach (var gone in _members.Keys.Where(id => members.Find(id) is null).ToArray())
            {
                _members.Remove(gone);
            }
        }
    }

    private sealed class Known(HoldingsVersion version, HashSet<ulong> keys, bool isTruncated)
    {
        public HoldingsVersion Version { get; set; } = version;

        public HashSet<ulong> Keys => keys;

        public bool IsTruncated => isTruncated;
    }
}
