using System.Collections.Immutable;
using System.Net;
using Pier.Membership.Identity;

namespace Pier.Membership.Members;

/// <summary>
/// The member list and each one's liveness: a state machine on the given clock, without I/O. Only direct signs of
/// life keep a member alive; what others tell adds members and newer addresses.
/// </summary>
internal sealed class MemberTable
{
    private readonly Lock gate = new();
    private readonly Dictionary<NodeId, Entry> entries = [];
    private readonly MembershipOptions options;
    private readonly TimeProvider clock;
    private MemberRecord self;
    private volatile MemberSnapshot current;
    private TaskCompletionSource changed = NewSignal();

    public MemberTable(MemberRecord self, MembershipOptions options, TimeProvider clock)
    {
        this.self = self;
        this.options = options;
        this.clock = clock;
        current = MemberSnapshot.Alone(self.ToMember(clock.GetUtcNow(), Liveness.Live));
    }

    /// <summary>The list now.</summary>
    public MemberSnapshot Current => current;

    /// <summary>What this node says of itself.</summary>
    public MemberRecord Self
    {
        get
        {
            lock (gate)
            {
                return self;
            }
        }
    }

    /// <summary>Completes when <see cref="MemberSnapshot.Version"/> leaves the given one.</summary>
    public Task ChangedSince(long version)
    {
        lock (gate)
        {
            return current.Version != version ? Task.CompletedTask : changed.Task;
        }
    }

    /// <summary>Changes what this node says of itself, once its ports are known.</summary>
    public void Describe(MemberRecord record) => Change(() => self = record);

    /// <summary>Makes this node part of the cluster of the given founder.</summary>
    public void Belong(NodeId founder) => Change(() => { }, founder);

    /// <summary>
    /// How long a referee may take to rule. One that spoke within the last heartbeats is only slow: going past it would bring a
    /// second copy over the upstream's line, so it is given more time than one that may be gone.
    /// </summary>
    public TimeSpan PatienceWith(NodeId referee)
    {
        lock (gate)
        {
            var spoke = entries.TryGetValue(referee, out var entry)
                && clock.GetTimestamp() - entry.SignAt < Ticks(options.HeartbeatEvery * 1.5);
            return spoke && options.AnswerPatience > options.RefereePatience ? options.AnswerPatience : options.RefereePatience;
        }
    }

    /// <summary>A member itself has spoken, authenticated by its key: it lives, and its own words replace older ones.</summary>
    /// <returns>False when the list is full and it is not on it.</returns>
    public bool Heard(MemberRecord record, IPAddress seenAt)
    {
        var taken = true;
        Change(() =>
        {
            if (entries.TryGetValue(record.Id, out var entry))
            {
                entry.Record = record.SeenAt(seenAt);
            }
            else if (taken = HasRoom(record.Id))
            {
                entry = entries[record.Id] = new Entry(record.SeenAt(seenAt));
            }

            entry?.Sign(clock.GetTimestamp(), clock.GetUtcNow());
        });
        return taken;
    }

    /// <summary>Another member, or the file of the last run, tells of members.</summary>
    public void Learn(IEnumerable<MemberEntry> told) => Change(() =>
    {
        foreach (var (record, silence) in told)
        {
            if (entries.TryGetValue(record.Id, out var entry))
            {
                entry.Record = record.Revision > entry.Record.Revision && !record.IsAddressOpen ? record : entry.Record;
            }
            else if (!record.IsAddressOpen && silence < options.ForgetAfter && HasRoom(record.Id))
            {
                // A newcomer just heard of elsewhere counts as live until it has had its chance to speak.
                entry = entries[record.Id] = new Entry(record);
                entry.Sign(clock.GetTimestamp() - Ticks(silence), clock.GetUtcNow() - silence);
            }
        }
    });

    /// <summary>A member says that it stops.</summary>
    public void Leave(NodeId id) => Change(() =>
    {
        if (entries.TryGetValue(id, out var entry))
        {
            entry.HasLeft = true;
        }
    });

    /// <summary>Notices who fell silent and forgets who has been for very long; to be called every second.</summary>
    public void Tick() => Change(() =>
    {
        var now = clock.GetUtcNow();
        foreach (var (id, entry) in entries)
        {
            if (now - entry.LastSeen >= options.ForgetAfter && LivenessOf(entry) != Liveness.Live)
            {
                entries.Remove(id);
            }
        }
    });

    /// <summary>All other members as this node tells of them.</summary>
    public IReadOnlyList<MemberEntry> Tell()
    {
        lock (gate)
        {
            var now = clock.GetUtcNow();
            return [.. entries.Values.Select(entry => new MemberEntry(entry.Record, Max(now - entry.LastSeen, TimeSpan.Zero)))];
        }
    }

    private static TimeSpan Max(TimeSpan left, TimeSpan right) => left > right ? left : right;

    private static TaskCompletionSource NewSignal() => new(TaskCreationOptions.RunContinuationsAsynchronously);

    private bool HasRoom(NodeId id) => id != self.Id && entries.Count < options.MaxMembers - 1;

    private Liveness LivenessOf(Entry entry) =>
        entry.HasLeft ? Liveness.Left
        : clock.GetTimestamp() - entry.SignAt < Ticks(options.DeadAfter) ? Liveness.Live
        : Liveness.Dead;

    private void Change(Action change, NodeId founder = default)
    {
        lock (gate)
        {
            change();
            var before = current;
            var others = entries.Values
                .Select(entry => entry.Record.ToMember(entry.LastSeen, LivenessOf(entry)))
                .OrderBy(member => member.Id)
                .ToImmutableArray();
            var after = new MemberSnapshot(
                before.Version, self.ToMember(clock.GetUtcNow(), Liveness.Live), others, founder.IsEmpty ? before.Founder : founder);
            if (SameButForSigns(before, after))
            {
                current = after;
                return;
            }

            current = after with { Version = before.Version + 1 };
            var signal = changed;
            changed = NewSignal();
            signal.SetResult();
        }
    }

    private static bool SameButForSigns(MemberSnapshot left, MemberSnapshot right) =>
        left.Founder == right.Founder
        && Unsigned(left.Self) == Unsigned(right.Self)
        && left.Others.Select(Unsigned).SequenceEqual(right.Others.Select(Unsigned));

    private static Member Unsigned(Member member) => member with { LastSeen = default };

    private long Ticks(TimeSpan span) => (long)(span.TotalSeconds * clock.TimestampFrequency);

    /// <summary>One other member; <see cref="SignAt"/> judges liveness, so that a changed wall clock kills nobody.</summary>
    private sealed class Entry(MemberRecord record)
    {
        public MemberRecord Record { get; set; } = record;

        public long SignAt { get; private set; }

        public DateTimeOffset LastSeen { get; private set; }

        public bool HasLeft { get; set; }

        public void Sign(long timestamp, DateTimeOffset now)
        {
            SignAt = timestamp;
            LastSeen = now;
            HasLeft = false;
        }
    }
}
