using System.Security.Cryptography;
using Pier.Content;
using Pier.Content.Contracts;
using Pier.Content.References;
using Pier.Membership.Client;
using Pier.Membership.Members;
using Pier.TestKit;
using Pier.TestKit.Time;

namespace Pier.UnitTests.Membership;

/// <summary>Holdings, ranges, manifests and tags between real nodes.</summary>
public class NodeContentTests
{
    private static readonly TimeSpan Patience = Eventually.Patience;
    private static readonly RepositoryName Busybox = new("docker.io", "library/busybox");

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task All_live_members_are_asked_who_has_a_blob()
    {
        await using var pair = await ClusterPair.StartAsync(Token);
        await using var third = await pair.AddAsync("third", Token);
        var bytes = RandomNumberGenerator.GetBytes(1000);
        var blob = pair.Founder.Content.Add(bytes, 1000);
        third.Content.Add(bytes, 400);

        var answers = await pair.Member.Client.WhoHasAsync(blob.Digest, Patience, Token).ToDictionaryAsync(answer => answer.Member.Id, answer => answer.Holding, cancellationToken: Token);

        answers.Count.ShouldBe(2);
        answers[pair.Founder.Identity.Id].State.ShouldBe(HoldingState.Sealed);
        answers[pair.Founder.Identity.Id].InfoHashV1.ShouldBe(new string('1', 40));
        answers[third.Identity.Id].ShouldSatisfyAllConditions(
            holding => holding.State.ShouldBe(HoldingState.Arriving),
            holding => holding.Readable.ShouldBe(400),
            holding => holding.Size.ShouldBe(1000));
        (await pair.Member.Client.WhoHasAsync(Digest.Compute([1]), Patience, Token).ToListAsync(Token)).ShouldBeEmpty();
    }

    [Fact]
    public async Task Questions_name_the_repository_for_whose_sake_they_are_asked()
    {
        await using var pair = await ClusterPair.StartAsync(Token);
        var blob = pair.Founder.Content.Add(RandomNumberGenerator.GetBytes(1000), 1000);
        var under = new RepositoryName("registry.test:5000", "team/app");

        (await pair.Member.Client.WhoHasAsync(new BlobName(blob.Digest, under), Patience, Token).ToListAsync(Token)).ShouldHaveSingleItem();
        pair.Founder.Content.LastUnder.ShouldBe(under);
        (await pair.Member.Client.WhoHasAsync(blob.Digest, Patience, Token).ToListAsync(Token)).ShouldHaveSingleItem();
        pair.Founder.Content.LastUnder.ShouldBeNull();
    }

    [Fact]
    public async Task Who_asks_for_an_invitation_says_whether_anybody_waits()
    {
        await using var pair = await ClusterPair.StartAsync(Token);
        var (founder, digest) = (pair.Member.Know(pair.Founder), Digest.Compute([1]));

        (await pair.Member.Client.AskInvitationAsync(founder, new BlobName(digest, IsAhead: true), patience: null, Token)).ShouldBeNull();
        pair.Founder.Content.LastAhead.ShouldBe(true);
        (await pair.Member.Client.AskInvitationAsync(founder, new BlobName(digest, new RepositoryName("registry.test", "a")), patience: null, Token)).ShouldBeNull();
        pair.Founder.Content.LastAhead.ShouldBe(false);
    }

    [Fact]
    public async Task A_silent_member_costs_no_more_than_the_patience()
    {
        await using var pair = await ClusterPair.StartAsync(Token);
        var blob = pair.Founder.Content.Add([1, 2, 3], 3);
        var release = new TaskCompletionSource();
        pair.Founder.Content.Gate = release.Task;

        (await pair.Member.Client.WhoHasAsync(blob.Digest, TimeSpan.FromMilliseconds(100), Token).ToListAsync(Token)).ShouldBeEmpty();

        release.SetResult();
        (await pair.Member.Client.WhoHasAsync(blob.Digest, Patience, Token).ToListAsync(Token)).ShouldHaveSingleItem();
    }

    [Theory]
    [InlineData(0, null, 200_000)]
    [InlineData(0, 1L, 1)]
    [InlineData(65_536, 70_000L, 70_000)]
    [InlineData(199_999, 50L, 1)]
    [InlineData(150_000, null, 50_000)]
    public async Task Ranges_of_a_sealed_blob_come_whole(long offset, long? length, int expected)
    {
        await using var pair = await ClusterPair.StartAsync(Token);
        var bytes = RandomNumberGenerator.GetBytes(200_000);
        var blob = pair.Founder.Content.Add(bytes, bytes.Length);

        await using var stream = await pair.Member.Client.OpenRangeAsync(pair.Member.Know(pair.Founder), blob.Digest, offset, length, patience: null, Token);

        stream.BlobLength.ShouldBe(200_000);
        stream.RangeLength.ShouldBe(expected);
        (await ReadAllAsync(stream)).ShouldBe(bytes.AsSpan((int)offset, expected).ToArray());
    }

    [Fact]
    public async Task An_empty_blob_comes_as_nothing_and_a_range_outside_is_not_held()
    {
        await using var pair = await ClusterPair.StartAsync(Token);
        var founder = pair.Member.Know(pair.Founder);
        var empty = pair.Founder.Content.Add([], 0);
        var small = pair.Founder.Content.Add([1, 2, 3], 3);

        await using var nothing = await pair.Member.Client.OpenRangeAsync(founder, empty.Digest, 0, null, patience: null, Token);
        (await ReadAllAsync(nothing)).ShouldBeEmpty();
        (await Should.ThrowAsync<MemberException>(pair.Member.Client.OpenRangeAsync(founder, small.Digest, 3, null, patience: null, Token))).Failure.ShouldBe(MemberFailure.NotHeld);
        (await Should.ThrowAsync<MemberException>(pair.Member.Client.OpenRangeAsync(founder, Digest.Compute([9]), 0, null, patience: null, Token))).Failure.ShouldBe(MemberFailure.NotHeld);
    }

    [Fact]
    public async Task A_follower_streams_a_blob_while_it_still_arrives()
    {
        await using var pair = await ClusterPair.StartAsync(Token);
        var bytes = RandomNumberGenerator.GetBytes(300_000);
        var blob = pair.Founder.Content.Add(bytes, 0);
        await using var stream = await pair.Member.Client.OpenRangeAsync(pair.Member.Know(pair.Founder), blob.Digest, 0, null, patience: null, Token);
        stream.BlobLength.ShouldBe(300_000);

        var got = new byte[300_000];
        for (var end = 50_000; end <= 300_000; end += 50_000)
        {
            blob.GrowTo(end);
            // Each part is here before the next one exists there.
            await stream.ReadExactlyAsync(got.AsMemory(end - 50_000, 50_000), Token);
        }

        got.ShouldBe(bytes);
        (await stream.ReadAsync(new byte[1], Token)).ShouldBe(0);
    }

    [Fact]
    public async Task When_the_holders_fetch_fails_its_followers_know_at_once()
    {
        await using var pair = await ClusterPair.StartAsync(Token);
        var blob = pair.Founder.Content.Add(RandomNumberGenerator.GetBytes(100_000), 40_000);
        await using var stream = await pair.Member.Client.OpenRangeAsync(pair.Member.Know(pair.Founder), blob.Digest, 0, null, patience: null, Token);
        await stream.ReadExactlyAsync(new byte[40_000], Token);

        blob.Fail();

        (await Should.ThrowAsync<MemberException>(stream.ReadAsync(new byte[1], Token).AsTask())).Failure.ShouldBe(MemberFailure.Broken);
    }

    [Fact]
    public async Task When_the_holder_is_killed_its_followers_know_at_once()
    {
        await using var pair = await ClusterPair.StartAsync(Token);
        var blob = pair.Founder.Content.Add(RandomNumberGenerator.GetBytes(100_000), 40_000);
        await using var stream = await pair.Member.Client.OpenRangeAsync(pair.Member.Know(pair.Founder), blob.Digest, 0, null, patience: null, Token);
        await stream.ReadExactlyAsync(new byte[40_000], Token);
        var reading = stream.ReadAsync(new byte[1], Token).AsTask();

        await pair.Founder.DisposeAsync();

        (await Should.ThrowAsync<MemberException>(reading)).Failure.ShouldBe(MemberFailure.Broken);
    }

    [Fact]
    public async Task A_stream_that_brings_nothing_is_stalled()
    {
        var clock = new ManualTimeProvider();
        await using var pair = await ClusterPair.StartAsync(Token, memberClock: clock);
        var blob = pair.Founder.Content.Add(RandomNumberGenerator.GetBytes(1000), 0);
        await using var stream = await pair.Member.Client.OpenRangeAsync(pair.Member.Know(pair.Founder), blob.Digest, 0, null, patience: null, Token);
        var reading = stream.ReadAsync(new byte[1], Token).AsTask();
        reading.IsCompleted.ShouldBeFalse();

        clock.Advance(TestNode.Never);

        (await Should.ThrowAsync<MemberException>(reading.WaitAsync(Patience, Token))).Failure.ShouldBe(MemberFailure.Stalled);
    }

    [Fact]
    public async Task A_stream_that_is_given_up_is_cancelled()
    {
        await using var pair = await ClusterPair.StartAsync(Token);
        var blob = pair.Founder.Content.Add(RandomNumberGenerator.GetBytes(1000), 0);
        await using var other = await pair.Member.Client.OpenRangeAsync(pair.Member.Know(pair.Founder), blob.Digest, 0, null, patience: null, Token);
        using var giveUp = CancellationTokenSource.CreateLinkedTokenSource(Token);
        var reading = other.ReadAsync(new byte[1], giveUp.Token).AsTask();
        await giveUp.CancelAsync();
        await Should.ThrowAsync<OperationCanceledException>(reading);
    }

    [Fact]
    public async Task More_streams_than_allowed_are_told_to_come_back()
    {
        await using var pair = await ClusterPair.StartAsync(Token, options => options with { MaxStreams = 1 });
        var blob = pair.Founder.Content.Add(RandomNumberGenerator.GetBytes(1000), 0);
        var founder = pair.Member.Know(pair.Founder);
        await using var first = await pair.Member.Client.OpenRangeAsync(founder, blob.Digest, 0, null, patience: null, Token);

        (await Should.ThrowAsync<MemberException>(pair.Member.Client.OpenRangeAsync(founder, blob.Digest, 0, null, patience: null, Token))).Failure.ShouldBe(MemberFailure.Busy);
    }

    [Fact]
    public async Task Manifests_come_as_published_and_lies_are_found_out()
    {
        await using var pair = await ClusterPair.StartAsync(Token);
        await using var third = await pair.AddAsync("third", Token);
        var content = "{\"schemaVersion\":2}"u8.ToArray();
        var digest = Digest.Compute(content);
        var manifest = new ManifestDocument(digest, "application/vnd.oci.image.manifest.v1+json", content);
        pair.Founder.Content.Manifests[digest] = manifest with { Content = "{\"schemaVersion\":3}"u8.ToArray() };
        third.Content.Manifests[digest] = manifest;

        (await Should.ThrowAsync<MemberException>(pair.Member.Client.GetManifestAsync(pair.Member.Know(pair.Founder), digest, Token))).Failure.ShouldBe(MemberFailure.Malformed);
        var found = (await pair.Member.Client.FindManifestAsync(digest, Patience, Token)).ShouldNotBeNull();
        found.Content.ToArray().ShouldBe(content);
        found.MediaType.ShouldBe(manifest.MediaType);
        (await pair.Member.Client.FindManifestAsync(Digest.Compute([5]), Patience, Token)).ShouldBeNull();
    }

    [Fact]
    public async Task Of_several_memories_of_a_tag_the_newest_wins()
    {
        await using var pair = await ClusterPair.StartAsync(Token);
        await using var third = await pair.AddAsync("third", Token);
        var when = new DateTimeOffset(2026, 5, 1, 12, 0, 0, TimeSpan.Zero);
        var old = new TagRecord(Digest.Compute([1]), "application/vnd.oci.image.index.v1+json", when);
        var young = old with { Digest = Digest.Compute([2]), When = when.AddMinutes(1) };
        pair.Founder.Content.Tags[$"{Busybox}:latest"] = old;
        third.Content.Tags[$"{Busybox}:latest"] = young;

        var newest = (await pair.Member.Client.FindTagAsync(Busybox, "latest", Patience, Token)).ShouldNotBeNull();

        newest.Tag.ShouldBe(young);
        newest.Member.Id.ShouldBe(third.Identity.Id);
        (await pair.Member.Client.GetTagAsync(pair.Member.Know(pair.Founder), Busybox, "latest", Token)).ShouldBe(old);
        (await pair.Member.Client.FindTagAsync(Busybox, "other&tag=latest", Patience, Token)).ShouldBeNull();
    }

    private static async Task<byte[]> ReadAllAsync(Stream stream)
    {
        using var all = new MemoryStream();
        await stream.CopyToAsync(all, Token);
        return all.ToArray();
    }
}
