using System.Net;
using System.Text;

namespace Pier.BitTorrent.Trackers;

/// <summary>What is believed of a tracker's answer, and where trackers may be.</summary>
internal static class TrackerBounds
{
    /// <summary>Bytes of an HTTP answer.</summary>
    public const int MaxAnswerBytes = 1 << 20;

    /// <summary>Peers taken from one answer.</summary>
    public const int MaxPeers = 2000;

    /// <summary>Characters of a tracker's message that are kept for people.</summary>
    public const int MaxMessageLength = 300;

    /// <summary>How long one HTTP request may take.</summary>
    public static readonly TimeSpan RequestTimeout = TimeSpan.FromSeconds(30);

    private static readonly TimeSpan Shortest = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan Longest = TimeSpan.FromHours(6);
    private static readonly TimeSpan Usual = TimeSpan.FromMinutes(30);

    /// <summary>An interval that neither hammers the tracker nor forgets it.</summary>
    public static TimeSpan Interval(long? seconds) => seconds switch
    {
        null or <= 0 => Usual,
        > 21_600 => Longest,
        var value => TimeSpan.FromSeconds(Math.Max(value.Value, (long)Shortest.TotalSeconds)),
    };

    /// <summary>A minimum interval; zero when none is said.</summary>
    public static TimeSpan MinInterval(long? seconds) => seconds is > 0 ? Interval(seconds) : TimeSpan.Zero;

    /// <summary>A count that fits our types.</summary>
    public static int? Count(long? value) => value is { } count ? (int)Math.Clamp(count, 0, int.MaxValue) : null;

    /// <summary>A tracker's own words, for people: as many as are kept, and none that would steer a terminal.</summary>
    public static string Message(ReadOnlySpan<byte> utf8)
    {
        var text = Encoding.UTF8.GetString(utf8[..Math.Min(utf8.Length, MaxMessageLength)]);
        return string.Concat(text.Select(letter => char.IsControl(letter) ? ' ' : letter)).Trim();
    }

    /// <summary>Whether anyone could be reached there.</summary>
    public static bool IsReachable(IPAddress address, int port) =>
        port != 0
        && !address.Equals(IPAddress.Any)
        && !address.Equals(IPAddress.IPv6Any)
        && !address.Equals(IPAddress.Broadcast)
        && !address.IsIPv6Multicast
        && !IsIPv4Multicast(address);

    /// <summary>Link-local addresses, where cloud machines keep their credentials, are no trackers: anyone may write a torrent.</summary>
    public static bool MayBeTracker(IPAddress address)
    {
        var plain = address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : address;
        Span<byte> bytes = stackalloc byte[16];
        plain.TryWriteBytes(bytes, out var length);
        return !plain.IsIPv6LinkLocal && !(length == 4 && bytes[0] == 169 && bytes[1] == 254);
    }

    private static bool IsIPv4Multicast(IPAddress address)
    {
        Span<byte> bytes = stackalloc byte[16];
        address.TryWriteBytes(bytes, out var length);
        return length == 4 && bytes[0] is >= 224 and <= 239;
    }
}
