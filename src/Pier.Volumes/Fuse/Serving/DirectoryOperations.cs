using System.Collections.Concurrent;
using System.Security.Cryptography;
using Pier.Content.Contracts;
using Pier.Volumes.Fuse.Protocol;

namespace Pier.Volumes.Fuse.Serving;

/// <summary>Answers what is asked of directories. Each method answers its request once or throws.</summary>
internal sealed class DirectoryOperations(IContentTree tree, NodeTable nodes, NodeOperations names, TreeView view, FuseOptions options) : IAsyncDisposable
{
    private const int MaxAnswer = 1 << 20;
    private const int DotEntries = 2;

    private readonly ConcurrentDictionary<ulong, DirectoryHandle> _open = new();

    // Far from those of a former server, whose handles may still be open.
    private long _last = (long)RandomNumberGenerator.GetInt32(int.MaxValue) << 31;

    /// <summary>Open directories.</summary>
    public int Count => _open.Count;

    /// <summary>OPENDIR.</summary>
    public async ValueTask OpenAsync(FuseCall call)
    {
        if ((await names.FindAsync(call)).Kind != TreeNodeKind.Directory)
        {
            call.Fail(Errno.NotADirectory);
            return;
        }

        var handle = (ulong)Interlocked.Increment(ref _last);
        _open[handle] = new DirectoryHandle(tree, call.NodeId);
        var flags = view.IsFixed(call.NodeId) ? FuseOpenFlags.KeepCache | FuseOpenFlags.CacheDirectory : FuseOpenFlags.None;
        FuseAnswers.Open(call.Body(FuseAnswers.OpenSize).Span, handle, flags, backing: 0);
        call.Answer(FuseAnswers.OpenSize);
    }

    /// <summary>READDIR and READDIRPLUS.</summary>
    public async ValueTask ReadAsync(FuseCall call, FuseRead read, bool plus)
    {
        // A handle of a former server names nothing here.
        var directory = _open.GetOrAdd(read.Handle, static (_, state) => new DirectoryHandle(state.Tree, state.Node), (Tree: tree, Node: call.NodeId));

        await directory.Gate.WaitAsync(call.GivenUp);
        try
        {
            await FillAsync(call, directory, read, plus);
        }
        finally
        {
            directory.Gate.Release();
        }
    }

    /// <summary>RELEASEDIR.</summary>
    public async ValueTask ReleaseAsync(FuseCall call, ulong handle)
    {
        call.Fail(0);
        if (_open.TryRemove(handle, out var directory))
        {
            await directory.DisposeAsync();
        }
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        foreach (var handle in _open.Keys)
        {
            if (_open.TryRemove(handle, out var directory))
            {
                await directory.DisposeAsync();
            }
        }
    }

    private async ValueTask FillAsync(FuseCall call, DirectoryHandle directory, FuseRead read, bool plus)
    {
        var writer = new DirectoryWriter(call.Body((int)Math.Min(read.Size, MaxAnswer)), plus, view.NameSeconds(call.NodeId));
        var place = read.Offset;
        var isFull = place < DotEntries && !AddDots(ref writer, ref place, await names.FindAsync(call));
        while (!isFull)
        {
            var looking = directory.AtAsync(place - DotEntries, call.GivenUp);
            if (!looking.IsCompleted)
            {
                call.WaitAtMost(options.Patience);
            }

            if (await looking is not { } node)
            {
                break;
            }

            place++;
            if (!TreeView.IsShown(node))
            {
                continue;
            }

            isFull = !writer.TryAdd(node.Name, view.AttributesOf(node), place, isHeld: plus);
            if (!isFull && plus)
            {
                nodes.Hold(node);
            }
        }

        call.Answer(writer.Length);
    }

    // The tree does not say what lies above; programs take it from the kernel, not from here.
    private bool AddDots(ref DirectoryWriter writer, ref long place, TreeNode node)
    {
        while (place < DotEntries)
        {
            if (!writer.TryAdd(place == 0 ? "." : "..", view.AttributesOf(node), place + 1, isHeld: false))
            {
                return false;
            }

            place++;
        }

        return true;
    }
}
