using System.Buffers.Binary;
using Microsoft.Extensions.Logging;
using Pier.Content.Contracts;
using Pier.Volumes.Fuse.Device;
using Pier.Volumes.Fuse.Protocol;

namespace Pier.Volumes.Fuse.Serving;

/// <summary>
/// Takes each request to the operation that answers it, and makes failures error numbers. What completes at once is answered
/// on the caller's thread without allocating; what must wait is answered where it ends. Thread-safe.
/// </summary>
internal sealed class FuseDispatcher : IAsyncDisposable
{
    private readonly FuseOptions _options;
    private readonly ILogger _log;
    private readonly CallTable _calls;
    private readonly FileTable _files;
    private readonly NodeOperations _names;
    private readonly FileOperations _contents;
    private readonly DirectoryOperations _directories;
    private readonly IFuseFailures _failures;

    public FuseDispatcher(IContentTree tree, FuseOptions options, IBackingFiles backings, HandleCounts handles, IFuseFailures failures, TimeProvider time, ILogger log)
    {
        if (tree.Root != FuseRoot)
        {
            throw new ArgumentException($"The kernel's root is node {FuseRoot}; this tree's is {tree.Root}.", nameof(tree));
        }

        var view = new TreeView(tree, options);
        _options = options;
        _log = log;
        _failures = failures;
        _calls = new CallTable(time);
        Nodes = new NodeTable(tree);
        _files = new FileTable(backings, handles);
        _names = new NodeOperations(tree, Nodes, view, options);
        _contents = new FileOperations(tree, _files, _names, options);
        _directories = new DirectoryOperations(tree, Nodes, _names, view, options);
    }

    /// <summary>The node that every mount begins with.</summary>
    public const ulong FuseRoot = 1;

    /// <summary>The nodes that the kernel holds.</summary>
    public NodeTable Nodes { get; }

    /// <summary>Files open now.</summary>
    public int OpenFiles => _files.Count;

    /// <summary>Files that the kernel was let read itself, ever.</summary>
    public long Passthroughs => _files.Passthroughs;

    /// <summary>Directories open now.</summary>
    public int OpenDirectories => _directories.Count;

    /// <summary>Requests that wait for their answer.</summary>
    public int Waiting => _calls.Count;

    /// <summary>Takes one request; INIT belongs to the session.</summary>
    /// <returns>False once the kernel has said good-bye.</returns>
    public bool Dispatch(ReadOnlySpan<byte> message, IFuseReplyPort port)
    {
        if (!FuseHeader.TryRead(message, out var header))
        {
            LogMessages.BadRequest(_log, message.Length);
            return true;
        }

        var body = message[FuseHeader.Size..];
        switch (header.Opcode)
        {
            case FuseOpcode.Forget:
                _names.Forget(header.NodeId, body);
                return true;
            case FuseOpcode.BatchForget:
                _names.ForgetBatch(body);
                return true;
            case FuseOpcode.Interrupt:
                if (BinaryPrimitives.TryReadUInt64LittleEndian(body, out var unique))
                {
                    _calls.Interrupt(unique);
                }

                return true;
        }

        var call = _calls.Begin(port, header);
        try
        {
            var work = Answer(call, header.Opcode, body);
            if (!work.IsCompletedSuccessfully)
            {
                // Not awaited here: it ends the call and tells its failure itself.
                _ = FinishAsync(call, work);
                return true;
            }
        }
        catch (Exception failure) when (failure is not OutOfMemoryException)
        {
            Fail(call, failure);
        }

        _calls.End(call);
        return header.Opcode != FuseOpcode.Destroy;
    }

    /// <summary>Nobody will wait any more: ends what does.</summary>
    public void GiveUp() => _calls.InterruptAll();

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await _files.DisposeAsync();
        await _directories.DisposeAsync();
    }

    private ValueTask Answer(FuseCall call, FuseOpcode opcode, ReadOnlySpan<byte> body)
    {
        switch (opcode)
        {
            case FuseOpcode.Lookup:
                return !FuseBodies.TryName(body, out var name) ? Refuse(call, Errno.InvalidArgument)
                    : body.Length > FuseAnswers.MaxNameBytes + 1 ? Refuse(call, Errno.NameTooLong)
                    : _names.LookupAsync(call, name);
            case FuseOpcode.GetAttributes:
                return _names.AttributesAsync(call);
            case FuseOpcode.ReadLink:
                return _names.ReadLinkAsync(call);
            case FuseOpcode.Open:
                return FuseBodies.TryOpen(body, out var readOnly) ? _contents.OpenAsync(call, readOnly) : Refuse(call, Errno.InvalidArgument);
            case FuseOpcode.Read:
                return FuseBodies.TryRead(body, out var read) ? _contents.ReadAsync(call, read) : Refuse(call, Errno.InvalidArgument);
            case FuseOpcode.Release:
                return FuseBodies.TryHandle(body, out var file) ? _contents.ReleaseAsync(call, file) : Refuse(call, Errno.InvalidArgument);
            case FuseOpcode.Seek:
                return FuseBodies.TrySeek(body, out var seek) ? _contents.SeekAsync(call, seek) : Refuse(call, Errno.InvalidArgument);
            case FuseOpcode.OpenDirectory:
                return _directories.OpenAsync(call);
            case FuseOpcode.ReadDirectory or FuseOpcode.ReadDirectoryPlus:
                return FuseBodies.TryRead(body, out var list)
                    ? _directories.ReadAsync(call, list, opcode == FuseOpcode.ReadDirectoryPlus)
                    : Refuse(call, Errno.InvalidArgument);
            case FuseOpcode.ReleaseDirectory:
                return FuseBodies.TryHandle(body, out var directory) ? _directories.ReleaseAsync(call, directory) : Refuse(call, Errno.InvalidArgument);
            case FuseOpcode.GetExtendedAttribute:
                return FuseBodies.TryExtendedAttribute(body, out var size, out var attribute)
                    ? _names.ExtendedAttributeAsync(call, size, attribute)
                    : Refuse(call, Errno.InvalidArgument);
            case FuseOpcode.ListExtendedAttributes:
                return FuseBodies.TryExtendedAttribute(body, out var room, out _) ? _names.ExtendedAttributesAsync(call, room) : Refuse(call, Errno.InvalidArgument);
            case FuseOpcode.StatFileSystem:
                _names.StatFileSystem(call);
                return ValueTask.CompletedTask;
            default:
                return Refuse(call, ErrnoOf(opcode));
        }
    }

    private static int ErrnoOf(FuseOpcode opcode) => opcode switch
    {
        // Nothing is ever behind, and whoever may ask may: the kernel checks modes itself.
        FuseOpcode.Access or FuseOpcode.Sync or FuseOpcode.SyncDirectory or FuseOpcode.Destroy => 0,
        FuseOpcode.SetAttributes or FuseOpcode.SymbolicLink or FuseOpcode.MakeNode or FuseOpcode.MakeDirectory or FuseOpcode.Unlink
            or FuseOpcode.RemoveDirectory or FuseOpcode.Rename or FuseOpcode.Rename2 or FuseOpcode.Link or FuseOpcode.Write
            or FuseOpcode.SetExtendedAttribute or FuseOpcode.RemoveExtendedAttribute or FuseOpcode.Create or FuseOpcode.Allocate
            or FuseOpcode.CopyFileRange or FuseOpcode.TemporaryFile => Errno.ReadOnlyFileSystem,
        _ => Errno.NotImplemented,
    };

    private static ValueTask Refuse(FuseCall call, int errno)
    {
        call.Fail(errno);
        return ValueTask.CompletedTask;
    }

    private async Task FinishAsync(FuseCall call, ValueTask work)
    {
        try
        {
            await work;
        }
        catch (Exception failure) when (failure is not OutOfMemoryException)
        {
            Fail(call, failure);
        }

        _calls.End(call);
    }

    private void Fail(FuseCall call, Exception failure)
    {
        var errno = ErrnoMap.Of(failure, call.IsInterrupted, _options.PatienceErrno);
        if (!call.IsAnswered)
        {
            call.Fail(errno);
        }

        if (errno is not (Errno.Interrupted or Errno.NotFound))
        {
            _failures.Report(call.NodeId, failure is OperationCanceledException
                ? $"nothing came for {_options.Patience.TotalSeconds:0.#} s"
                : failure.Message);
        }
    }
}
