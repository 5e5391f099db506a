using Pier.BitTorrent.Limits;
using Pier.BitTorrent.Swarms;
using Pier.Content;
using Pier.Content.Contracts;
using Pier.Fetch.Delivery;
using Pier.Fetch.Sources.Swarms;
using Pier.UnitTests.BitTorrent.Storage;
using Pier.UnitTests.Fetch.Delivery;
using BitTorrentEngines = Pier.UnitTests.BitTorrent.Engines;

namespace Pier.UnitTests.Fetch.Sources;

/// <summary>A blob that is prefetched while nobody waits, and somebody who comes to wait for it.</summary>
public sealed class SwarmUrgencyTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(FetchPriority.Command)]
    [InlineData(FetchPriority.Client)]
    public async Task A_swarm_yields_until_somebody_waits_and_then_does_what_it_is_told(FetchPriority waiting)
    {
        await using var engines = new BitTorrentEngines();
        var engine = await engines.StartAsync();
        var bytes = BitTorrentEngines.RandomBytes(100);
        var swarm = await engine.AddAsync(
            SwarmSpec.For(BitTorrentEngines.BlobOf(bytes), BitTorrentEngines.Holding(MemoryStorage.Empty(bytes.Length))) with { Priority = SwarmUrgency.Of(FetchPriority.Background) }, Token);
        var sink = new PrioritySink(100);
        var urgency = new SwarmUrgency(swarm, sink);

        urgency.Look();
        swarm.Priority.ShouldBe(SwarmPriority.Background);

        sink.Priority = waiting;
        urgency.Look();
        swarm.Priority.ShouldBe(SwarmPriority.Normal);

        swarm.Priority = SwarmPriority.Background;
        urgency.Look();
        swarm.Priority.ShouldBe(SwarmPriority.Background, "somebody has set it by hand");
    }

    [Fact]
    public async Task Who_joins_a_fetch_makes_it_as_urgent_as_he_waits()
    {
        await using var harness = new DeliveryHarness();
        using var fetch = new BlobFetch(harness.Request with { Priority = FetchPriority.Background }, harness.Parts);
        var sink = new LegSink(fetch, blob: null!, leg: null!);
        sink.Priority.ShouldBe(FetchPriority.Background);

        fetch.Demand.Join(new BlobRequest(harness.Digest, Priority: FetchPriority.Command));
        sink.Priority.ShouldBe(FetchPriority.Command);
        fetch.Demand.Join(harness.Request with { Priority = FetchPriority.Client });
        fetch.Demand.Join(harness.Request with { Priority = FetchPriority.Background });
        sink.Priority.ShouldBe(FetchPriority.Client);
    }
}
