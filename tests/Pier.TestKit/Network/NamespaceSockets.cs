using System.ComponentModel;
using System.Net.Sockets;
using System.Runtime.ExceptionServices;
using System.Runtime.InteropServices;

namespace Pier.TestKit.Network;

/// <summary>Opens sockets in another network namespace: a socket belongs to the namespace of the thread that made it (setns(2)).</summary>
internal static partial class NamespaceSockets
{
    private const int NewNetwork = 0x40000000;

    internal static Socket Open(string namespacePath, AddressFamily family)
    {
        Socket? socket = null;
        ExceptionDispatchInfo? failure = null;
        // A thread of its own, which ends in the other namespace: a pool thread would carry it into unrelated work.
        var thread = new Thread(() =>
        {
            try
            {
                using var handle = File.OpenHandle(namespacePath);
                if (SetNamespace(handle, NewNetwork) != 0)
                {
                    throw new Win32Exception(Marshal.GetLastPInvokeError(), $"setns {namespacePath}");
                }
                socket = new Socket(family, SocketType.Stream, ProtocolType.Tcp);
            }
            catch (Exception error)
            {
                failure = ExceptionDispatchInfo.Capture(error);
            }
        });
        thread.Start();
        thread.Join();
        failure?.Throw();
        return socket!;
    }

    [LibraryImport("libc", EntryPoint = "setns", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int SetNamespace(SafeHandle file, int kind);
}
