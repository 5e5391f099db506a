using System.Globalization;
using System.Net;
using System.Net.Sockets;
using Pier.BitTorrent.Creation;
using Pier.BitTorrent.Discovery;
using Pier.BitTorrent.Magnets;
using Pier.BitTorrent.Storage;
using Pier.BitTorrent.Swarms;
using Pier.BitTorrent.Torrents;
using Pier.Content.Uris;

namespace Pier.Dat.Getting;

/// <summary>Fetches a torrent from its swarm.</summary>
internal sealed class TorrentGet(DatSettings settings, WebClient web, TimeProvider time)
{
    private const UnixFileMode Program =
        UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute
        | UnixFileMode.GroupRead | UnixFileMode.GroupExecute | UnixFileMode.OtherRead | UnixFileMode.OtherExecute;

    private static readonly TimeSpan Look = TimeSpan.FromMilliseconds(250);
    private static readonly TimeSpan SayEvery = TimeSpan.FromSeconds(5);

    /// <summary>Fetches it.</summary>
    /// <exception cref="DatException">Nothing has come for a while.</exception>
    /// <exception cref="BitTorrent.BitTorrentException">It is no torrent, or its swarm failed.</exception>
    public async Task<Fetched> RunAsync(ContentUri uri, string destination, CancellationToken cancellationToken)
    {
        string PathOf(Metainfo metainfo) => metainfo.IsSingleFile ? Destination.FileIn(destination, metainfo.Name) : destination;
        var spec = await SpecAsync(uri, (metainfo, cancel) => FileTreeStorage.OpenAsync(metainfo, PathOf(metainfo), new FileTreeOptions(), cancel), cancellationToken);
        await using var engine = await PeerEngine.StartAsync(settings, settings.Port, time, cancellationToken);
        await using var swarm = await engine.AddAsync(spec with { Discovery = PeerDiscovery.All }, cancellationToken);
        await WaitAsync(swarm, cancellationToken);
        var metainfo = await swarm.MetadataAsync(cancellationToken);
        var path = PathOf(metainfo);
        foreach (var file in metainfo.Files.Where(file => file is { IsPadding: false, SymlinkTarget: null } && file.Attributes.HasFlag(TorrentFileAttributes.Executable)))
        {
            File.SetUnixFileMode(metainfo.IsSingleFile ? path : Path.Combine(path, file.RelativePath), Program);
        }

        metainfo = await LayerCompletion.CompleteAsync(metainfo, path, cancellationToken);
        return new Fetched(metainfo.WithEnvelope(metainfo.Envelope with { TrackerTiers = spec.Trackers, WebSeeds = spec.WebSeeds }), path);
    }

    private async Task<SwarmSpec> SpecAsync(ContentUri uri, StorageFactory storage, CancellationToken cancellationToken)
    {
        switch (uri)
        {
            case TorrentDocumentUri { Metainfo: var document }:
                return SwarmSpec.For(Metainfo.Parse(document), storage);
            case TorrentFileUri { Address: var address }:
                return SwarmSpec.For(Metainfo.Parse(await web.GetBytesAsync(address, MetainfoLimits.Default.MaxTorrentBytes, cancellationToken)), storage);
            default:
                var link = MagnetLink.Parse(uri.Text);
                return SwarmSpec.For(link, storage) with { Peers = await ResolveAsync(link.Peers, cancellationToken) };
        }
    }

    private static async Task<IReadOnlyList<IPEndPoint>> ResolveAsync(IReadOnlyList<EndPoint> peers, CancellationToken cancellationToken)
    {
        var resolved = new List<IPEndPoint>(peers.OfType<IPEndPoint>());
        foreach (var named in peers.OfType<DnsEndPoint>())
        {
            try
            {
                resolved.AddRange((await Dns.GetHostAddressesAsync(named.Host, cancellationToken)).Select(address => new IPEndPoint(address, named.Port)));
            }
            catch (SocketException)
            {
                // A peer hint whose name is gone; the trackers and other hints remain.
            }
        }

        return [.. resolved.Where(peer => !HostRules.IsForbiddenAddress(peer.Address))];
    }

    private async Task WaitAsync(Swarm swarm, CancellationToken cancellationToken)
    {
        var (seen, since, said) = (0L, time.GetTimestamp(), time.GetTimestamp());
        using var tick = new PeriodicTimer(Look, time);
        while (await Task.WhenAny(swarm.Completion, tick.WaitForNextTickAsync(cancellationToken).AsTask()) != swarm.Completion)
        {
            cancellationToken.ThrowIfCancellationRequested();
            var now = swarm.Statistics;
            if (now.Downloaded > seen || now.State == SwarmState.Opening)
            {
                (seen, since) = (now.Downloaded, time.GetTimestamp());
            }

            if (time.GetElapsedTime(since) > settings.Patience)
            {
                throw new DatException(
                    $"the swarm {swarm.Id.Primary} brought nothing for {settings.Patience.TotalSeconds:0} s; {now.KnownPeers} peers are known, {now.Peers.Count} connected. "
                    + "A build step needs a network (docker build --network host), or a PIER line, which needs none.");
            }

            if (time.GetElapsedTime(said) > SayEvery)
            {
                said = time.GetTimestamp();
                await Console.Error.WriteLineAsync(string.Create(
                    CultureInfo.InvariantCulture,
                    $"{(now.SelectedBytes == 0 ? 0 : 100.0 * (now.SelectedBytes - now.MissingBytes) / now.SelectedBytes):0} % of {now.SelectedBytes >> 20} MiB, {now.DownloadRate / (1 << 20):0.0} MiB/s, {now.Peers.Count} peers"));
            }
        }

        await swarm.Completion;
    }
}
