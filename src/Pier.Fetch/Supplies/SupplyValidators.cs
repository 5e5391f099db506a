using System.Security.Cryptography;
using Pier.BitTorrent.Torrents;
using Pier.Content.Contracts;
using Pier.Content.Uris;
using Pier.Fetch.Uris;

namespace Pier.Fetch.Supplies;

/// <summary>By what a change behind a mutable URI shows without fetching its content.</summary>
internal sealed class SupplyValidators(WebClient web)
{
    /// <summary>
    /// True when the same URIs may bring other bytes one day: one of them may deliver that does not name its content. A digest
    /// among them is what all of them must bring.
    /// </summary>
    public static bool IsMutable(SupplyRequest request) => !request.Uris.Any(uri => uri is DigestUri)
        && request.Uris.Any(IsMutable);

    private static bool IsMutable(ContentUri uri) => uri is not (MagnetUri or DigestUri or IpfsUri or TorrentDocumentUri or OciUri { Image.Digest: not null });

    /// <summary>What all sources that may change show of their present versions, since any may deliver; null when one shows nothing.</summary>
    /// <exception cref="ContentException">None of all sources answers.</exception>
    public async Task<string?> ReadAsync(SupplyRequest request, CancellationToken cancellationToken)
    {
        ContentException? last = null;
        var (versions, failures) = (new List<string>(), 0);
        foreach (var uri in request.Uris.Where(IsMutable))
        {
            try
            {
                if (await OfAsync(uri, cancellationToken) is not { } version)
                {
                    return null;
                }

                versions.Add(version);
            }
            catch (ContentException failure)
            {
                (last, failures) = (failure, failures + 1);
                versions.Add("no answer");
            }
        }

        return failures == request.Uris.Count && last is not null ? throw last : string.Join(", ", versions);
    }

    private async Task<string?> OfAsync(ContentUri uri, CancellationToken cancellationToken)
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
