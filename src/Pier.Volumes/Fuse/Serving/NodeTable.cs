using System.Runtime.InteropServices;
using Pier.Content.Contracts;

namespace Pier.Volumes.Fuse.Serving;

/// <summary>
/// The nodes that the kernel holds, each with the times it was told of it, so that it can be let go when all are forgotten.
/// What was told by a former server is found again in the tree, whose ids stay. Thread-safe.
/// </summary>
internal sealed class NodeTable(IContentTree tree)
{
    private const int Shards = 16;

    private readonly Shard[] _shards = [.. Enumerable.Range(0, Shards).Select(_ => new Shard())];

    /// <summary>Nodes held.</summary>
    public int Count => _shards.Sum(shard => shard.Count);

    /// <summary>The kernel is about to be told of a node.</summary>
    public void Hold(TreeNode node) => ShardOf(node.Id).Hold(node);

    /// <summary>The kernel forgets some of the times that it was told of a node.</summary>
    public void Forget(ulong id, ulong times) => ShardOf(id).Forget(id, times);

    /// <summary>A node by its id; null when there is none.</summary>
    public ValueTask<TreeNode?> FindAsync(ulong id, CancellationToken cancellationToken) =>
        ShardOf(id).Find(id) is { } node ? ValueTask.FromResult<TreeNode?>(node) : tree.FindAsync(id, cancellationToken);

    private Shard ShardOf(ulong id) => _shards[id % Shards];

    private sealed class Shard
    {
        private const int Small = 1024;

        private readonly Lock _gate = new();
        private readonly Dictionary<ulong, (TreeNode Node, ulong Times)> _held = [];

        public int Count
        {
            get
            {
                lock (_gate)
                {
                    return _held.Count;
                }
            }
        }

        public void Hold(TreeNode node)
        {
            lock (_gate)
            {
                ref var held = ref CollectionsMarshal.GetValueRefOrAddDefault(_held, node.Id, out _);
                held = (node, held.Times + 1);
            }
        }

        public void Forget(ulong id, ulong times)
        {
            lock (_gate)
            {
                ref var held = ref CollectionsMarshal.GetValueRefOrNullRef(_held, id);
                if (System.Runtime.CompilerServices.Unsafe.IsNullRef(ref held))
                {
                    return;
                }

                if (held.Times <= times)
                {
                    _held.Remove(id);
                    if (_held.Capacity > Small && _held.Count < _held.Capacity / 8)
                    {
                        // Whoever has looked at a million files once need not be remembered for it.
                        _held.TrimExcess();
                    }
                }
                else
                {
                    held.Times -= times;
                }
            }
        }

        public TreeNode? Find(ulong id)
        {
            lock (_gate)
            {
                return _held.TryGetValue(id, out var held) ? held.Node : null;
            }
        }
    }
}
