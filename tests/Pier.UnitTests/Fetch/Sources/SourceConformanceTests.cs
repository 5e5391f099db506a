using System.Net;
using Pier.BitTorrent.Blobs;
using Pier.BitTorrent.Engine;
using Pier.BitTorrent.Storage;
using Pier.BitTorrent.Swarms;
using Pier.BitTorrent.Torrents;
using Pier.Content;
using Pier.Content.Contracts;
using Pier.Fetch.Seeding;
using Pier.Fetch.Sources.Swarms;
using Pier.Fetch.Upstreams;
using Pier.Store.Blobs;
using Pier.Store.Partial;
using Pier.TestKit.Files;
using Pier.TestKit.Logging;
using Pier.UnitTests.Fetch.Delivery;
using Pier.UnitTests.Fetch.Upstreams;

namespace Pier.UnitTests.Fetch.Sources;

/// <summary>The scripted source of the other tests is a source too.</summary>
public sealed class ScriptedSourceConformanceTests : ContentSourceConformance
{
    protected override SourceKind Kind => SourceKind.Ipfs;

    private protected override ValueTask<IContentSource> OpenAsync(bool holds = true) => ValueTask.FromResult<IContentSource>(
        new ScriptedSource(Kind, Content) { Refusal = holds ? null : () => new ContentNotFoundException("not here") });
}

/// <summary>The upstream over a registry in memory.</summary>
public sealed class UpstreamSourceConformanceTests : ContentSourceConformance
{
    private readonly TempFolder _folder = TempFolder.Create("upstream");
    private readonly CollectedLogs _logs = new();

    protected override SourceKind Kind => SourceKind.Upstream;

    public override async ValueTask DisposeAsync()
    {
        await _folder.DisposeAsync();
        _logs.Dispose();
        await base.DisposeAsync();
    }

    private protected override ValueTask<IContentSource> OpenAsync(bool holds = true)
    {
        var upstream = new FakeUpstream();
        if (holds)
        {
            upstream.Add(Content);
        }
        var store = new FileContentStore(_folder.MakeFolder("blobs"), TimeProvider.System, _logs.CreateLogger<FileContentStore>());
        var partials = new PartialBlobs(
            _folder.MakeFolder("partial"), store, new PartialBlobOptions(), TimeProvider.System, _logs.CreateLogger<PartialBlobs>());
        return ValueTask.FromResult<IContentSource>(new UpstreamSource(upstream, Request.Origin!, partials));
    }
}

/// <summary>A swarm of two real engines on loopback, one of which seeds a sealed blob.</summary>
public sealed class SwarmSourceConformanceTests : ContentSourceConformance, ITorrentNotes
{
    private readonly TempFolder _folder = TempFolder.Create("swarm");
    private readonly CollectedLogs _logs = new();
    private BitTorrentEngine _seeds = null!;
    private BitTorrentEngine _fetches = null!;

    protected override SourceKind Kind => SourceKind.Swarm;

    public override async ValueTask InitializeAsync()
    {
        _seeds = Engine();
        _fetches = Engine();
        await _seeds.StartAsync(Token);
        await _fetches.StartAsync(Token);
    }

    public override async ValueTask DisposeAsync()
    {
        await _fetches.DisposeAsync();
        await _seeds.DisposeAsync();
        await _folder.DisposeAsync();
        _logs.Dispose();
        await base.DisposeAsync();
    }

    public ValueTask NoteAsync(Digest digest, Metainfo metainfo, CancellationToken cancellationToken) => ValueTask.CompletedTask;

    private protected override async ValueTask<IContentSource> OpenAsync(bool holds = true)
    {
        using var hasher = new BlobTorrentHasher(Content.Length);
        hasher.Append(Content);
        var torrent = hasher.Complete(Digest.Hex);
        if (!holds)
        {
            // Members vouch for the torrent of another blob under this digest.
            using var other = new BlobTorrentHasher(10);
            other.Append(new byte[10]);
            torrent = other.Complete(Digest.Compute(new byte[10]).Hex);
        }
        var store = new FileContentStore(_folder.MakeFolder("blobs"), TimeProvider.System, _logs.CreateLogger<FileContentStore>());
        await using (var ingest = await store.IngestAsync(null, null, Token))
        {
            await ingest.WriteAsync(holds ? Content : new byte[10], Token);
            await ingest.SealAsync(Token);
        }
        var held = Digest.Parse($"sha256:{torrent.Name}");
        await _seeds.AddAsync(
            SwarmSpec.For(torrent, (_, _) => ValueTask.FromResult<ITorrentStorage>(
                new SealedTorrentStorage(store, held, torrent.TotalLength))),
            Token);
        return new SwarmSource(_fetches, new SwarmClaim(torrent.Id, Content.Length, [_seeds.ListenEndPoint]), this, TimeProvider.System);
    }

    private BitTorrentEngine Engine() =>
        new(new BitTorrentOptions { Listen = new IPEndPoint(IPAddress.Loopback, 0) }, TimeProvider.System, _logs);
}
