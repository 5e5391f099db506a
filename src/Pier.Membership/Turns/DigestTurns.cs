using Pier.Content;
using Pier.Membership.Identity;

namespace Pier.Membership.Turns;

/// <summary>All that the referee knows of one digest.</summary>
internal sealed class DigestTurns(Digest digest)
{
    // Two running turns and as many lapsed ones; older memories are of no use.
    private const int MaxRemembered = 4;

    private readonly List<Turn> turns = [];

    /// <summary>The blob.</summary>
    public Digest Digest { get; } = digest;

    /// <summary>The member that sealed it, or empty.</summary>
    public NodeId DoneBy { get; set; }

    /// <summary>When <see cref="DoneBy"/> stops being worth telling.</summary>
    public long DoneUntil { get; set; }

    /// <summary>Turns whose lease still runs.</summary>
    public IEnumerable<Turn> Running(long now) => turns.Where(turn => !turn.HasLapsed(now));

    /// <summary>The turn of this node, running or lapsed, or null.</summary>
    public Turn? Of(NodeId holder) => turns.Find(turn => turn.Holder == holder);

    /// <summary>True when nothing here would change an answer.</summary>
    public bool IsIdle(long now) => !Running(now).Any() && (DoneBy.IsEmpty || DoneUntil <= now);

    /// <summary>Adds a turn, forgetting the one that lapsed first if there are too many.</summary>
    public Turn Add(NodeId holder)
    {
        Remove(holder);
        if (turns.Count >= MaxRemembered)
        {
            turns.Remove(turns.MinBy(turn => turn.LeaseUntil)!);
        }

        var added = new Turn(holder);
        turns.Add(added);
        return added;
    }

    /// <summary>Takes a turn away; false when there was none.</summary>
    public bool Remove(NodeId holder) => turns.RemoveAll(turn => turn.Holder == holder) > 0;
}
