using System.Net;
using Pier.BitTorrent.Blobs;
using Pier.BitTorrent.Engine;
using Pier.BitTorrent.Provisional;
using Pier.BitTorrent.Swarms;
using Pier.BitTorrent.Wire;
using Pier.Content;
using Pier.TestKit;
using Pier.UnitTests.BitTorrent.Storage;
using Pier.UnitTests.BitTorrent.Swarms;

namespace Pier.UnitTests.BitTorrent.Provisional;

/// <summary>A blob that spreads while the holder of the turn still downloads it (design §4), between real engines.</summary>
public sealed class ProvisionalSwarmTests : IAsyncDisposable
{
    private const int Piece = 256 << 10;
    private static readonly byte[] Bytes = Engines.RandomBytes(24 * Piece + 1000);
    private static readonly string Hex = Digest.Compute(Bytes).Hex;
    private static readonly byte[] Key = Engines.RandomBytes(32, 5);
    private static readonly byte[] Claim = Engines.RandomBytes(16, 6);

    private readonly Engines _engines = new();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Pieces_go_on_from_member_to_member()
    {
        var (holder, source) = await HoldAsync();
        var followers = new List<(Swarm Swarm, MemoryStorage Storage)>();
        for (var number = 0; number < 4; number++)
        {
            followers.Add(await FollowAsync([holder, .. _others]));
        }

        await ArriveAsync(source, 0, 25);
        foreach (var (swarm, _) in followers)
        {
            await swarm.Completion.WaitAsync(Engines.Deadline, Token);
        }

        followers.ShouldAllBe(follower => follower.Storage.Bytes.SequenceEqual(Bytes));
        // How few copies the holder sends is a matter of time, which a busy machine has less of: the simulation measures it on a clock of its own.
        await Eventually.TrueAsync(
            () => followers.Sum(follower => follower.Swarm.Statistics.Uploaded) > 0, "members passed pieces on", Engines.Deadline, Token);
    }

    [Fact]
    public async Task What_has_not_arrived_at_the_holder_is_waited_for_and_the_rest_is_had()
    {
        var (holder, source) = await HoldAsync();
        var (swarm, storage) = await FollowAsync([holder]);

        await ArriveAsync(source, 0, 10);
        await Eventually.TrueAsync(() => swarm.Statistics.PiecesHave == 10, "what had arrived was passed on", Engines.Deadline, Token);
        swarm.Completion.IsCompleted.ShouldBeFalse();
        await ArriveAsync(source, 10, 25);

        await swarm.Completion.WaitAsync(Engines.Deadline, Token);
        storage.Bytes.ShouldBe(Bytes);
    }

    [Fact]
    public async Task Who_was_not_given_the_key_gets_no_vouch_and_believes_none()
    {
        var (holder, source) = await HoldAsync();
        await ArriveAsync(source, 0, 25);
        var (honest, _) = await FollowAsync([holder]);
        var (stranger, storage) = await FollowAsync([holder, .. _others], key: new byte[32]);

        await honest.Completion.WaitAsync(Engines.Deadline, Token);
        await Eventually.TrueAsync(
            () => _engines.Logs.Entries.Any(line => line.Message.Contains("that the turn's holder did not give", StringComparison.Ordinal)), "the vouch was refused", Engines.Deadline, Token);

        stranger.Completion.IsCompleted.ShouldBeFalse();
        storage.Bytes.ShouldAllBe(value => value == 0);
    }

    [Fact]
    public async Task A_member_that_passes_on_false_bytes_is_found_out_by_the_vouched_hash()
    {
        var (holder, source) = await HoldAsync();
        var lies = Bytes.ToArray();
        lies[100] ^= 1;
        var liar = await _engines.StartAsync();
        var spec = Spec() with { KeyOf = _ => null };
        var lying = await liar.AddAsync(SwarmSpec.For(spec, Engines.Holding(new MemoryStorage(lies))), Token);
        await Eventually.TrueAsync(() => lying.Statistics.State == SwarmState.Downloading, "the liar's storage is open", Engines.Deadline, Token);
        await lying.StoredElsewhereAsync(new ByteRange(0, lies.Length), Token);
        var (swarm, storage) = await FollowAsync([holder, liar.ListenEndPoint]);

        await ArriveAsync(source, 0, 25);
        await swarm.Completion.WaitAsync(Engines.Deadline, Token);

        storage.Bytes.ShouldBe(Bytes);
    }

    [Fact]
    public async Task Who_follows_another_holders_claim_is_hung_up_on_and_not_blamed()
    {
        // Two hold turns for the blob, and one of them has false bytes: their followers keep apart.
        var (holder, source) = await HoldAsync();
        var other = await _engines.StartAsync();
        var lies = Bytes.ToArray();
        Array.Reverse(lies);
        var spec = Spec() with { Claim = Engines.RandomBytes(16, 7), KeyOf = _ => Key };
        var lying = await other.AddAsync(SwarmSpec.For(spec, Engines.Holding(new MemoryStorage(lies))), Token);
        await Eventually.TrueAsync(() => lying.Statistics.State == SwarmState.Downloading, "the other holder's storage is open", Engines.Deadline, Token);
        await ArriveAsync(lying, 0, 25);
        var misled = await _engines.StartAsync();
        var theirs = spec with { KeyOf = null, Name = "member"u8.ToArray(), Key = Key };
        var (misledStorage, storage) = (MemoryStorage.Empty(Bytes.Length), MemoryStorage.Empty(Bytes.Length));
        await (await misled.AddAsync(
            SwarmSpec.For(theirs, Engines.Holding(misledStorage)) with { Peers = [other.ListenEndPoint] }, Token)).Completion.WaitAsync(Engines.Deadline, Token);

        var engine = await _engines.StartAsync();
        var swarm = await engine.AddAsync(
            SwarmSpec.For(Spec() with { Name = "member"u8.ToArray(), Key = Key }, Engines.Holding(storage)) with { Peers = [other.ListenEndPoint, misled.ListenEndPoint, holder] }, Token);
        await ArriveAsync(source, 0, 25);
        await swarm.Completion.WaitAsync(Engines.Deadline, Token);

        storage.Bytes.ShouldBe(Bytes);
        swarm.Statistics.HashFailures.ShouldBe(0);
        swarm.Statistics.Bans.ShouldBe(0);
        engine.Totals.Violations.ShouldBe(0);
    }

    [Fact]
    public async Task Who_does_not_say_whose_word_it_follows_is_served_nothing()
    {
        var (holder, source) = await HoldAsync();
        await ArriveAsync(source, 0, 25);
        var (member, _) = await FollowAsync([holder]);
        await member.Completion.WaitAsync(Engines.Deadline, Token);
        foreach (var place in (IPEndPoint[])[holder, .. _others])
        {
            using var stranger = await FakePeer.MeetAsync(place, Id, Token);
            await stranger.SendAsync(writer => writer.Extended(0, "d1:md11:ut_metadatai2ee4:pierdee"u8), Token);
            await stranger.SendAsync(writer => writer.Extended(0, "d1:mdee"u8), Token);
            await stranger.SendAsync(writer => writer.Empty(MessageId.Interested), Token);
            await stranger.SendAsync(writer => writer.Block(MessageId.Request, new BlockRange(0, 0, 16384)), Token);

            // Choked peers are told with the fast extension that they get nothing (BEP 6).
            await stranger.ExpectAsync(MessageId.RejectRequest, Token);
        }
    }

    [Fact]
    public async Task Who_says_in_one_breath_whose_word_it_follows_and_that_it_wants_pieces_is_served()
    {
        var (holder, source) = await HoldAsync();
        await ArriveAsync(source, 0, 25);
        var (member, _) = await FollowAsync([holder]);
        await member.Completion.WaitAsync(Engines.Deadline, Token);
        byte[] hello = [.. "d1:md10:pier_piecei3e11:ut_metadatai2ee4:pierd5:claim16:"u8, .. Claim, .. "6:member6:memberee"u8];
        foreach (var place in (IPEndPoint[])[holder, .. _others])
        {
            using var peer = await FakePeer.MeetAsync(place, Id, Token);
            await peer.SendAsync(writer => writer.Extended(0, "d4:pierdee"u8), Token);
            await peer.SendAsync(
                writer =>
                {
                    writer.Extended(0, hello);
                    writer.Empty(MessageId.Interested);
                },
                Token);

            await peer.ExpectAsync(MessageId.Unchoke, Token).WaitAsync(Engines.Deadline, Token);
        }
    }

    [Fact]
    public async Task Who_speaks_before_the_storage_is_open_waits_and_is_served_only_if_a_member()
    {
        var opening = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var holder = await _engines.StartAsync();
        var spec = Spec() with { KeyOf = name => name.Span.SequenceEqual("member"u8) ? Key : null };
        var source = await holder.AddAsync(
            SwarmSpec.For(spec, async (metainfo, token) =>
            {
                await opening.Task.WaitAsync(token);
                return await Engines.Holding(new MemoryStorage(Bytes))(metainfo, token);
            }),
            Token);
        using var stranger = await SpeakAsync(holder.ListenEndPoint, "d1:md11:ut_metadatai2ee4:pierde1:v8:strangere"u8.ToArray());
        using var member = await SpeakAsync(
            holder.ListenEndPoint, [.. "d1:md10:pier_piecei3e11:ut_metadatai2ee4:pierd5:claim16:"u8, .. Claim, .. "6:member6:membere1:v6:membere"u8]);
        await Eventually.TrueAsync(
            () => source.Statistics.Peers.Select(peer => peer.Client).Order(StringComparer.Ordinal).SequenceEqual(["member", "stranger"]),
            "both are heard", Engines.Deadline, Token);

        opening.SetResult();
        await Eventually.TrueAsync(() => source.Statistics.State == SwarmState.Downloading, "the storage is open", Engines.Deadline, Token);
        await ArriveAsync(source, 0, 25);

        await member.ExpectAsync(MessageId.Unchoke, Token).WaitAsync(Engines.Deadline, Token);
        var before = new List<MessageId>();
        await stranger.SendAsync(writer => writer.Block(MessageId.Request, new BlockRange(0, 0, 16384)), Token);
        await stranger.ExpectAsync(MessageId.RejectRequest, Token, before).WaitAsync(Engines.Deadline, Token);
        before.ShouldNotContain(MessageId.Unchoke);

        static async Task<FakePeer> SpeakAsync(IPEndPoint holder, byte[] hello)
        {
            var peer = await FakePeer.MeetAsync(holder, Id, Token);
            await peer.SendAsync(writer => writer.Extended(0, "d4:pierdee"u8), Token);
            await peer.SendAsync(
                writer =>
                {
                    writer.Extended(0, hello);
                    writer.Empty(MessageId.Interested);
                },
                Token);
            return peer;
        }
    }

    [Theory]
    [InlineData(0, false)]
    [InlineData(1, true)]
    [InlineData(4096L * 16 << 20, true)]
    [InlineData((4096L * 16 << 20) + 1, false)]
    [InlineData(long.MaxValue, false)]
    public void A_size_that_would_cost_too_many_pieces_is_refused(long size, bool fits)
    {
        ProvisionalSpec.Fits(size).ShouldBe(fits);
        if (!fits)
        {
            Should.Throw<ArgumentOutOfRangeException>(() => SwarmSpec.For(Spec() with { Size = size }, Engines.Holding(MemoryStorage.Empty(1))));
        }
    }

    [Fact]
    public async Task After_the_seal_the_rendezvous_belongs_to_the_torrent()
    {
        var (holder, _) = await HoldAsync();
        var engine = _holder!;
        var torrent = Engines.BlobOf(Bytes);
        await engine.AddAsync(SwarmSpec.For(torrent, Engines.Holding(MemoryStorage.Full(Bytes))) with { RendezvousIds = [Id] }, Token);
        var seeker = await _engines.StartAsync();
        var claimed = new TaskCompletionSource<long>();
        await using var search = seeker.Search(new Pier.BitTorrent.Rendezvous.RendezvousSpec
        {
            Id = Id,
            Peers = [holder],
            Claimed = (claim, _) =>
            {
                claimed.TrySetResult(claim.Size);
                return ValueTask.FromResult<Swarm?>(null);
            },
        });

        (await claimed.Task.WaitAsync(Engines.Deadline, Token)).ShouldBe(Bytes.Length);
    }

    public ValueTask DisposeAsync() => _engines.DisposeAsync();

    private static Pier.BitTorrent.Torrents.InfoHash Id { get; } = RendezvousId.Compute("secret"u8, Hex);

    private readonly List<IPEndPoint> _others = [];
    private BitTorrentEngine? _holder;

    private static ProvisionalSpec Spec() => new() { RendezvousId = Id, Sha256Hex = Hex, Size = Bytes.Length, Claim = Claim };

    private async Task<(IPEndPoint EndPoint, Swarm Swarm)> HoldAsync()
    {
        _holder = await _engines.StartAsync();
        var spec = Spec() with { KeyOf = name => name.Span.SequenceEqual("member"u8) ? Key : null };
        var swarm = await _holder.AddAsync(SwarmSpec.For(spec, Engines.Holding(new MemoryStorage(Bytes))), Token);
        await Eventually.TrueAsync(() => swarm.Statistics.State == SwarmState.Downloading, "the holder's storage is open", Engines.Deadline, Token);
        return (_holder.ListenEndPoint, swarm);
    }

    private async Task<(Swarm Swarm, MemoryStorage Storage)> FollowAsync(IReadOnlyList<IPEndPoint> peers, byte[]? key = null)
    {
        var engine = await _engines.StartAsync();
        _others.Add(engine.ListenEndPoint);
        var storage = MemoryStorage.Empty(Bytes.Length);
        var spec = Spec() with { Name = "member"u8.ToArray(), Key = key ?? Key };
        return (await engine.AddAsync(SwarmSpec.For(spec, Engines.Holding(storage)) with { Peers = peers }, Token), storage);
    }

    /// <summary>Pieces come to the holder from its upstream, one after another.</summary>
    private static async Task ArriveAsync(Swarm source, int first, int end)
    {
        for (var piece = first; piece < end; piece++)
        {
            var offset = (long)piece * Piece;
            await source.StoredElsewhereAsync(new ByteRange(offset, Math.Min(Piece, Bytes.Length - offset)), Token);
        }
    }
}
