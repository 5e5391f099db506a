using Pier.Content.Contracts;
using Pier.Fetch.Ladder;

namespace Pier.UnitTests.Fetch.Delivery;

/// <summary>What a client sees while strangers, who may lie about anything, deliver (design §3.6, §4).</summary>
public sealed class StrangerFetchTests : IAsyncDisposable
{
    private readonly DeliveryHarness _world = new();
    private readonly TaskCompletionSource _end = new();

    [Fact]
    public async Task By_digest_alone_a_stranger_s_blob_is_had_once_it_is_proved()
    {
        var hold = new TaskCompletionSource();
        Strangers(Stranger("honest", new ScriptedSource(SourceKind.Swarm, _world.Content) { Trust = SourceTrust.AfterSeal, Pause = (20_000, hold.Task) }));

        var reading = _world.ReadAllAsync(_world.Request with { Origin = null });
        await _world.PassUntilAsync(() => _world.Table.Find(_world.Digest) is { Arrived: >= 20_000 });
        reading.IsCompleted.ShouldBeFalse("nothing of a stranger's is told before the seal, its size included");
        hold.SetResult();

        (await _world.WhileTimePassesAsync(reading)).ShouldBe(_world.Content);
    }

    [Fact]
    public async Task A_stranger_s_lie_is_never_read_and_bans_all_who_told_it()
    {
        var lies = _world.Content.ToArray();
        lies[100] ^= 1;
        Strangers(
            Stranger("liar", new ScriptedSource(SourceKind.Swarm, lies) { Trust = SourceTrust.AfterSeal }, "stranger a", "stranger b"),
            Stranger("honest", new ScriptedSource(SourceKind.Swarm, _world.Content) { Trust = SourceTrust.AfterSeal }, "stranger c"));

        (await _world.WhileTimePassesAsync(_world.ReadAllAsync(_world.Request with { Origin = null }))).ShouldBe(_world.Content);

        new[] { "liar", "stranger a", "stranger b" }.ShouldAllBe(name => _world.Bans.Has(_world.Digest, name));
        new[] { "honest", "stranger c" }.ShouldAllBe(name => !_world.Bans.Has(_world.Digest, name));
    }

    [Fact]
    public async Task A_stranger_s_wrong_size_gives_way_to_the_upstream_s_and_is_banned()
    {
        var never = new TaskCompletionSource();
        var liar = new ScriptedSource(SourceKind.Swarm, new byte[70_000]) { Trust = SourceTrust.AfterSeal, Pause = (10_000, never.Task) };
        Strangers(Stranger("liar", liar, "stranger a"));
        using var patience = new CancellationTokenSource();
        var byDigest = _world.Fetcher.OpenAsync(_world.Request with { Origin = null }, patience.Token).AsTask();
        await _world.PassUntilAsync(() => _world.Table.Find(_world.Digest) is { Arrived: >= 10_000 });

        _world.Finder.Upstreams.Enqueue(new Candidate("upstream", _world.Good(SourceKind.Upstream)));
        (await _world.WhileTimePassesAsync(_world.ReadAllAsync())).ShouldBe(_world.Content);

        await using var reader = await _world.WhileTimePassesAsync(byDigest);
        reader.Length.ShouldBe(_world.Content.Length);
        _world.Bans.Has(_world.Digest, "stranger a").ShouldBeTrue();
    }

    [Fact]
    public async Task A_stranger_s_part_of_a_false_whole_is_blamed_before_the_upstream_s()
    {
        var lies = _world.Content.ToArray();
        lies[100] ^= 1;
        Strangers(Stranger("liar", new ScriptedSource(SourceKind.Swarm, lies) { Trust = SourceTrust.AfterSeal, BreaksAfter = 30_000 }));
        var refused = new ScriptedSource(SourceKind.Upstream, []) { Refusal = () => new ContentUnavailableException("a moment") };
        _world.Finder.Upstreams.Enqueue(new Candidate("upstream", refused));
        _world.Finder.Upstreams.Enqueue(new Candidate("upstream", _world.Good(SourceKind.Upstream)));

        (await _world.WhileTimePassesAsync(_world.ReadAllAsync())).ShouldBe(_world.Content);

        _world.Bans.Has(_world.Digest, "liar").ShouldBeTrue();
        _world.Bans.Has(_world.Digest, "upstream").ShouldBeFalse();
    }

    [Fact]
    public async Task A_silent_stranger_is_dropped_once_and_asked_again()
    {
        var speak = new TaskCompletionSource();
        var silent = new ScriptedSource(SourceKind.Swarm, _world.Content) { Trust = SourceTrust.AfterSeal, MayDeliver = speak.Task, MayEnd = _end.Task };
        Strangers(Stranger("silent", silent));

        var reading = _world.ReadAllAsync(_world.Request with { Origin = null });
        await _world.PassUntilAsync(() => Drops > 0);
        // It takes its time to end.
        var later = _world.Clock.GetUtcNow() + TimeSpan.FromSeconds(1);
        await _world.PassUntilAsync(() => _world.Clock.GetUtcNow() >= later);
        Drops.ShouldBe(1);
        speak.SetResult();
        _end.SetResult();

        (await _world.WhileTimePassesAsync(reading)).ShouldBe(_world.Content);
        Drops.ShouldBe(1);
        silent.Fetches.ShouldBe(2);
    }

    private int Drops => _world.Logs.Entries.Count(entry => entry.Message.Contains("is replaced", StringComparison.Ordinal));

    public ValueTask DisposeAsync()
    {
        // A test that failed may have left a source that waits for it, and for which the world waits.
        _end.TrySetResult();
        return _world.DisposeAsync();
    }

    private static Candidate Stranger(string name, ScriptedSource source, params string[] tellers) =>
        new(name, source) { Trust = SourceTrust.AfterSeal, Tellers = tellers };

    private void Strangers(params Candidate[] all) =>
        _world.Finder.Strangers = () => new ScriptedStrangers(all.Where(one => !_world.Bans.Has(_world.Digest, one.Name)));
}
