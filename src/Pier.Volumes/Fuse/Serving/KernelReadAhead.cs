using Microsoft.Extensions.Logging;

namespace Pier.Volumes.Fuse.Serving;

/// <summary>Lets the kernel read further ahead in a mount than the 128 KiB that it begins with: whoever reads in order then asks seldom.</summary>
internal static class KernelReadAhead
{
    private const string Kibibytes = "1024";

    /// <summary>Raises it, where it may.</summary>
    public static void Raise(string? device, string folder, ILogger log)
    {
        try
        {
            if (device is not null)
            {
                File.WriteAllText($"/sys/class/bdi/{device}/read_ahead_kb", Kibibytes);
            }
        }
        catch (Exception refused) when (refused is IOException or UnauthorizedAccessException)
        {
            LogMessages.ReadAheadStays(log, folder, refused.Message);
        }
    }
}
