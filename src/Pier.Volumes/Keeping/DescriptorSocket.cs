using System.Net.Sockets;
using System.Runtime.InteropServices;
using System.Text;
using Microsoft.Win32.SafeHandles;
using Pier.Volumes.Fuse.Device;
using Pier.Volumes.Fuse.Protocol;

namespace Pier.Volumes.Keeping;

/// <summary>Messages of text with open files, between processes of one host (unix(7), SCM_RIGHTS). One thread at a time.</summary>
internal sealed class DescriptorSocket(Socket socket) : IDisposable
{
    /// <summary>Most files in a message.</summary>
    public const int MaxFiles = 16;

    private const int MaxText = 8192;
    private const int SocketLevel = 1;
    private const int Rights = 1;
    private const int CloseOnExec = 0x40000000;
    private const int NoSignal = 0x4000;
    private const int ControlHead = 16;
    private const int ControlSize = ControlHead + (MaxFiles * sizeof(int));

    /// <summary>A socket of the kind that is spoken over: it keeps messages apart.</summary>
    public static Socket Create() => new(AddressFamily.Unix, SocketType.Seqpacket, ProtocolType.Unspecified);

    /// <summary>Sends a message.</summary>
    /// <exception cref="IOException">The other end is gone.</exception>
    public unsafe void Send(string text, params ReadOnlySpan<SafeFileHandle> files)
    {
        if (files.Length > MaxFiles)
        {
            throw new ArgumentException($"A message has at most {MaxFiles} files.", nameof(files));
        }

        var bytes = Encoding.UTF8.GetBytes(text);
        var control = stackalloc byte[ControlSize];
        fixed (byte* start = bytes)
        {
            var part = new Part { Start = start, Length = bytes.Length };
            var message = new Message { Parts = &part, PartCount = 1 };
            if (files.Length > 0)
            {
                *(nint*)control = ControlHead + (files.Length * sizeof(int));
                ((int*)control)[2] = SocketLevel;
                ((int*)control)[3] = Rights;
                for (var file = 0; file < files.Length; file++)
                {
                    ((int*)control)[4 + file] = (int)files[file].DangerousGetHandle();
                }

                message.Control = control;
                message.ControlLength = (ControlHead + (files.Length * sizeof(int)) + 7) & ~7;
            }

            while (sendmsg((int)socket.Handle, &message, NoSignal) < 0)
            {
                if (Marshal.GetLastPInvokeError() != Errno.Interrupted)
                {
                    throw Libc.Failed("sendmsg", "the keeper of mounts");
                }
            }
        }
    }

    /// <summary>Waits for a message; null when the other end is gone. Files belong to whoever calls.</summary>
    /// <exception cref="IOException">The socket failed, or the message is none of ours.</exception>
    public unsafe (string Text, SafeFileHandle[] Files)? Receive()
    {
        var bytes = stackalloc byte[MaxText];
        var control = stackalloc byte[ControlSize];
        var part = new Part { Start = bytes, Length = MaxText };
        var message = new Message { Parts = &part, PartCount = 1, Control = control, ControlLength = ControlSize };
        nint length;
        while ((length = recvmsg((int)socket.Handle, &message, CloseOnExec)) < 0)
        {
            if (Marshal.GetLastPInvokeError() != Errno.Interrupted)
            {
                throw Libc.Failed("recvmsg", "the keeper of mounts");
            }
        }

        var files = message.ControlLength >= ControlHead && ((int*)control)[2] == SocketLevel && ((int*)control)[3] == Rights
            ? new SafeFileHandle[(*(nint*)control - ControlHead) / sizeof(int)]
            : [];
        for (var file = 0; file < files.Length; file++)
        {
            files[file] = new SafeFileHandle(((int*)control)[4 + file], ownsHandle: true);
        }

        return length == 0 ? null : (Encoding.UTF8.GetString(bytes, (int)length), files);
    }

    /// <inheritdoc/>
    public void Dispose() => socket.Dispose();

    [DllImport("libc", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern unsafe nint sendmsg(int socket, Message* message, int flags);

    [DllImport("libc", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern unsafe nint recvmsg(int socket, Message* message, int flags);

    /// <summary><c>iovec</c>.</summary>
    private unsafe struct Part
    {
        public byte* Start;
        public nint Length;
    }

    /// <summary><c>msghdr</c> of 64-bit Linux.</summary>
    private unsafe struct Message
    {
        public nint Name;
        public nint NameLength;
        public Part* Parts;
        public nint PartCount;
        public byte* Control;
        public nint ControlLength;
        public nint Flags;
    }
}
