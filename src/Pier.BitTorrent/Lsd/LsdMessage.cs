using System.Globalization;
using System.Net;
using System.Text;
using Pier.BitTorrent.Torrents;

namespace Pier.BitTorrent.Lsd;

/// <summary>An announce in the local network (BEP 14): HTTP-like text, several torrents in one.</summary>
/// <param name="Port">The TCP port where the sender listens.</param>
/// <param name="InfoHashes">Its torrents.</param>
/// <param name="Cookie">Chosen by the sender, so that it knows its own announces again; null for none.</param>
internal sealed record LsdMessage(int Port, IReadOnlyList<InfoHash> InfoHashes, string? Cookie)
{
    /// <summary>Torrents in one message, which then stays within one datagram of BEP 14's 1400 bytes.</summary>
    public const int MaxInfoHashes = 20;

    private const int MaxBytes = 1500;
    private const int MaxCookie = 64;
    private const string FirstLine = "BT-SEARCH * HTTP/1.1";

    /// <summary>Reads a datagram; null when it is no announce, or none that makes sense.</summary>
    public static LsdMessage? TryRead(ReadOnlySpan<byte> datagram)
    {
        if (datagram.Length > MaxBytes || !Ascii.IsValid(datagram))
        {
            return null;
        }

        var port = 0;
        string? cookie = null;
        List<InfoHash> hashes = [];
        var isFirst = true;
        foreach (var line in Encoding.ASCII.GetString(datagram).AsSpan().EnumerateLines())
        {
            if (isFirst)
            {
                if (!line.SequenceEqual(FirstLine))
                {
                    return null;
                }

                isFirst = false;
                continue;
            }

            var colon = line.IndexOf(':');
            if (colon < 0)
            {
                continue;
            }

            var name = line[..colon].Trim();
            var value = line[(colon + 1)..].Trim();
            if (name.Equals("Port", StringComparison.OrdinalIgnoreCase))
            {
                port = ushort.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : 0;
            }
            else if (name.Equals("Infohash", StringComparison.OrdinalIgnoreCase))
            {
                if (hashes.Count < MaxInfoHashes && value.Length == InfoHash.Size * 2 && InfoHash.TryParse(value, out var hash))
                {
                    hashes.Add(hash);
                }
            }
            else if (name.Equals("cookie", StringComparison.OrdinalIgnoreCase))
            {
                cookie = value[..Math.Min(value.Length, MaxCookie)].ToString();
            }
        }

        return port > 0 && hashes.Count > 0 ? new LsdMessage(port, hashes, cookie) : null;
    }

    /// <summary>The datagram.</summary>
    /// <param name="group">The multicast group it goes to.</param>
    public byte[] Write(IPEndPoint group)
    {
        var text = new StringBuilder();
        text.Append(FirstLine).Append("\r\n");
        text.Append(CultureInfo.InvariantCulture, $"Host: {group}\r\nPort: {Port}\r\n");
        foreach (var hash in InfoHashes)
        {
            text.Append(CultureInfo.InvariantCulture, $"Infohash: {hash}\r\n");
        }

        if (Cookie is not null)
        {
            text.Append(CultureInfo.InvariantCulture, $"cookie: {Cookie}\r\n");
        }

        return Encoding.ASCII.GetBytes(text.Append("\r\n\r\n").ToString());
    }
}
