using Pier.Content;
using Pier.Content.Contracts;
using Pier.Content.References;
using Pier.Fetch;
using Pier.Fetch.Delivery;
using Pier.Fetch.Images;
using Pier.TestKit;

namespace Pier.InteropTests.Fetch;

/// <summary>Two real nodes in one process and an upstream that the test holds, slows and cuts.</summary>
public sealed class TwoNodesTests : IAsyncLifetime
{
    private const int MiB = 1 << 20;
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    /// <summary>A busy machine stands still for seconds: a source that sends nothing because of that is not to be replaced by the upstream.</summary>
    private static readonly FetchOptions Patient = new()
    {
        AccessFolder = "", HedgeDelay = Patience, StallTimeout = Patience, PiecePatience = Patience, PeerFirstByteTimeout = Patience, HolderPatience = Patience, LastMemberPatience = Patience,
    };

    private SmallRegistry _registry = null!;
    private FetchNode _first = null!;
    private FetchNode _second = null!;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    private RepositoryName Repository => new(_registry.Name, "team/app");

    public async ValueTask InitializeAsync()
    {
        _registry = await SmallRegistry.StartAsync(Token);
        _first = await FetchNode.StartAsync("first", null, Token, Patient);
        _second = await FetchNode.StartAsync("second", _first, Token, Patient);
        await UntilAsync(() => _first.Membership.Current.Live.Length == 1 && _second.Membership.Current.Live.Length == 1, "both know each other");
    }

    public async ValueTask DisposeAsync()
    {
        await _second.DisposeAsync();
        await _first.DisposeAsync();
        await _registry.DisposeAsync();
    }

    [Fact]
    public async Task The_second_node_gets_an_image_from_the_first_with_the_upstream_gone()
    {
        var layers = _registry.Publish("team/app", "v1", 9 * MiB, 3 * MiB, 100_000);
        await PullAsync(_first);
        await UntilAsync(() => _first.Delivery.Seeds == 2, "the large layers are seeded");
        await _registry.CutAsync();
        var sent = _registry.BlobBytes;

        var pulled = await PullAsync(_second);

        pulled.Warning.ShouldNotBeNull().ShouldStartWith("110 pier ");
        _registry.BlobBytes.ShouldBe(sent);
        pulled.Sources.Upstream.ShouldBe(0);
        pulled.Sources.Swarm.ShouldBe(12 * MiB);
        pulled.Sources.Members.ShouldBe(100_000 + 37);
        (await _second.ReadAsync(layers[0].Digest, Repository, Token)).ShouldBe(layers[0].Bytes);
    }

    [Fact]
    public async Task A_follower_streams_a_small_blob_while_the_holder_of_the_turn_still_downloads()
    {
        var layers = _registry.Publish("team/app", "v1", 3 * MiB);
        _registry.HoldAfter = 2 * MiB;
        await using var holder = await _first.Contents.OpenAsync(new BlobRequest(layers[0].Digest, Repository), Token);

        await using var follower = await _second.Contents.OpenAsync(new BlobRequest(layers[0].Digest, Repository), Token);
        var half = await ReadAsync(follower, 0, 2 * MiB);
        half.ShouldBe(layers[0].Bytes[..(2 * MiB)]);
        _second.Status.Find(layers[0].Digest)!.Sources.Members.ShouldBeGreaterThanOrEqualTo(2 * MiB);
        _registry.Release.SetResult();

        (await ReadAsync(follower, 2 * MiB, MiB)).ShouldBe(layers[0].Bytes[(2 * MiB)..]);
        _registry.BlobBytes.ShouldBe(3 * MiB);
    }

    [Fact]
    public async Task A_public_blob_comes_to_a_follower_in_pieces_while_the_holder_of_the_turn_still_downloads()
    {
        var layers = _registry.Publish("team/app", "v1", 8 * MiB);
        _registry.HoldAfter = 4 * MiB;
        await using var holder = await _first.Contents.OpenAsync(new BlobRequest(layers[0].Digest, Repository), Token);

        await using var follower = await _second.Contents.OpenAsync(new BlobRequest(layers[0].Digest, Repository), Token);
        (await ReadAsync(follower, 0, 4 * MiB)).ShouldBe(layers[0].Bytes[..(4 * MiB)]);
        _second.Status.Find(layers[0].Digest)!.Sources.Swarm.ShouldBe(4 * MiB);
        _registry.Release.SetResult();

        (await ReadAsync(follower, 4 * MiB, 4 * MiB)).ShouldBe(layers[0].Bytes[(4 * MiB)..]);
        _registry.BlobBytes.ShouldBe(8 * MiB);
    }

    [Fact]
    public async Task A_follower_whose_holder_dies_finishes_from_the_upstream_without_fetching_what_it_has()
    {
        var layers = _registry.Publish("team/app", "v1", 8 * MiB);
        _registry.HoldAfter = 4 * MiB;
        await using var third = await FetchNode.StartAsync("third", _second, Token, Patient);
        await UntilAsync(() => third.Membership.Current.Live.Length == 2, "the third knows both");
        await using var holder = await third.Contents.OpenAsync(new BlobRequest(layers[0].Digest, Repository), Token);
        await using var follower = await _second.Contents.OpenAsync(new BlobRequest(layers[0].Digest, Repository), Token);
        await ReadAsync(follower, 0, 4 * MiB);
        var sent = _registry.BlobBytes;

        await third.StopAsync();
        _registry.Release.SetResult();

        (await ReadAsync(follower, 4 * MiB, 4 * MiB)).ShouldBe(layers[0].Bytes[(4 * MiB)..]);
        (_registry.BlobBytes - sent).ShouldBeLessThanOrEqualTo((4 * MiB) + (64 << 10));
    }

    [Fact]
    public async Task A_pull_that_follows_at_once_takes_the_blob_from_the_swarm()
    {
        var layers = _registry.Publish("team/app", "v1", 24 * MiB);
        await PullAsync(_first);
        // Its torrent was hashed while it came: a moment, unless the machine is busy.
        await UntilAsync(() => _first.Delivery.Seeds == 1, "the layer is seeded");

        await PullAsync(_second);

        var sources = _second.Status.Find(layers[0].Digest)!.Sources;
        sources.Swarm.ShouldBe(24 * MiB);
        sources.Members.ShouldBe(0);
    }

    [Fact]
    public async Task A_tag_costs_one_head_however_many_ask_at_once()
    {
        _registry.Publish("team/app", "v1", 1000);

        var answers = await Task.WhenAll(Enumerable.Range(0, 10).Select(_ => _first.Manifests.ByTagAsync(Repository, "v1", Token).AsTask()));

        answers.Select(answer => answer.Digest).Distinct().Count().ShouldBe(1);
        _registry.TagHeads.ShouldBe(1);
    }

    [Fact]
    public async Task A_torrent_client_s_magnet_brings_the_blob_into_a_file()
    {
        var layers = _registry.Publish("team/app", "v1", 2 * MiB);
        await PullAsync(_first);
        await UntilAsync(() => _first.Delivery.Seeds == 1, "the layer is seeded");
        var record = _first.Get<Pier.Store.Swarms.SwarmRecords>().Find(layers[0].Digest).ShouldNotBeNull();
        await using var folder = TestKit.Files.TempFolder.Create("get");
        var magnet = Pier.Content.Uris.ContentUri.Parse($"magnet:?xt=urn:btih:{record.V1}&x.pe={_first.Engine.ListenEndPoint}");

        var download = await _second.Get<Pier.Fetch.Uris.UriFetch>().RunAsync([magnet], Pier.Fetch.Uris.DownloadPlan.All(folder.Path), new Progress<Pier.Fetch.Status.PartProgress>(), Token);

        download.IsSingleFile.ShouldBeTrue();
        (await File.ReadAllBytesAsync(folder.Below(download.Files[0].Path), Token)).ShouldBe(layers[0].Bytes);
    }

    private Task<PulledImage> PullAsync(FetchNode node) => node.Get<ImagePull>().RunAsync(
        new ImageReference(Repository, "v1", null), PlatformScope.Current, new Progress<Pier.Fetch.Status.PartProgress>(), Token);

    private static async Task<byte[]> ReadAsync(IContentReader reader, int from, int count)
    {
        var bytes = new byte[count];
        for (var done = 0; done < count;)
        {
            done += await reader.ReadAtAsync(from + done, bytes.AsMemory(done), Token);
        }
        return bytes;
    }

    private static Task UntilAsync(Func<bool> condition, string what) => Eventually.TrueAsync(condition, what, Patience, Token);
}
