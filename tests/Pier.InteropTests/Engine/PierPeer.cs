using System.Net;
using Pier.BitTorrent.Blobs;
using Pier.BitTorrent.Creation;
using Pier.BitTorrent.Dht;
using Pier.BitTorrent.Discovery;
using Pier.BitTorrent.Encryption;
using Pier.BitTorrent.Engine;
using Pier.BitTorrent.Magnets;
using Pier.BitTorrent.Selection;
using Pier.BitTorrent.Storage;
using Pier.BitTorrent.Swarms;
using Pier.BitTorrent.Torrents;
using Pier.Content;
using Pier.TestKit.Files;
using Pier.TestKit.Logging;

namespace Pier.InteropTests.Engine;

/// <summary>Pier's engine on loopback with a folder of its own, as the other client's opposite.</summary>
internal sealed class PierPeer : IAsyncDisposable
{
    private readonly BitTorrentEngine _engine;

    private PierPeer(TempFolder folder, BitTorrentEngine engine)
    {
        Folder = folder;
        _engine = engine;
    }

    public static TimeSpan Deadline { get; } = TimeSpan.FromSeconds(60);

    public TempFolder Folder { get; }

    public static CollectedLogs Logs { get; } = new();

    public IPEndPoint EndPoint => _engine.ListenEndPoint;

    /// <summary>In which ways its torrents are found.</summary>
    public PeerDiscovery Discovery { get; init; }

    public static Task<PierPeer> StartAsync(CancellationToken cancellationToken, EncryptionPolicy encryption = EncryptionPolicy.Prefer) =>
        StartAsync(new BitTorrentOptions { Encryption = encryption }, PeerDiscovery.None, cancellationToken);

    /// <summary>With a DHT node.</summary>
    /// <param name="bootstrap">The port of a node on loopback to begin with.</param>
    /// <param name="cancellationToken">Gives up.</param>
    public static Task<PierPeer> StartInDhtAsync(int? bootstrap, CancellationToken cancellationToken) => StartAsync(
        new BitTorrentOptions { Dht = new DhtOptions { Bootstrap = bootstrap is { } port ? [new DnsEndPoint("127.0.0.1", port)] : [] } },
        PeerDiscovery.Dht,
        cancellationToken);

    public static async Task<PierPeer> StartAsync(BitTorrentOptions options, PeerDiscovery discovery, CancellationToken cancellationToken)
    {
        options = options with { Listen = new IPEndPoint(options.Listen.Address, 0) };
        var engine = new BitTorrentEngine(options, TimeProvider.System, Logs);
        await engine.StartAsync(cancellationToken);
        return new PierPeer(TempFolder.Create("interop"), engine) { Discovery = discovery };
    }

    /// <summary>Seeds a blob of random bytes, as pierd does with what it has sealed.</summary>
    /// <returns>The blob, and the magnet links that Pier prints: the blob's, and that for clients that only know v1.</returns>
    public async Task<(byte[] Blob, MagnetLink Magnet, MagnetLink V1Magnet, Swarm Swarm)> SeedBlobAsync(int length, string? tracker, CancellationToken cancellationToken)
    {
        var blob = new byte[length];
        new Random(length).NextBytes(blob);
        var digest = Digest.Compute(blob);
        using var hasher = new BlobTorrentHasher(length);
        hasher.Append(blob);
        var metainfo = hasher.Complete(digest.Hex);
        var path = Folder.Below(digest.Hex);
        await File.WriteAllBytesAsync(path, blob, cancellationToken);
        var spec = SwarmSpec.For(metainfo, (found, token) => FileTreeStorage.OpenAsync(found, path, new FileTreeOptions { IsSealed = true }, token));
        string[] trackers = tracker is null ? [] : [tracker];
        var swarm = await _engine.AddAsync(spec with { Trackers = [trackers], Twin = V1Twin.Of(metainfo), Discovery = Discovery }, cancellationToken);
        return (blob, Link(metainfo), Link(V1Twin.Of(metainfo)!), swarm);

        MagnetLink Link(Metainfo torrent) => MagnetLink.To(torrent) with { Peers = [EndPoint], Trackers = trackers };
    }

    /// <summary>Seeds a torrent whose files are there; returns its link.</summary>
    public async Task<MagnetLink> SeedAsync(Metainfo metainfo, string path, CancellationToken cancellationToken)
    {
        var spec = SwarmSpec.For(metainfo, (found, token) => FileTreeStorage.OpenAsync(found, path, new FileTreeOptions { IsSealed = true }, token));
        await _engine.AddAsync(spec with { Discovery = Discovery }, cancellationToken);
        return MagnetLink.To(metainfo) with { Peers = [EndPoint] };
    }

    /// <summary>Makes a torrent of the sample tree and seeds it, as <c>pier seed</c> does with a folder.</summary>
    public async Task<(Metainfo Metainfo, Swarm Swarm)> SeedTreeAsync(TorrentCreationOptions options, string? tracker, CancellationToken cancellationToken)
    {
        var tree = SampleTree.Write(Folder);
        if (tracker is not null)
        {
            options = options with { Envelope = options.Envelope with { TrackerTiers = [[tracker]] } };
        }

        var metainfo = await TorrentBuilder.CreateAsync(tree, options, progress: null, cancellationToken);
        var swarm = await _engine.AddAsync(
            SwarmSpec.For(metainfo, (found, token) => FileTreeStorage.OpenAsync(found, tree, new FileTreeOptions { IsSealed = true }, token)),
            cancellationToken);
        return (metainfo, swarm);
    }

    /// <summary>Downloads some files of a torrent from one peer into a folder and returns where.</summary>
    public Task<string> GetAsync(Metainfo metainfo, FileChoice choice, int peerPort, CancellationToken cancellationToken) =>
        GetAsync(SwarmSpec.For(metainfo, Store) with { Files = choice }, "", peerPort, cancellationToken);

    /// <summary>Downloads a torrent from one peer into a folder and returns where.</summary>
    public Task<string> GetAsync(Metainfo metainfo, int peerPort, CancellationToken cancellationToken) =>
        GetAsync(SwarmSpec.For(metainfo, Store), metainfo.IsSingleFile ? metainfo.Name : "", peerPort, cancellationToken);

    /// <summary>Downloads a torrent of which only the magnet link is known.</summary>
    public Task<string> GetAsync(MagnetLink magnet, string name, int peerPort, CancellationToken cancellationToken) =>
        GetAsync(SwarmSpec.For(magnet, Store), name, peerPort, cancellationToken);

    /// <summary>Downloads a torrent by its bare name, from whomever it finds.</summary>
    public async Task<string> GetAsync(TorrentId id, string name, CancellationToken cancellationToken)
    {
        var swarm = await _engine.AddAsync(new SwarmSpec { Id = id, Storage = Store, Discovery = Discovery }, cancellationToken);
        await ExplainAsync(swarm, swarm.Completion.WaitAsync(Deadline, cancellationToken));
        return Folder.Below("got", name);
    }

    /// <summary>Downloads a torrent from whomever its trackers name and returns where.</summary>
    public async Task<string> GetAsync(Metainfo metainfo, CancellationToken cancellationToken)
    {
        var swarm = await _engine.AddAsync(SwarmSpec.For(metainfo, Store) with { Discovery = Discovery }, cancellationToken);
        await ExplainAsync(swarm, swarm.Completion.WaitAsync(Deadline, cancellationToken));
        return Folder.Below("got", metainfo.IsSingleFile ? metainfo.Name : "");
    }

    /// <summary>Begins a download from one peer.</summary>
    public async Task<Swarm> BeginAsync(Metainfo metainfo, int peerPort, CancellationToken cancellationToken) => await _engine.AddAsync(
        SwarmSpec.For(metainfo, Store) with { Discovery = Discovery, Peers = [new IPEndPoint(IPAddress.Loopback, peerPort)] }, cancellationToken);

    /// <summary>The DHT node's numbers.</summary>
    public DhtStatistics Dht => _engine.Dht!;

    /// <summary>Downloads a torrent from web seeds alone and returns where.</summary>
    public async Task<string> GetFromWebAsync(Metainfo metainfo, string webSeed, CancellationToken cancellationToken)
    {
        var swarm = await _engine.AddAsync(SwarmSpec.For(metainfo, Store) with { WebSeeds = [webSeed] }, cancellationToken);
        await ExplainAsync(swarm, swarm.Completion.WaitAsync(Deadline, cancellationToken));
        return Folder.Below("got", metainfo.IsSingleFile ? metainfo.Name : "");
    }

    /// <summary>Waits for the other client, and on a timeout says what Pier saw meanwhile.</summary>
    public static async Task ExplainAsync(Swarm swarm, Task waiting)
    {
        try
        {
            await waiting;
        }
        catch (TimeoutException timeout)
        {
            var seen = string.Join('\n', Logs.Entries.TakeLast(40).Select(entry => entry.Message));
            throw new TimeoutException($"{timeout.Message}\n{swarm.Statistics}, {string.Join(", ", swarm.Statistics.Peers)}\n{seen}", timeout);
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _engine.DisposeAsync();
        await Folder.DisposeAsync();
    }

    private async Task<string> GetAsync(SwarmSpec spec, string name, int peerPort, CancellationToken cancellationToken)
    {
        var swarm = await _engine.AddAsync(spec with { Peers = [new IPEndPoint(IPAddress.Loopback, peerPort)], Discovery = Discovery }, cancellationToken);
        await ExplainAsync(swarm, swarm.Completion.WaitAsync(Deadline, cancellationToken));
        return Folder.Below("got", name);
    }

    private ValueTask<ITorrentStorage> Store(Metainfo metainfo, CancellationToken cancellationToken) => FileTreeStorage.OpenAsync(
        metainfo,
        metainfo.IsSingleFile ? Folder.Below("got", metainfo.Name) : Folder.Below("got"),
        new FileTreeOptions(),
        cancellationToken);
}
