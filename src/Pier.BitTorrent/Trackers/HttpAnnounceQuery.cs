using System.Globalization;
using System.Text;
using Pier.BitTorrent.Torrents;

namespace Pier.BitTorrent.Trackers;

/// <summary>Writes the addresses of HTTP announces and scrapes (BEP 3, 23, 48).</summary>
internal static class HttpAnnounceQuery
{
    /// <summary>The announce address with its query.</summary>
    public static Uri Announce(Uri tracker, AnnounceRequest request)
    {
        var query = Begin(tracker.AbsoluteUri);
        Span<byte> bytes = stackalloc byte[InfoHash.Size];
        request.InfoHash.CopyTo(bytes);
        AppendBytes(query, "info_hash", bytes);
        request.PeerId.CopyTo(bytes);
        AppendBytes(query, "&peer_id", bytes);
        query.Append(
            CultureInfo.InvariantCulture,
            $"&port={request.Port}&uploaded={request.Stats.Uploaded}&downloaded={request.Stats.Downloaded}&left={request.Stats.Left}");
        query.Append(CultureInfo.InvariantCulture, $"&compact=1&numwant={request.Stats.PeersWanted}&key={request.Key:x8}");
        var name = request.Event switch
        {
            AnnounceEvent.Started => "&event=started",
            AnnounceEvent.Completed => "&event=completed",
            AnnounceEvent.Stopped => "&event=stopped",
            _ => "",
        };
        query.Append(name);
        if (!request.TrackerId.IsEmpty)
        {
            AppendBytes(query, "&trackerid", request.TrackerId.Span);
        }

        return Raw(query);
    }

    /// <summary>The scrape address, or null when the tracker's last path segment does not begin with <c>announce</c> (BEP 48).</summary>
    public static Uri? Scrape(Uri tracker, IReadOnlyList<InfoHash> infoHashes)
    {
        const string Announce = "announce";
        var slash = tracker.AbsolutePath.LastIndexOf('/');
        var segment = tracker.AbsolutePath[(slash + 1)..];
        if (!segment.StartsWith(Announce, StringComparison.Ordinal))
        {
            return null;
        }

        var path = tracker.AbsolutePath[..(slash + 1)] + "scrape" + segment[Announce.Length..];
        var query = Begin(tracker.GetLeftPart(UriPartial.Authority) + path + tracker.Query);
        Span<byte> bytes = stackalloc byte[InfoHash.Size];
        for (var index = 0; index < infoHashes.Count; index++)
        {
            infoHashes[index].CopyTo(bytes);
            AppendBytes(query, index == 0 ? "info_hash" : "&info_hash", bytes);
        }

        return Raw(query);
    }

    private static StringBuilder Begin(string address)
    {
        var fragment = address.IndexOf('#', StringComparison.Ordinal);
        var text = new StringBuilder(fragment < 0 ? address : address[..fragment]);
        return text.Append(address.Contains('?', StringComparison.Ordinal) ? '&' : '?');
    }

    private static void AppendBytes(StringBuilder query, string key, ReadOnlySpan<byte> bytes)
    {
        query.Append(key).Append('=');
        foreach (var value in bytes)
        {
            var letter = (char)value;
            if (char.IsAsciiLetterOrDigit(letter) || letter is '-' or '_' or '.' or '~')
            {
                query.Append(letter);
            }
            else
            {
                query.Append('%').Append(value.ToString("X2", CultureInfo.InvariantCulture));
            }
        }
    }

    // Canonicalising would touch escapes that are bytes of a hash, not of a text.
    private static Uri Raw(StringBuilder address) =>
        new(address.ToString(), new UriCreationOptions { DangerousDisablePathAndQueryCanonicalization = true });
}
