using Pier.Volumes.Fuse.Device;

namespace Pier.Volumes.Keeping;

/// <summary>Takes a process out of the company of the one that started it.</summary>
internal static class Apart
{
    /// <summary>A session of its own, and nothing of the other's terminal or pipes: who waits for their end need not wait for this process.</summary>
    public static void Leave()
    {
        _ = Libc.setsid();
        var nothing = Libc.open("/dev/null", Libc.ReadWriteCloseOnExec);
        for (var stream = 0; stream <= 2 && nothing >= 0; stream++)
        {
            _ = Libc.dup2(nothing, stream);
        }
    }
}
