using Pier.Buildkit.Wire;

namespace Pier.Buildkit.Llb;

/// <summary>
/// Follows an image's file system through the operations that made it, from the last to the first, and finds what was copied
/// into it: what only passed through other stages is not in it.
/// </summary>
internal sealed class RootfsWalk
{
    private readonly Dictionary<string, Op> _operations = new(StringComparer.Ordinal);
    private readonly HashSet<(string, long)> _seen = [];
    private readonly List<(string Digest, string Destination)> _copies = [];

    private RootfsWalk(Definition definition)
    {
        foreach (var bytes in definition.Def)
        {
            _operations[Sha256.Text(bytes.Span)] = Op.Parser.ParseFrom(bytes);
        }
    }

    /// <summary>The copies that made the result: the operation that each took files from, and where they went.</summary>
    public static IReadOnlyList<(string Digest, string Destination)> CopiesOf(Definition definition)
    {
        if (definition.Def.Count == 0)
        {
            return [];
        }

        var walk = new RootfsWalk(definition);
        var pending = new Stack<(string Digest, long Index)>();
        pending.Push(ResultOf(definition));
        while (pending.TryPop(out var next))
        {
            if (walk._seen.Add(next) && walk._operations.TryGetValue(next.Digest, out var operation))
            {
                foreach (var input in walk.Follow(operation, next.Index).Where(input => input >= 0 && input < operation.Inputs.Count))
                {
                    pending.Push((operation.Inputs[(int)input].Digest, operation.Inputs[(int)input].Index));
                }
            }
        }

        return walk._copies;
    }

    /// <summary>The operation, and which of its outputs, that a definition's last entry names.</summary>
    public static (string Digest, long Index) ResultOf(Definition definition)
    {
        var last = Op.Parser.ParseFrom(definition.Def[^1]).Inputs[0];
        return (last.Digest, last.Index);
    }

    private IEnumerable<long> Follow(Op operation, long output) => operation.OpCase switch
    {
        Op.OpOneofCase.Exec => operation.Exec.Mounts.Where(mount => mount.Output == output).Select(mount => mount.Input),
        Op.OpOneofCase.Merge => operation.Merge.Inputs.Select(input => input.Input),
        Op.OpOneofCase.File => FollowActions(operation, output),
        _ => [],
    };

    /// <summary>The actions of a file operation are a chain of their own; what it begins with is what they work on.</summary>
    private long[] FollowActions(Op operation, long output)
    {
        var actions = operation.File.Actions;
        var at = actions.ToList().FindLastIndex(action => action.Output == output);
        while (at >= 0 && at < actions.Count)
        {
            var action = actions[at];
            if (action.Copy is { } copy && action.SecondaryInput >= 0 && action.SecondaryInput < operation.Inputs.Count)
            {
                _copies.Add((operation.Inputs[(int)action.SecondaryInput].Digest, copy.Dest));
            }

            if (action.Input < operation.Inputs.Count)
            {
                return [action.Input];
            }

            // Actions come after the inputs in the numbering, and each works on one before it.
            var before = (int)action.Input - operation.Inputs.Count;
            at = before < at ? before : -1;
        }

        return [];
    }
}
