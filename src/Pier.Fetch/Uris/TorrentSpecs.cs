using System.Net;
using System.Net.Sockets;
using Pier.BitTorrent.Magnets;
using Pier.BitTorrent.Swarms;
using Pier.BitTorrent.Torrents;
using Pier.Content.Contracts;
using Pier.Content.Uris;

namespace Pier.Fetch.Uris;

/// <summary>Reads what a content URI says of a torrent: magnet link, <c>.torrent</c> file on the web or at hand.</summary>
internal sealed class TorrentSpecs(WebClient web, FetchOptions options)
{
    /// <summary>True for the URIs that name a torrent.</summary>
    public static bool IsTorrent(ContentUri uri) => uri is MagnetUri or TorrentFileUri or TorrentDocumentUri;

    /// <summary>The URI as messages show it: trackers and addresses may carry somebody's pass key.</summary>
    public static string Shown(ContentUri uri) => uri switch
    {
        TorrentFileUri { Address: var address } => WebClient.Shown(address),
        WebUri { Address: var address } => WebClient.Shown(address),
        BackendUri backend => backend.Shown,
        MagnetUri => Shown(uri.Text),
        _ => uri.Text,
    };

    /// <summary>What a magnet link names, without where it says to ask.</summary>
    private static string Shown(string link)
    {
        try
        {
            return new MagnetLink { Id = MagnetLink.Parse(link).Id }.ToString();
        }
        catch (MagnetException)
        {
            return "the magnet link";
        }
    }

    /// <summary>What to ask the engine for; a magnet link may select files by itself (BEP 53).</summary>
    /// <exception cref="ContentException">The torrent file cannot be had.</exception>
    /// <exception cref="BitTorrent.BitTorrentException">It, or the magnet link, is refused.</exception>
    public async Task<SwarmSpec> ReadAsync(ContentUri uri, StorageFactory storage, CancellationToken cancellationToken) =>
        await ReadPlainAsync(uri, storage, cancellationToken) with { Discovery = options.Discovery };

    private async Task<SwarmSpec> ReadPlainAsync(ContentUri uri, StorageFactory storage, CancellationToken cancellationToken)
    {
        switch (uri)
        {
            case TorrentFileUri { Address: var address }:
                return SwarmSpec.For(Metainfo.Parse(await web.GetBytesAsync(address, MetainfoLimits.Default.MaxTorrentBytes, cancellationToken)), storage);
            case TorrentDocumentUri { Metainfo: var document }:
                return SwarmSpec.For(Metainfo.Parse(document), storage);
            default:
                var link = MagnetLink.Parse(uri.Text);
                return SwarmSpec.For(link, storage) with { Peers = await ResolveAsync(link.Peers, cancellationToken) };
        }
    }

    private static async Task<IReadOnlyList<IPEndPoint>> ResolveAsync(IReadOnlyList<EndPoint> peers, CancellationToken cancellationToken)
    {
        var resolved = new List<IPEndPoint>();
        foreach (var peer in peers)
        {
            if (peer is IPEndPoint known)
            {
                resolved.Add(known);
            }
            else if (peer is DnsEndPoint named)
            {
                try
                {
                    var addresses = await Dns.GetHostAddressesAsync(named.Host, cancellationToken);
                    resolved.AddRange(addresses.Select(address => new IPEndPoint(address, named.Port)));
                }
                catch (SocketException)
                {
                    // A peer hint whose name is gone; the trackers and other hints remain.
                }
            }
        }
        return [.. resolved.Where(peer => !HostRules.IsForbiddenAddress(peer.Address))];
    }
}
