using System.Buffers.Binary;
using System.Text;
using Pier.Content.Contracts;
using Pier.Volumes.Fuse.Protocol;

namespace Pier.Volumes.Fuse.Serving;

/// <summary>Answers what is asked of names and nodes. Each method answers its request once or throws.</summary>
internal sealed class NodeOperations(IContentTree tree, NodeTable nodes, TreeView view, FuseOptions options)
{
    private readonly ITreeAttributes? _attributes = tree as ITreeAttributes;

    /// <summary>LOOKUP: a name in a directory.</summary>
    public async ValueTask LookupAsync(FuseCall call, string? name)
    {
        var looking = name is null ? ValueTask.FromResult<TreeNode?>(null) : tree.LookupAsync(call.NodeId, name, call.GivenUp);
        if (!looking.IsCompleted)
        {
            call.WaitAtMost(options.Patience);
        }

        var node = await looking;
        var body = call.Body(FuseAnswers.EntrySize);
        if (node is null)
        {
            FuseAnswers.NoEntry(body.Span, view.NameSeconds(call.NodeId));
        }
        else
        {
            nodes.Hold(node);
            FuseAnswers.Entry(body.Span, view.AttributesOf(node), view.NameSeconds(call.NodeId));
        }

        call.Answer(FuseAnswers.EntrySize);
    }

    /// <summary>FORGET.</summary>
    public void Forget(ulong nodeId, ReadOnlySpan<byte> body)
    {
        if (BinaryPrimitives.TryReadUInt64LittleEndian(body, out var times))
        {
            nodes.Forget(nodeId, times);
        }
    }

    /// <summary>BATCH_FORGET.</summary>
    public void ForgetBatch(ReadOnlySpan<byte> body)
    {
        for (var left = FuseBodies.Forgotten(body); left.Length > 0; left = left[16..])
        {
            Forget(BinaryPrimitives.ReadUInt64LittleEndian(left), left[8..]);
        }
    }

    /// <summary>GETATTR.</summary>
    public async ValueTask AttributesAsync(FuseCall call)
    {
        var node = await FindAsync(call);
        FuseAnswers.Attributes(call.Body(FuseAnswers.AttributesSize).Span, view.AttributesOf(node));
        call.Answer(FuseAnswers.AttributesSize);
    }

    /// <summary>READLINK.</summary>
    public async ValueTask ReadLinkAsync(FuseCall call)
    {
        var node = await FindAsync(call);
        if (node.LinkTarget is not { } target)
        {
            call.Fail(Errno.InvalidArgument);
            return;
        }

        var length = Encoding.UTF8.GetByteCount(target);
        Encoding.UTF8.GetBytes(target, call.Body(length).Span);
        call.Answer(length);
    }

    /// <summary>STATFS.</summary>
    public void StatFileSystem(FuseCall call)
    {
        FuseAnswers.Stat(call.Body(FuseAnswers.StatSize).Span, options.TotalBytes, options.TotalNodes);
        call.Answer(FuseAnswers.StatSize);
    }

    /// <summary>GETXATTR.</summary>
    public async ValueTask ExtendedAttributeAsync(FuseCall call, uint size, string? name)
    {
        var value = _attributes is null || name is null ? null : await _attributes.GetAttributeAsync(call.NodeId, name, call.GivenUp);
        if (value is { } found)
        {
            AnswerSized(call, size, found.Span);
        }
        else
        {
            call.Fail(Errno.NoData);
        }
    }

    /// <summary>LISTXATTR.</summary>
    public async ValueTask ExtendedAttributesAsync(FuseCall call, uint size)
    {
        var names = _attributes is null ? [] : await _attributes.ListAttributesAsync(call.NodeId, call.GivenUp);
        AnswerSized(call, size, Encoding.UTF8.GetBytes(string.Concat(names.Select(name => name + '\0'))));
    }

    /// <summary>Finds the node that a request is about.</summary>
    /// <exception cref="ContentNotFoundException">There is none.</exception>
    public async ValueTask<TreeNode> FindAsync(FuseCall call)
    {
        var finding = nodes.FindAsync(call.NodeId, call.GivenUp);
        if (!finding.IsCompleted)
        {
            call.WaitAtMost(options.Patience);
        }

        return await finding ?? throw new ContentNotFoundException($"There is no node {call.NodeId}.");
    }

    private static void AnswerSized(FuseCall call, uint size, ReadOnlySpan<byte> value)
    {
        if (size == 0)
        {
            var body = call.Body(FuseAnswers.LengthSize).Span;
            body.Clear();
            BinaryPrimitives.WriteInt32LittleEndian(body, value.Length);
            call.Answer(FuseAnswers.LengthSize);
        }
        else if (value.Length > size)
        {
            call.Fail(Errno.OutOfRange);
        }
        else
        {
            value.CopyTo(call.Body(value.Length).Span);
            call.Answer(value.Length);
        }
    }
}
