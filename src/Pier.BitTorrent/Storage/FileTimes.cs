using Microsoft.Win32.SafeHandles;

namespace Pier.BitTorrent.Storage;

/// <summary>
/// Times of last change by which a file that others changed is known. Our own writes leave the time as it was: after a crash a
/// file that was being written is still recognised, and only what others did to it is in doubt.
/// </summary>
internal static class FileTimes
{
    /// <summary>When a file was changed last, in ticks.</summary>
    public static long Of(SafeFileHandle file) => File.GetLastWriteTimeUtc(file).Ticks;

    /// <summary>Gives a file the time it had before it was written.</summary>
    public static void Keep(SafeFileHandle file, long modified) =>
        File.SetLastWriteTimeUtc(file, new DateTime(modified, DateTimeKind.Utc));
}
