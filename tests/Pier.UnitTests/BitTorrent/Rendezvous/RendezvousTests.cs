using Pier.BitTorrent.Blobs;
using Pier.BitTorrent.Engine;
using Pier.BitTorrent.Rendezvous;
using Pier.BitTorrent.Swarms;
using Pier.BitTorrent.Torrents;
using Pier.BitTorrent.Wire;
using Pier.Content;
using Pier.UnitTests.BitTorrent.Storage;
using Pier.UnitTests.BitTorrent.Swarms;

namespace Pier.UnitTests.BitTorrent.Rendezvous;

/// <summary>Finding a blob by nothing but its digest (design §4).</summary>
public sealed class RendezvousTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    private static readonly byte[] Bytes = Engines.RandomBytes(1 << 20);
    private static readonly InfoHash Id = RendezvousId.Compute("secret"u8, Digest.Compute(Bytes).Hex);

    [Fact]
    public async Task Who_knows_the_digest_gets_the_blob_over_the_connection_that_was_met_on()
    {
        await using var engines = new Engines();
        var (holder, metainfo) = await HoldAsync(engines);
        var seeker = await engines.StartAsync();
        var storage = MemoryStorage.Empty(Bytes.Length);
        var claims = new TaskCompletionSource<(RendezvousClaim Claim, Swarm Swarm)>();
        await using var search = seeker.Search(new RendezvousSpec
        {
            Id = Id,
            Peers = [holder.ListenEndPoint],
            Claimed = async (claim, token) =>
            {
                var swarm = await seeker.AddAsync(new SwarmSpec { Id = claim.Id, Storage = Engines.Holding(storage) }, token);
                claims.TrySetResult((claim, swarm));
                return swarm;
            },
        });

        var (claim, found) = await claims.Task.WaitAsync(Engines.Deadline, Token);
        await found.Completion.WaitAsync(Engines.Deadline, Token);

        claim.Id.ShouldBe(metainfo.Id);
        claim.Size.ShouldBe(Bytes.Length);
        claim.Teller.ShouldBe(holder.ListenEndPoint);
        storage.Bytes.ShouldBe(Bytes);
    }

    [Fact]
    public async Task Who_does_not_say_pier_gets_nothing()
    {
        await using var engines = new Engines();
        var (holder, _) = await HoldAsync(engines);
        using var stranger = await FakePeer.MeetAsync(holder.ListenEndPoint, Id, Token);
        await stranger.SendAsync(
            writer =>
            {
                writer.Extended(0, "d1:mdee"u8);
                writer.Empty(MessageId.Interested);
            },
            Token);
        await Should.ThrowAsync<EndOfStreamException>(
            () => stranger.ExpectAsync(MessageId.Unchoke, Token).WaitAsync(Engines.Deadline, Token));
    }

    [Fact]
    public async Task A_claim_that_is_not_wanted_ends_the_connection()
    {
        await using var engines = new Engines();
        var (holder, _) = await HoldAsync(engines);
        var seeker = await engines.StartAsync();
        var asked = new TaskCompletionSource();
        await using (seeker.Search(new RendezvousSpec
        {
            Id = Id,
            Peers = [holder.ListenEndPoint],
            Claimed = (_, _) =>
            {
                asked.TrySetResult();
                return ValueTask.FromResult<Swarm?>(null);
            },
        }))
        {
            await asked.Task.WaitAsync(Engines.Deadline, Token);
        }

        seeker.Swarms.ShouldBeEmpty();
    }

    private static async Task<(BitTorrentEngine Engine, Metainfo Metainfo)> HoldAsync(Engines engines)
    {
        var metainfo = Engines.BlobOf(Bytes);
        var engine = await engines.StartAsync();
        await engine.AddAsync(
            SwarmSpec.For(metainfo, Engines.Holding(MemoryStorage.Full(Bytes))) with { RendezvousIds = [Id] }, Token);
        return (engine, metainfo);
    }
}
