using System.ComponentModel;
using System.Runtime.InteropServices;

namespace Pier.TestKit.Processes;

/// <summary>The signals tests send (signal(7), Linux numbers).</summary>
public enum UnixSignal
{
    /// <summary>Reload or hang up.</summary>
    Hangup = 1,

    /// <summary>Ctrl-C.</summary>
    Interrupt = 2,

    /// <summary>End now, no clean-up.</summary>
    Kill = 9,

    /// <summary>Please end.</summary>
    Terminate = 15,

    /// <summary>Go on after <see cref="Stop"/>.</summary>
    Continue = 18,

    /// <summary>Freeze.</summary>
    Stop = 19,
}

/// <summary>kill(2) on processes and process groups.</summary>
internal static partial class Signals
{
    private const int NoSuchProcess = 3;

    /// <summary>Sends to one process; false when it is gone already.</summary>
    internal static bool Send(int processId, UnixSignal signal) => Deliver(processId, signal);

    /// <summary>Sends to each process of a group; false when none is left.</summary>
    internal static bool SendToGroup(int groupId, UnixSignal signal) => Deliver(-groupId, signal);

    private static bool Deliver(int target, UnixSignal signal)
    {
        if (Kill(target, (int)signal) == 0)
        {
            return true;
        }
        var error = Marshal.GetLastPInvokeError();
        return error == NoSuchProcess ? false : throw new Win32Exception(error, $"kill({target}, {signal})");
    }

    [LibraryImport("libc", EntryPoint = "kill", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int Kill(int processId, int signal);
}
