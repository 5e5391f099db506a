using Pier.Content.Contracts;
using Pier.TestKit;
using Pier.TestKit.Files;
using Pier.TestKit.Time;
using Pier.UnitTests.Fetch.Upstreams;

namespace Pier.UnitTests.Fetch.Turns;

/// <summary>Several members want a blob of a registry that takes far longer to its first byte than a lease lasts: one of them asks it.</summary>
public sealed class SlowRegistryTests : IAsyncLifetime
{
    private readonly TempFolder _folder = TempFolder.Create("slow");
    private readonly ManualTimeProvider _clock = new();
    private readonly TaskCompletionSource _answer = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly FakeUpstream _registry = new();
    private readonly List<DeliveringMember> _members = [];

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    private DeliveringMember Holder => _members[1];

    public async ValueTask InitializeAsync()
    {
        _registry.Answers = _answer.Task;
        for (var number = 0; number < 4; number++)
        {
            _members.Add(await DeliveringMember.StartAsync(_folder.Below($"node{number}"), _registry, _clock, _members.FirstOrDefault(), Token));
        }
        // A holder refuses whom it has not heard of yet.
        await UntilAsync(
            () =>
            {
                _clock.Advance(TimeSpan.FromMilliseconds(10));
                return _members.TrueForAll(member => member.Known == _members.Count - 1);
            },
            "all know each other");
        _registry.Add(Holder.Content);
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var member in Enumerable.Reverse(_members))
        {
            await member.DisposeAsync();
        }
        await _folder.DisposeAsync();
    }

    [Fact]
    public async Task One_asks_and_the_others_follow_it_whenever_they_come()
    {
        var reads = new List<Task<byte[]>> { await HoldAsync(), _members[0].ReadAsync(), _members[2].ReadAsync() };
        await UntilAsync(() => Holder.Followers == 2, "two follow");
        await PassAsync(seconds: 20);
        reads.Add(_members[3].ReadAsync());
        await UntilAsync(() => Holder.Followers == 3, "the last follows, too");
        await PassAsync(seconds: 20);

        (_registry.Opened.Count, Holder.Followers).ShouldBe((1, 3));
        _answer.SetResult();

        (await ReadAsync(reads)).ShouldAllBe(content => content.SequenceEqual(Holder.Content));
        _registry.Opened.Count.ShouldBe(1);
    }

    [Fact]
    public async Task A_holder_that_dies_meanwhile_is_replaced_by_one_other_within_the_lease()
    {
        var dead = await HoldAsync();
        Task<byte[]>[] reads = [_members[0].ReadAsync(), _members[2].ReadAsync(), _members[3].ReadAsync()];
        await UntilAsync(() => Holder.Followers == 3, "three follow");
        await PassAsync(seconds: 20);
        _registry.Opened.Count.ShouldBe(1);

        await Holder.KillAsync();
        var died = _clock.GetUtcNow();
        await UntilAsync(
            () =>
            {
                _clock.Advance(TimeSpan.FromMilliseconds(100));
                return _registry.Opened.Count == 2;
            },
            "another asks");
        (_clock.GetUtcNow() - died).ShouldBeLessThan(TimeSpan.FromSeconds(10));
        await PassAsync(seconds: 20);

        _registry.Opened.Count.ShouldBe(2);
        _answer.SetResult();

        (await ReadAsync(reads)).ShouldAllBe(content => content.SequenceEqual(Holder.Content));
        _registry.Opened.Count.ShouldBe(2);
        await Should.ThrowAsync<ContentException>(dead);
    }

    /// <summary>Begins to read where the turn is then held.</summary>
    private async Task<Task<byte[]>> HoldAsync()
    {
        var reading = Holder.ReadAsync();
        await UntilAsync(() => _registry.Opened.Count == 1, "the registry is asked");
        return reading;
    }

    /// <summary>Lets time go by, no faster than the referee hears of it from who holds a turn.</summary>
    private async Task PassAsync(int seconds)
    {
        for (var second = 0; second < seconds; second++)
        {
            var before = _members.Sum(member => member.Renewals);
            _clock.Advance(TimeSpan.FromSeconds(1));
            await UntilAsync(() => _members.Sum(member => member.Renewals) > before, "the referee is told");
        }
    }

    /// <summary>Time goes by for whoever waits a moment before it asks again.</summary>
    private async Task<byte[][]> ReadAsync(IEnumerable<Task<byte[]>> reads)
    {
        var all = Task.WhenAll(reads);
        await UntilAsync(
            () =>
            {
                _clock.Advance(TimeSpan.FromMilliseconds(10));
                return all.IsCompleted;
            },
            "all have read it");
        return await all;
    }

    private static Task UntilAsync(Func<bool> condition, string what) => Eventually.TrueAsync(condition, what, Eventually.Patience, Token);
}
