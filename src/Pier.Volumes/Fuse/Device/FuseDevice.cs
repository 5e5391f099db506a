using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;
using Pier.Volumes.Fuse.Protocol;

namespace Pier.Volumes.Fuse.Device;

/// <summary>An open <c>/dev/fuse</c>: where requests are read and answers written. Thread-safe; each answer goes to the descriptor its request came from.</summary>
internal sealed class FuseDevice(SafeFileHandle handle) : IFuseReplyPort, IDisposable
{
    private const string DevicePath = "/dev/fuse";

    // _IOR(229, 0, u32), _IOW(229, 1, fuse_backing_map), _IOW(229, 2, u32)
    private const uint CloneRequest = 0x8004e500;
    private const uint OpenBackingRequest = 0x4010e501;
    private const uint CloseBackingRequest = 0x4004e502;
    private const int ResendNotice = 7;

    private volatile bool _isMute;

    /// <summary>The descriptor, for <c>mount(2)</c> and for handing over.</summary>
    public SafeFileHandle Handle => handle;

    /// <summary>Whether the next server answers.</summary>
    public bool IsMute => _isMute;

    /// <summary>Opens a descriptor that belongs to no mount yet.</summary>
    /// <exception cref="IOException">There is no FUSE here, or it may not be used; says which.</exception>
    public static FuseDevice Open()
    {
        var descriptor = Libc.open(DevicePath, Libc.ReadWriteCloseOnExec);
        return descriptor >= 0 ? new FuseDevice(new SafeFileHandle(descriptor, ownsHandle: true)) : throw Libc.Failed("open", DevicePath);
    }

    /// <summary>Opens another descriptor of the same mount, so that threads do not wait for each other.</summary>
    public unsafe FuseDevice Clone()
    {
        var clone = Open();
        var original = (uint)handle.DangerousGetHandle();
        if (Libc.ioctl(clone.Handle, CloneRequest, &original) == 0)
        {
            return clone;
        }

        var failure = Libc.Failed("ioctl FUSE_DEV_IOC_CLONE", DevicePath);
        clone.Dispose();
        throw failure;
    }

    /// <summary>Waits for a request.</summary>
    /// <returns>Its bytes; 0 when the mount is gone.</returns>
    /// <exception cref="IOException">The device failed.</exception>
    public unsafe int Read(Span<byte> buffer)
    {
        fixed (byte* start = buffer)
        {
            while (true)
            {
                var read = Libc.read(handle, start, buffer.Length);
                if (read >= 0)
                {
                    return (int)read;
                }

                switch (Marshal.GetLastPInvokeError())
                {
                    // ENOENT: the request was taken back before it could be read.
                    case Errno.Interrupted or Errno.NotFound or Errno.TryAgain:
                        continue;
                    case Errno.DeviceGone:
                        return 0;
                    default:
                        throw Libc.Failed("read", DevicePath);
                }
            }
        }
    }

    /// <inheritdoc/>
    public unsafe int Write(ReadOnlySpan<byte> answer)
    {
        if (_isMute)
        {
            // As if it were gone: what was opened is undone and not counted twice.
            return Errno.DeviceGone;
        }

        fixed (byte* start = answer)
        {
            while (Libc.write(handle, start, answer.Length) < 0)
            {
                var errno = Marshal.GetLastPInvokeError();
                if (errno != Errno.Interrupted)
                {
                    return errno;
                }
            }

            return 0;
        }
    }

    /// <summary>Lets the kernel read a file itself; 0 when it refuses, as it does for files of stacked file systems.</summary>
    public unsafe int OpenBacking(SafeFileHandle file)
    {
        var map = stackalloc uint[4] { (uint)file.DangerousGetHandle(), 0, 0, 0 };
        return Math.Max(0, Libc.ioctl(handle, OpenBackingRequest, map));
    }

    /// <summary>The kernel need not read that file for new handles.</summary>
    public unsafe void CloseBacking(int backing)
    {
        var id = (uint)backing;
        _ = Libc.ioctl(handle, CloseBackingRequest, &id);
    }

    /// <summary>Answers nothing any more: the next server will.</summary>
    public void Mute() => _isMute = true;

    /// <summary>Has the kernel ask again for what a former server left unanswered (FUSE_NOTIFY_RESEND, kernel ≥ 6.9).</summary>
    public void AskAgain()
    {
        Span<byte> notice = stackalloc byte[FuseHeader.AnswerSize];
        FuseHeader.WriteAnswer(notice, -ResendNotice, unique: 0);
        Write(notice);
    }

    /// <inheritdoc/>
    public void Dispose() => handle.Dispose();
}
