using Pier.Content.Contracts;
using Pier.Fetch;
using Pier.Fetch.Delivery;
using Pier.Fetch.Ladder;

namespace Pier.UnitTests.Fetch.Delivery;

/// <summary>What clients get from sources that are late rather than gone.</summary>
public sealed class ClimbPatienceTests : IAsyncDisposable
{
    private static readonly LegPatience Slow = new(TimeSpan.FromSeconds(60), TimeSpan.FromSeconds(90));

    private readonly DeliveryHarness _world = new();
    private readonly DeliveryHarness _slow = new(with: options => options with
    {
        Registries = new Dictionary<string, RegistryPolicy>(StringComparer.Ordinal)
        {
            ["registry.test"] = new(AnswerTimeout: Slow.FirstByte, StallTimeout: Slow.Stall),
        },
    });

    [Fact]
    public async Task A_follower_whose_turn_holder_brought_nothing_is_given_a_second_try()
    {
        var never = new TaskCompletionSource();
        var silent = new ScriptedSource(SourceKind.Member, _world.Content) { Ready = never.Task };
        _world.Finder.Upstreams.Enqueue(new Candidate("member holder", silent));
        _world.Finder.Upstreams.Enqueue(new Candidate("member other", _world.Good(SourceKind.Member)));

        (await _world.WhileTimePassesAsync(_world.ReadAllAsync(), 1000)).ShouldBe(_world.Content);

        _world.Finder.Failed.ShouldBe([null, "member holder"]);
    }

    [Fact]
    public async Task A_follower_goes_on_for_as_long_as_the_registry_may_take()
    {
        for (var broken = 0; broken < 10; broken++)
        {
            _slow.Finder.Upstreams.Enqueue(new Candidate(
                "member holder", new ScriptedSource(SourceKind.Member, []) { Refusal = () => new ContentUnavailableException("not yet") }));
        }
        _slow.Finder.Upstreams.Enqueue(new Candidate("upstream", _slow.Good(SourceKind.Upstream)));

        (await _slow.WhileTimePassesAsync(_slow.ReadAllAsync(), 1000)).ShouldBe(_slow.Content);
    }

    [Fact]
    public async Task A_registry_that_answers_with_an_error_late_is_asked_again()
    {
        var late = new TaskCompletionSource();
        var fails = new ScriptedSource(SourceKind.Upstream, []) { Ready = late.Task, Refusal = () => new ContentUnavailableException("503") };
        _slow.Finder.Upstreams.Enqueue(new Candidate("upstream", fails) { Patience = Slow });
        _slow.Finder.Upstreams.Enqueue(new Candidate("upstream", _slow.Good(SourceKind.Upstream)));
        var reading = _slow.ReadAllAsync();
        await _slow.PassUntilAsync(() => fails.Probes == 1);
        _slow.Clock.Advance(TimeSpan.FromSeconds(25));
        late.SetResult();

        (await _slow.WhileTimePassesAsync(reading, 250)).ShouldBe(_slow.Content);
    }

    [Fact]
    public async Task A_body_that_was_allowed_to_pause_for_longer_than_a_body_may_stand_still_is_gone_on_with()
    {
        var silent = new ScriptedSource(SourceKind.Upstream, _slow.Content) { SilentAfter = 20_000 };
        _slow.Finder.Upstreams.Enqueue(new Candidate("upstream", silent) { Patience = Slow });
        var good = _slow.Good(SourceKind.Upstream);
        _slow.Finder.Upstreams.Enqueue(new Candidate("upstream", good));
        var reading = _slow.ReadAllAsync();
        await _slow.PassUntilAsync(() => _slow.Table.Find(_slow.Digest)?.Arrived == 20_000);
        _slow.Clock.Advance(Slow.Stall);
        await _slow.PassUntilAsync(() => silent.IsCancelled, 500);

        (await _slow.WhileTimePassesAsync(reading, 250)).ShouldBe(_slow.Content);

        good.StartedAt.ShouldBe(20_000);
    }

    [Fact]
    public async Task A_body_is_gone_on_with_when_a_lone_swarm_breaks_whose_only_piece_was_long_in_coming()
    {
        var broken = new TaskCompletionSource();
        var slow = new BlocksOnly(_world.Content.Length, broken.Task);
        Candidate[] swarms = [new("swarm slow", slow), new("swarm good", _world.Good(SourceKind.Swarm))];
        _world.Finder.Peers = () => [swarms[_world.Finder.Searches - 1]];
        var reading = _world.ReadAllAsync();
        await _world.PassUntilAsync(() => slow.Sink is not null);
        for (var block = 0; block < 20; block++)
        {
            _world.Clock.Advance(TimeSpan.FromSeconds(4));
            slow.Sink!.Sign(1000);
        }

        broken.SetException(new ContentUnavailableException("the line is down"));

        (await _world.WhileTimePassesAsync(reading)).ShouldBe(_world.Content);
    }

    public async ValueTask DisposeAsync()
    {
        await _world.DisposeAsync();
        await _slow.DisposeAsync();
    }

    /// <summary>A swarm's source of which blocks come, and no whole piece before its end.</summary>
    private sealed class BlocksOnly(long size, Task end) : IContentSource
    {
        public SourceKind Kind => SourceKind.Swarm;

        public IPartialSink? Sink { get; private set; }

        public ValueTask<ContentOffer?> ProbeAsync(BlobRequest request, CancellationToken cancellationToken) =>
            ValueTask.FromResult<ContentOffer?>(new ContentOffer("slow", request, size, SourceTrust.AtOnce));

        public Task FetchAsync(ContentOffer offer, IContentSink sink, CancellationToken cancellationToken)
        {
            Sink = (IPartialSink)sink;
            return end.WaitAsync(cancellationToken);
        }
    }
}
