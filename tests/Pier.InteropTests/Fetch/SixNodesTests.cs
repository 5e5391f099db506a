using Pier.Content;
using Pier.Content.Contracts;
using Pier.Content.References;
using Pier.Fetch;
using Pier.Fetch.Images;
using Pier.Fetch.Status;
using Pier.TestKit;

namespace Pier.InteropTests.Fetch;

/// <summary>Six nodes that pull at once from cold over a slow upstream: turns keep its share at about one image.</summary>
public sealed class SixNodesTests : IAsyncLifetime
{
    private const int MiB = 1 << 20;
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    /// <summary>Long enough without a byte for a second to be asked of most registries.</summary>
    private static readonly TimeSpan Late = TimeSpan.FromSeconds(4);

    /// <summary>More than a lease, and than a member may be silent.</summary>
    private static readonly TimeSpan Silence = TimeSpan.FromSeconds(12);

    private readonly List<FetchNode> _nodes = [];
    private SmallRegistry _registry = null!;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    private RepositoryName Repository => new(_registry.Name, "team/app");

    public async ValueTask InitializeAsync()
    {
        _registry = await SmallRegistry.StartAsync(Token);
        var options = new FetchOptions
        {
            AccessFolder = "",
            Registries = new Dictionary<string, RegistryPolicy>(StringComparer.Ordinal) { [_registry.Name] = new(AnswerTimeout: Patience) },
        };
        for (var number = 1; number <= 6; number++)
        {
            _nodes.Add(await FetchNode.StartAsync($"node{number}", _nodes.FirstOrDefault(), Token, options));
        }
        await Eventually.TrueAsync(
            () => _nodes.TrueForAll(node => node.Membership.Current.Live.Length == 5), "all know each other", Patience, Token);
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var node in Enumerable.Reverse(_nodes))
        {
            await node.DisposeAsync();
        }
        await _registry.DisposeAsync();
    }

    [Fact]
    public async Task The_upstream_sends_the_image_about_once()
    {
        _registry.Pause = TimeSpan.FromMilliseconds(4);
        _registry.Publish("team/app", "v1", 6 * MiB, 4 * MiB, 3 * MiB, 2 * MiB);

        var pulled = await Task.WhenAll(_nodes.Select(PullAsync));

        pulled.Select(image => image.Digest).Distinct().Count().ShouldBe(1);
        _registry.BlobBytes.ShouldBeLessThanOrEqualTo((long)(1.05 * 15 * MiB));
    }

    [Fact]
    public async Task A_cold_layer_goes_on_from_member_to_member_instead_of_six_times_from_the_first()
    {
        _registry.Pause = TimeSpan.FromMilliseconds(8);
        var layer = _registry.Publish("team/app", "v1", 24 * MiB)[0];

        await Task.WhenAll(_nodes.Select(PullAsync));

        _registry.BlobBytes.ShouldBeLessThanOrEqualTo((long)(1.05 * 24 * MiB));
        var sources = _nodes.Select(node => node.Status.Find(layer.Digest)!.Sources).ToArray();
        sources.Count(source => source.Upstream == layer.Bytes.Length).ShouldBe(1);
        sources.Sum(source => source.Members).ShouldBeLessThan(5 * MiB, "ranges over the node port are for what stands still");
        sources.Sum(source => source.Swarm).ShouldBeGreaterThan(115 * MiB);
    }

    [Fact]
    public async Task A_holder_of_the_turn_that_goes_at_half_costs_at_most_half_an_image_more()
    {
        _registry.Pause = TimeSpan.FromMilliseconds(4);
        var layer = _registry.Publish("team/app", "v1", 16 * MiB)[0];
        var reads = _nodes.ToDictionary(node => node, node => node.ReadAsync(layer.Digest, Repository, Token));
        await Eventually.TrueAsync(() => _registry.BlobBytes >= 8 * MiB, "half of it was sent", Patience, Token);
        FetchNode? holder = null;
        await Eventually.TrueAsync(
            () => (holder = _nodes.Find(node => node.Status.Find(layer.Digest)?.Legs.Any(leg => leg.Kind == SourceKind.Upstream) == true)) is not null,
            "a node to be at work at the upstream", Patience, Token);

        await holder!.StopAsync();
        // A little more than half: it went on while it stopped.
        var sent = _registry.BlobBytes;

        foreach (var (node, read) in reads.Where(pair => pair.Key != holder))
        {
            (await read).SequenceEqual(layer.Bytes).ShouldBeTrue(node.Membership.Current.Self.Name);
        }
        _registry.BlobBytes.ShouldBeLessThanOrEqualTo(sent + 16 * MiB);
        await Should.ThrowAsync<ContentException>(() => reads[holder]);
    }

    [Fact]
    public async Task A_registry_that_is_silent_for_longer_than_a_lease_is_asked_once_even_for_who_comes_late()
    {
        _registry.HoldAfter = 0;
        var layers = _registry.Publish("team/app", "v1", MiB, 6 * MiB);
        var began = TimeProvider.System.GetTimestamp();

        var reads = _nodes.Take(5).SelectMany(Read).ToList();
        await PassAsync(Late);
        reads.AddRange(Read(_nodes[5]));
        await PassAsync(Silence);
        _registry.BlobGets.ShouldBe(layers.Count);
        _registry.Release.SetResult();

        (await Task.WhenAll(reads)).ShouldAllBe(isWhole => isWhole);
        _registry.BlobBytes.ShouldBeLessThanOrEqualTo((long)(1.05 * 7 * MiB));

        IEnumerable<Task<bool>> Read(FetchNode node) =>
            layers.Select(async layer => (await node.ReadAsync(layer.Digest, Repository, Token)).SequenceEqual(layer.Bytes));

        Task PassAsync(TimeSpan time) => Eventually.TrueAsync(() => TimeProvider.System.GetElapsedTime(began) > time, "some time goes by", Patience, Token);
    }

    private Task<PulledImage> PullAsync(FetchNode node) => node.Get<ImagePull>().RunAsync(
        new ImageReference(Repository, "v1", null), PlatformScope.Current, new Progress<PartProgress>(), Token);
}
