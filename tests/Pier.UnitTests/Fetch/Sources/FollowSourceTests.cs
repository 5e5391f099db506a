using Pier.Content;
using Pier.Content.Contracts;
using Pier.Content.References;
using Pier.Fetch.Sources.Members;
using Pier.Membership.Client;
using Pier.TestKit;
using Pier.TestKit.Time;
using Pier.UnitTests.Fetch.Manifests;

namespace Pier.UnitTests.Fetch.Sources;

/// <summary>The holder of a turn hears how urgent a blob is for who follows it, and when that changes.</summary>
public sealed class FollowSourceTests
{
    private static readonly BlobRequest Ahead = new(Digest.Compute("layer"u8), new RepositoryName("registry.test", "library/thing"), 5, FetchPriority.Background);

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task What_is_fetched_ahead_is_asked_for_so_until_somebody_waits()
    {
        var clock = new ManualTimeProvider();
        var end = new TaskCompletionSource();
        var members = new FakeMembers { RangesAnswer = end.Task };
        var sink = new PrioritySink(5) { Priority = FetchPriority.Background };
        var fetching = new FollowSource(members, FakeMembers.Someone, TimeSpan.FromMinutes(1), desk: null!, clock)
            .FetchAsync(new ContentOffer("someone", Ahead, 5, SourceTrust.AtOnce), sink, Token);
        await Eventually.TrueAsync(() => members.Asked.Count == 1, "the range to be asked for", Eventually.Patience, Token);
        members.Asked.ShouldBe([new BlobName(Ahead.Digest, Ahead.Origin, IsAhead: true)]);
        clock.Advance(TimeSpan.FromSeconds(1));
        members.Invited.ShouldBeEmpty();

        sink.Priority = FetchPriority.Client;
        await Eventually.TrueAsync(
            () =>
            {
                clock.Advance(TimeSpan.FromMilliseconds(100));
                return !members.Invited.IsEmpty;
            },
            "the holder to be told",
            Eventually.Patience,
            Token);
        end.SetResult();
        await Should.ThrowAsync<MemberException>(fetching);

        members.Invited.ShouldBe([new BlobName(Ahead.Digest, Ahead.Origin)]);
        members.Patiences.ShouldBe([TimeSpan.FromMinutes(1), TimeSpan.FromMinutes(1)]);
    }

    [Fact]
    public async Task What_somebody_waits_for_is_asked_for_so_at_once_and_nothing_more_is_said()
    {
        var members = new FakeMembers();
        var sink = new PrioritySink(5) { Priority = FetchPriority.Client };

        await Should.ThrowAsync<MemberException>(() => new FollowSource(members, FakeMembers.Someone, patience: null, desk: null!, new ManualTimeProvider())
            .FetchAsync(new ContentOffer("someone", Ahead with { Priority = FetchPriority.Client }, 5, SourceTrust.AtOnce), sink, Token));

        (members.Asked.ShouldHaveSingleItem().IsAhead, members.Invited.IsEmpty).ShouldBe((false, true));
    }
}
