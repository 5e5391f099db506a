using System.Security.Cryptography;
using Pier.BitTorrent.Torrents;
using Pier.Content.Contracts;
using Pier.Content.Uris;
using Pier.Fetch.Uris;

namespace Pier.Fetch.Supplies;

/// <summary>By what a change behind a mutable URI shows without fetching its content.</summary>
internal sealed class SupplyValidators(WebClient web)
{
    /// <summary>True when the same URIs may bring other bytes one day: none of them names its content.</summary>
    public static bool IsMutable(SupplyRequest request) => !request.Uris.Any(uri => uri is MagnetUri or DigestUri or IpfsUri or TorrentDocumentUri or OciUri { Image.Digest: not null });

    /// <summary>What the first source that answers shows of its present version; null when it shows nothing.</summary>
    /// <exception cref="ContentException">None of them answers.</exception>
    public async Task<string?> ReadAsync(SupplyRequest request, CancellationToken cancellationToken)
    {
        ContentException? last = null;
        foreach (var uri in request.Uris)
        {
            try
            {
                switch (uri)
                {
                    case WebUri { Address: var address }:
                        return await OfFileAsync(address, cancellationToken);
                    case TorrentFileUri { Address: var address }:
                        var torrent = await web.GetBytesAsync(address, MetainfoLimits.Default.MaxTorrentBytes, cancellationToken);
                        return "torrent " + Convert.ToHexStringLower(SHA256.HashData(torrent));
                    default:
                        return null;
                }
            }
            catch (ContentException failure)
            {
                last = failure;
            }
        }

        throw last ?? new ContentUnavailableException("No source is named.");
    }

    /// <summary>RFC 9110 §8.8: an entity tag, or else when it was changed and how long it is.</summary>
    private async Task<string?> OfFileAsync(Uri address, CancellationToken cancellationToken)
    {
        using var answer = await web.SendAsync(address, from: 0, tag: null, cancellationToken);
        if (answer.Headers.ETag is { IsWeak: false } tag)
        {
            return "etag " + tag.Tag;
        }

        return answer.Content.Headers is { LastModified: { } changed, ContentLength: { } length }
            ? string.Create(System.Globalization.CultureInfo.InvariantCulture, $"modified {changed.UtcTicks} {length}")
            : null;
    }
}
