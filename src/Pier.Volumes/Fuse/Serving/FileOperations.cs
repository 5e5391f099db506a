using System.Buffers.Binary;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Pier.Content.Contracts;
using Pier.Volumes.Fuse.Device;
using Pier.Volumes.Fuse.Protocol;

namespace Pier.Volumes.Fuse.Serving;

/// <summary>Answers what is asked of files. Each method answers its request once or throws.</summary>
internal sealed class FileOperations(IContentTree tree, FileTable files, NodeOperations names, FuseOptions options)
{
    private const uint SeekData = 3;
    private const uint SeekHole = 4;

    /// <summary>OPEN.</summary>
    public async ValueTask OpenAsync(FuseCall call, bool readOnly)
    {
        var refused = (await names.FindAsync(call)).Kind switch
        {
            TreeNodeKind.Directory => Errno.IsADirectory,
            _ => readOnly ? 0 : Errno.ReadOnlyFileSystem,
        };
        if (refused != 0)
        {
            call.Fail(refused);
            return;
        }

        call.WaitAtMost(options.Patience);
        var opened = files.Add(call.NodeId, await tree.OpenAsync(call.NodeId, call.GivenUp));
        var flags = FuseOpenFlags.NoFlush | (opened.Backing != 0 ? FuseOpenFlags.Passthrough : FuseOpenFlags.KeepCache);
        FuseAnswers.Open(call.Body(FuseAnswers.OpenSize).Span, opened.Handle, flags, opened.Backing);
        call.Answer(FuseAnswers.OpenSize);
        if (call.WriteErrno != 0)
        {
            // The opener is gone and nobody will release it.
            await files.CloseAsync(opened.Handle, call.NodeId);
        }
    }

    /// <summary>READ: all that was asked for, or up to the end; less would read as the end.</summary>
    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder))]
    public async ValueTask ReadAsync(FuseCall call, FuseRead read)
    {
        var size = (int)Math.Min(read.Size, MountPoint.MaxRead);
        var body = call.Body(size);
        var open = files.Find(read.Handle) ?? await AdoptAsync(call, read.Handle);
        var done = 0;
        while (done < size)
        {
            int count;
            if (open.Whole is { } whole)
            {
                // On this thread: it is made for it, and the bytes are mostly in memory.
                count = RandomAccess.Read(whole, body.Span[done..], read.Offset + done);
            }
            else
            {
                var reading = open.File.ReadAtAsync(read.Offset + done, body[done..], call.GivenUp);
                if (!reading.IsCompleted)
                {
                    call.WaitAtMost(options.Patience);
                }

                count = await reading;
            }

            if (count > size - done)
            {
                throw new ContentStorageException($"The source of node {call.NodeId} gave {count} bytes where {size - done} were asked for.");
            }

            if (count == 0)
            {
                break;
            }

            done += count;
        }

        call.Answer(done);
    }

    /// <summary>RELEASE.</summary>
    public ValueTask ReleaseAsync(FuseCall call, ulong handle)
    {
        var node = call.NodeId;
        call.Fail(0);
        return files.CloseAsync(handle, node);
    }

    /// <summary>LSEEK: data and holes, where a file below has them.</summary>
    public async ValueTask SeekAsync(FuseCall call, FuseSeek seek)
    {
        var length = (await names.FindAsync(call)).Size;
        if (seek.Whence is not (SeekData or SeekHole))
        {
            call.Fail(Errno.InvalidArgument);
            return;
        }

        if (seek.Offset < 0 || seek.Offset >= length)
        {
            call.Fail(Errno.NoSuchDevice);
            return;
        }

        var found = seek.Whence == SeekData ? seek.Offset : length;
        if (files.Find(seek.Handle)?.Whole is { } whole)
        {
            // The descriptor's own position is nobody's: all reads say where.
            found = Libc.lseek(whole, seek.Offset, (int)seek.Whence);
            if (found < 0)
            {
                call.Fail(Marshal.GetLastPInvokeError());
                return;
            }
        }

        BinaryPrimitives.WriteInt64LittleEndian(call.Body(FuseAnswers.SeekSize).Span, found);
        call.Answer(FuseAnswers.SeekSize);
    }

    private async ValueTask<OpenFile> AdoptAsync(FuseCall call, ulong handle)
    {
        call.WaitAtMost(options.Patience);
        return await files.AdoptAsync(handle, call.NodeId, await tree.OpenAsync(call.NodeId, call.GivenUp));
    }
}
