using System.Net;
using Pier.BitTorrent;
using Pier.BitTorrent.Magnets;
using Pier.BitTorrent.Storage;
using Pier.BitTorrent.Swarms;
using Pier.BitTorrent.Torrents;
using Pier.Content;
using Pier.Content.Contracts;
using Pier.Content.Uris;
using Pier.Fetch.Status;

namespace Pier.Fetch.Uris;

/// <summary>A torrent by magnet link or by its .torrent file on the web, into plain files.</summary>
internal sealed class TorrentDownload(BitTorrentEngine engine, WebClient web, DigestDownload blobs, FetchOptions options, TimeProvider time) : IUriHandler
{
    private const int MostTorrentFile = 64 << 20;

    private static readonly TimeSpan ReportEvery = TimeSpan.FromMilliseconds(250);

    /// <inheritdoc/>
    public bool Handles(ContentUri uri) => uri is MagnetUri or TorrentFileUri;

    /// <inheritdoc/>
    public async Task<Download> GetAsync(ContentUri uri, string folder, IProgress<PartProgress> progress, CancellationToken cancellationToken)
    {
        try
        {
            var spec = await SpecAsync(uri, folder, cancellationToken);
            var swarm = await engine.AddAsync(spec, cancellationToken);
            return ReferenceEquals(swarm.Spec, spec)
                ? await FinishAsync(swarm, progress, cancellationToken)
                : await FromOwnSeedAsync(uri, swarm, folder, progress, cancellationToken);
        }
        catch (BitTorrentException failure)
        {
            throw failure.InnerException as ContentException
                ?? new ContentUnavailableException($"{uri}: {failure.Message}", failure);
        }
    }

    private async Task<SwarmSpec> SpecAsync(ContentUri uri, string folder, CancellationToken cancellationToken)
    {
        StorageFactory storage = (metainfo, token) =>
            FileTreeStorage.OpenAsync(metainfo, Path.Combine(folder, metainfo.Name), new FileTreeOptions(), token);
        if (uri is TorrentFileUri { Address: var address })
        {
            var bytes = await web.GetBytesAsync(address, MostTorrentFile, cancellationToken);
            return SwarmSpec.For(Metainfo.Parse(bytes), storage);
        }
        var link = MagnetLink.Parse(uri.Text);
        return SwarmSpec.For(link, storage) with { Peers = await ResolveAsync(link.Peers, cancellationToken) };
    }

    /// <summary>This node seeds the very torrent: a blob of its store is copied; any other files lie where they are seeded from.</summary>
    private async Task<Download> FromOwnSeedAsync(
        ContentUri uri, Swarm swarm, string folder, IProgress<PartProgress> progress, CancellationToken cancellationToken)
    {
        var metainfo = await swarm.MetadataAsync(cancellationToken);
        return Digest.TryParse($"sha256:{metainfo.Name}", out var digest)
            ? await blobs.GetAsync(digest, origin: null, folder, progress, cancellationToken)
            : throw new ContentUnavailableException($"{uri}: this node takes part in that torrent already ('{metainfo.Name}'); its files are here.");
    }

    private async Task<Download> FinishAsync(Swarm swarm, IProgress<PartProgress> progress, CancellationToken cancellationToken)
    {
        try
        {
            await WaitAsync(swarm, progress, cancellationToken);
            var metainfo = await swarm.MetadataAsync(cancellationToken);
            var sources = SourceBytes.None with { Swarm = metainfo.TotalLength };
            progress.Report(new PartProgress(
                swarm.Id.ToString(), metainfo.Name, PartState.Done, metainfo.TotalLength, metainfo.TotalLength, sources));
            return new Download(metainfo.Name, metainfo.IsSingleFile, FilesOf(metainfo), sources);
        }
        finally
        {
            await engine.RemoveAsync(swarm);
        }
    }

    /// <summary>A torrent whose swarm brings nothing for a minute is given up: the next fallback may do better.</summary>
    private async Task WaitAsync(Swarm swarm, IProgress<PartProgress> progress, CancellationToken cancellationToken)
    {
        var (seen, since) = (0L, time.GetTimestamp());
        using var tick = new PeriodicTimer(ReportEvery, time);
        while (await Task.WhenAny(swarm.Completion, tick.WaitForNextTickAsync(cancellationToken).AsTask()) != swarm.Completion)
        {
            cancellationToken.ThrowIfCancellationRequested();
            var now = swarm.Statistics;
            if (now.Downloaded > seen || now.State == SwarmState.Opening)
            {
                (seen, since) = (now.Downloaded, time.GetTimestamp());
            }
            if (time.GetElapsedTime(since) > options.BodyPatience)
            {
                throw new ContentUnavailableException(
                    $"The swarm {swarm.Id.Primary} brought nothing for {options.BodyPatience.TotalSeconds:0} s; {now.KnownPeers} peers are known, {now.Peers.Count} connected.");
            }
            await ReportAsync(swarm, now, progress);
        }
        await swarm.Completion;
    }

    private static async Task ReportAsync(Swarm swarm, SwarmStatistics now, IProgress<PartProgress> progress)
    {
        if (now.PieceCount == 0)
        {
            progress.Report(new PartProgress(swarm.Id.ToString(), swarm.Id.Primary.ToString(), PartState.Waiting, 0, 0, SourceBytes.None));
            return;
        }
        var metainfo = await swarm.MetadataAsync(CancellationToken.None);
        var done = Math.Min(metainfo.TotalLength, (long)now.PiecesHave * metainfo.PieceLength);
        progress.Report(new PartProgress(
            swarm.Id.ToString(), metainfo.Name, PartState.Running, metainfo.TotalLength, done, SourceBytes.None with { Swarm = done }));
    }

    private static DownloadedFile[] FilesOf(Metainfo metainfo) =>
    [
        .. metainfo.Files
            .Where(file => !file.IsPadding && file.SymlinkTarget is null)
            .Select(file => new DownloadedFile(
                metainfo.IsSingleFile ? metainfo.Name : $"{metainfo.Name}/{file.RelativePath}",
                file.Length,
                file.Attributes.HasFlag(TorrentFileAttributes.Executable))),
    ];

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
                catch (System.Net.Sockets.SocketException)
                {
                    // A peer hint whose name is gone; the trackers and other hints remain.
                }
            }
        }
        return [.. resolved.Where(peer => !HostRules.IsForbiddenAddress(peer.Address))];
    }
}
