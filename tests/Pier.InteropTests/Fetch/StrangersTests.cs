using System.Net;
using Pier.BitTorrent.Blobs;
using Pier.BitTorrent.Engine;
using Pier.BitTorrent.Limits;
using Pier.BitTorrent.Storage;
using Pier.BitTorrent.Swarms;
using Pier.Content;
using Pier.Content.Contracts;
using Pier.Content.References;
using Pier.Fetch;
using Pier.Fetch.Images;
using Pier.InteropTests.Trackers;
using Pier.TestKit;
using Pier.TestKit.Files;
using Pier.TestKit.Logging;

namespace Pier.InteropTests.Fetch;

/// <summary>Nodes that share no cluster, only a real tracker, and know nothing but a digest (design §4).</summary>
public sealed class StrangersTests : IAsyncLifetime
{
    private const int MiB = 1 << 20;
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private SmallRegistry _registry = null!;
    private (Digest Digest, byte[] Bytes) _layer;
    private Opentracker _tracker = null!;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    private RepositoryName Repository => new(_registry.Name, "team/app");

    private FetchOptions Options => new() { AccessFolder = "", Announce = AnnounceScope.Public, Trackers = [[_tracker.Http]], MeetingPatience = Patience };

    public async ValueTask InitializeAsync()
    {
        _registry = await SmallRegistry.StartAsync(Token);
        _layer = _registry.Publish("team/app", "v1", 5 * MiB)[0];
        _tracker = await Opentracker.StartAsync([RendezvousId.Compute(default, _layer.Digest.Hex)], Token);
    }

    public async ValueTask DisposeAsync()
    {
        await _tracker.DisposeAsync();
        await _registry.DisposeAsync();
    }

    [Fact]
    public async Task A_stranger_delivers_a_blob_by_its_digest_alone()
    {
        await using var holder = await HoldAsync();
        await using var seeker = await FetchNode.StartAloneAsync("seeker", Token, Options);
        var sent = _registry.BlobBytes;

        (await seeker.ReadAsync(_layer.Digest, origin: null, Token).WaitAsync(Patience, Token)).ShouldBe(_layer.Bytes);

        _registry.BlobBytes.ShouldBe(sent);
        seeker.Status.Find(_layer.Digest)!.Sources.Swarm.ShouldBe(_layer.Bytes.Length);
    }

    [Fact]
    public async Task A_stranger_who_sends_another_torrent_s_bytes_is_not_read_and_the_honest_one_delivers()
    {
        var lies = _layer.Bytes.ToArray();
        lies[3 * MiB] ^= 1;
        await using var liar = await Liar.StartAsync(_layer.Digest, lies, _tracker.Http, Token);
        await using var holder = await HoldAsync();
        await using var seeker = await FetchNode.StartAloneAsync("seeker", Token, Options);

        (await seeker.ReadAsync(_layer.Digest, origin: null, Token).WaitAsync(Patience, Token)).ShouldBe(_layer.Bytes);
    }

    [Fact]
    public async Task A_stranger_who_lies_about_the_size_gives_way_to_the_upstream()
    {
        await using var liar = await Liar.StartAsync(_layer.Digest, new byte[6 * MiB], _tracker.Http, Token);
        await using var seeker = await FetchNode.StartAloneAsync("seeker", Token, Options);
        var byDigest = seeker.ReadAsync(_layer.Digest, origin: null, Token);
        await Eventually.TrueAsync(() => liar.Sent > 0, "the liar was met", Patience, Token);

        (await seeker.ReadAsync(_layer.Digest, Repository, Token).WaitAsync(Patience, Token)).ShouldBe(_layer.Bytes);

        (await byDigest.WaitAsync(Patience, Token)).ShouldBe(_layer.Bytes);
        (await seeker.Store.StatAsync(_layer.Digest, Token)).ShouldNotBeNull();
    }

    [Fact]
    public async Task What_is_not_announced_in_public_is_not_met_there()
    {
        await using var holder = await HoldAsync(Options with { Announce = AnnounceScope.Cluster });
        await using var seeker = await FetchNode.StartAloneAsync("seeker", Token, Options with { MeetingPatience = TimeSpan.FromSeconds(2) });

        await Should.ThrowAsync<ContentException>(() => seeker.ReadAsync(_layer.Digest, origin: null, Token).WaitAsync(Patience, Token));
    }

    private async Task<FetchNode> HoldAsync(FetchOptions? options = null)
    {
        var holder = await FetchNode.StartAsync("holder", null, Token, options ?? Options);
        await holder.Get<ImagePull>().RunAsync(
            new ImageReference(Repository, "v1", null), PlatformScope.Current, new Progress<Pier.Fetch.Status.PartProgress>(), Token);
        await Eventually.TrueAsync(() => holder.Delivery.Seeds == 1, "the layer is seeded", Patience, Token);
        if ((options ?? Options).Announce == AnnounceScope.Public)
        {
            await UntilAnnouncedAsync(holder.Logs, _layer.Digest);
        }
        return holder;
    }

    /// <summary>Who asks the tracker before somebody has announced asks again only after its interval.</summary>
    private static Task UntilAnnouncedAsync(CollectedLogs logs, Digest digest) => Eventually.TrueAsync(
        () => logs.Entries.Any(entry => entry.Message.Contains($"Announced {RendezvousId.Compute(default, digest.Hex)}", StringComparison.Ordinal)),
        "the tracker was told", Patience, Token);

    /// <summary>A peer that seeds false bytes under a digest's rendezvous id, as a torrent of the right form.</summary>
    private sealed class Liar(BitTorrentEngine engine, Swarm swarm, TempFolder folder) : IAsyncDisposable
    {
        public IPEndPoint EndPoint => engine.ListenEndPoint;

        public long Sent => swarm.Statistics.Uploaded;

        public static async Task<Liar> StartAsync(Digest digest, byte[] lies, string tracker, CancellationToken cancellationToken)
        {
            var folder = TempFolder.Create("liar");
            await File.WriteAllBytesAsync(folder.Below(digest.Hex), lies, cancellationToken);
            using var hasher = new BlobTorrentHasher(lies.Length);
            hasher.Append(lies);
            var metainfo = hasher.Complete(digest.Hex);
            // Slow, so that it is still at it when the truth comes.
            using var logs = new CollectedLogs();
            var engine = new BitTorrentEngine(
                new BitTorrentOptions
                {
                    Listen = new IPEndPoint(IPAddress.Loopback, 0),
                    Limits = new EngineLimits { All = new TransferLimits(Up: 2 * MiB) },
                },
                TimeProvider.System,
                logs);
            await engine.StartAsync(cancellationToken);
            var swarm = await engine.AddAsync(
                SwarmSpec.For(metainfo, (found, token) => FileTreeStorage.OpenAsync(
                    found, folder.Below(digest.Hex), new FileTreeOptions { IsSealed = true }, token)) with
                {
                    RendezvousIds = [RendezvousId.Compute(default, digest.Hex)],
                    Trackers = [[tracker]],
                },
                cancellationToken);
            await UntilAnnouncedAsync(logs, digest);
            return new Liar(engine, swarm, folder);
        }

        public async ValueTask DisposeAsync()
        {
            await engine.DisposeAsync();
            await folder.DisposeAsync();
        }
    }
}
