using System.Globalization;
using System.Net;
using System.Net.Sockets;

namespace Pier.Daemon.Listeners;

/// <summary>Finds out which process holds a port, from the kernel's tables (proc(5): /proc/net/tcp, /proc/pid/fd).</summary>
internal static class PortHolder
{
    /// <summary>The state column of a TCP socket that listens, and of a UDP socket that is bound.</summary>
    private const string TcpListen = "0A";
    private const string UdpBound = "07";

    /// <summary>"program (pid N)", or null when the tables do not tell (another user's process, unless root asks).</summary>
    /// <param name="address">The address that was taken.</param>
    /// <param name="udp">UDP instead of TCP.</param>
    /// <param name="proc">Where procfs is mounted.</param>
    public static string? Find(IPEndPoint address, bool udp, string proc = "/proc")
    {
        var inodes = Inodes(address, udp, proc).Select(inode => $"socket:[{inode}]").ToHashSet(StringComparer.Ordinal);
        if (inodes.Count == 0)
        {
            return null;
        }
        foreach (var process in Directory.EnumerateDirectories(proc).Where(folder => int.TryParse(Path.GetFileName(folder), out _)))
        {
            if (Holds(process, inodes))
            {
                return $"{Name(process)} (pid {Path.GetFileName(process)})";
            }
        }
        return null;
    }

    private static IEnumerable<string> Inodes(IPEndPoint address, bool udp, string proc)
    {
        var state = udp ? UdpBound : TcpListen;
        foreach (var table in udp ? (string[])["udp", "udp6"] : ["tcp", "tcp6"])
        {
            var path = Path.Combine(proc, "net", table);
            foreach (var line in File.Exists(path) ? File.ReadLines(path).Skip(1) : [])
            {
                var columns = line.Split(' ', StringSplitOptions.RemoveEmptyEntries);
                if (columns.Length > 9 && columns[3] == state && Overlaps(columns[1], address))
                {
                    yield return columns[9];
                }
            }
        }
    }

    /// <summary>True when a socket bound to the table's address keeps others from ours: same port, same or any address.</summary>
    private static bool Overlaps(string entry, IPEndPoint address)
    {
        var colon = entry.IndexOf(':');
        if (colon < 0 || !int.TryParse(entry.AsSpan(colon + 1), NumberStyles.HexNumber, CultureInfo.InvariantCulture, out var port) || port != address.Port)
        {
            return false;
        }
        var bound = ParseAddress(entry.AsSpan(0, colon));
        return bound is not null && (IsAny(bound) || IsAny(address.Address) || bound.Equals(address.Address));
    }

    /// <summary>The tables print addresses as 32-bit words in the machine's order.</summary>
    private static IPAddress? ParseAddress(ReadOnlySpan<char> hex)
    {
        if (hex.Length is not (8 or 32))
        {
            return null;
        }
        var bytes = Convert.FromHexString(hex);
        if (BitConverter.IsLittleEndian)
        {
            for (var word = 0; word < bytes.Length; word += 4)
            {
                bytes.AsSpan(word, 4).Reverse();
            }
        }
        var address = new IPAddress(bytes);
        return address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : address;
    }

    private static bool IsAny(IPAddress address) => address.Equals(IPAddress.Any) || address.Equals(IPAddress.IPv6Any);

    private static bool Holds(string process, HashSet<string> sockets)
    {
        try
        {
            return Directory.EnumerateFiles(Path.Combine(process, "fd"))
                .Any(descriptor => new FileInfo(descriptor).LinkTarget is { } target && sockets.Contains(target));
        }
        catch (Exception gone) when (gone is IOException or UnauthorizedAccessException)
        {
            // The process ended while we looked, or belongs to another user.
            return false;
        }
    }

    private static string Name(string process)
    {
        try
        {
            return File.ReadAllText(Path.Combine(process, "comm")).Trim();
        }
        catch (IOException)
        {
            return "a process that has just ended";
        }
    }
}
