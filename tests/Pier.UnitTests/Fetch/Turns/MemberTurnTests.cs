using System.Collections.Concurrent;
using Microsoft.Extensions.Logging.Abstractions;
using Pier.Content;
using Pier.Content.Contracts;
using Pier.Fetch;
using Pier.Fetch.Turns;
using Pier.Membership.Identity;
using Pier.Membership.Turns;
using Pier.TestKit;
using Pier.TestKit.Time;

namespace Pier.UnitTests.Fetch.Turns;

/// <summary>What the referee hears each second of a turn.</summary>
public sealed class MemberTurnTests : ITurns
{
    private static readonly Digest Blob = Digest.Compute("blob"u8);

    private readonly ManualTimeProvider _clock = new();
    private readonly ConcurrentQueue<(long Progress, bool IsWaiting)> _told = new();
    private readonly CancellationTokenSource _end = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
    private long _bytes;

    [Fact]
    public async Task That_it_waits_until_the_first_byte_has_come()
    {
        var renewing = Begin(TimeSpan.FromSeconds(60));
        await PassAsync(seconds: 2);
        Interlocked.Exchange(ref _bytes, 5);
        await PassAsync(seconds: 1);
        await EndAsync(renewing);

        _told.ShouldBe([(0, true), (0, true), (5, false)]);
    }

    [Fact]
    public async Task That_it_waits_for_no_longer_than_the_registry_may_take()
    {
        var renewing = Begin(TimeSpan.FromSeconds(3));
        await PassAsync(seconds: 4);
        await EndAsync(renewing);

        _told.ShouldBe([(0, true), (0, true), (0, false), (0, false)]);
    }

    [Theory]
    [InlineData("slow.test", 60)]
    [InlineData("fast.test", 0)]
    [InlineData("registry.test", 0)]
    public void A_turn_outlasts_its_lease_only_where_a_registry_was_given_more_time_than_others(string registry, int seconds) =>
        new FetchOptions
        {
            AccessFolder = "",
            Registries = new Dictionary<string, RegistryPolicy>(StringComparer.Ordinal)
            {
                ["slow.test"] = new(AnswerTimeout: TimeSpan.FromSeconds(60)),
                ["fast.test"] = new(AnswerTimeout: TimeSpan.FromSeconds(1)),
            },
        }.SilentTurnOf(registry).ShouldBe(TimeSpan.FromSeconds(seconds));

    Task<TurnAnswer> ITurns.AskAsync(BlobRequest request, NodeId? unreachable, CancellationToken cancellationToken) => throw new NotSupportedException();

    Task<bool> ITurns.RenewAsync(Digest digest, long progress, bool isWaiting, CancellationToken cancellationToken)
    {
        _told.Enqueue((progress, isWaiting));
        return Task.FromResult(true);
    }

    Task ITurns.ReleaseAsync(Digest digest, TurnOutcome outcome, CancellationToken cancellationToken) => throw new NotSupportedException();

    private Task Begin(TimeSpan silence) =>
        new MemberTurn(this, Blob, silence, _clock, NullLogger.Instance).RenewAsync(() => Interlocked.Read(ref _bytes), _end.Token);

    /// <summary>Each second is told of before the next.</summary>
    private async Task PassAsync(int seconds)
    {
        for (var second = 0; second < seconds; second++)
        {
            var before = _told.Count;
            _clock.Advance(TimeSpan.FromSeconds(1));
            await Eventually.TrueAsync(() => _told.Count > before, "the referee to be told", Eventually.Patience, TestContext.Current.CancellationToken);
        }
    }

    private async Task EndAsync(Task renewing)
    {
        await _end.CancelAsync();
        await Should.ThrowAsync<OperationCanceledException>(renewing);
        _end.Dispose();
    }
}
