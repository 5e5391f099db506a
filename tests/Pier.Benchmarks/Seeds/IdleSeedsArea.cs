using Pier.Benchmarks.Harness;
using Pier.TestKit.Processes;

namespace Pier.Benchmarks.Seeds;

/// <summary>A real pierd that seeds ten thousand blobs which nobody asks for: what that costs.</summary>
internal sealed class IdleSeedsArea : IBenchArea
{
    private const int Blobs = 10_000;
    private static readonly TimeSpan Settling = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan Watched = TimeSpan.FromSeconds(20);

    /// <inheritdoc/>
    public string Name => "swarm";

    /// <inheritdoc/>
    public IReadOnlyList<string> RowNames => ["swarm-10k-idle", "swarm-10k-idle-memory", "swarm-10k-idle-start"];

    /// <inheritdoc/>
    public IReadOnlyList<string> Settings { get; } =
    [
        $"swarm-10k-idle: pierd with {Blobs} sealed public blobs of 256 KiB and their swarm records, announce=public; processor time over {Watched.TotalSeconds:0} s, {Settling.TotalSeconds:0} s after it is ready",
    ];

    /// <inheritdoc/>
    public async Task<IReadOnlyList<BenchRow>> RunAsync(BenchContext context, CancellationToken cancellationToken)
    {
        var state = Directory.CreateDirectory(Path.Combine(context.Scratch, "seeds")).FullName;
        await Console.Error.WriteLineAsync($"swarm-10k-idle: makes {Blobs} blobs");
        await SeedState.MakeAsync(state, Blobs, cancellationToken);
        var control = FreePort.Next();
        var clock = TimeProvider.System;
        var started = clock.GetTimestamp();
        await using var daemon = await ExternalProcess.StartAsync(
            new ProcessPlan("pierd", Path.Combine(AppContext.BaseDirectory, "pierd"),
            [
                "--state", state, "--socket", Path.Combine(context.Scratch, "seeds.sock"), "--announce", "public",
                "--registry", $"127.0.0.1:{FreePort.Next()}", "--peers", $"127.0.0.1:{FreePort.Next(alsoUdp: true)}", "--control", $"127.0.0.1:{control}",
            ])
            {
                Ready = Readiness.WhenHttpAnswers(new Uri($"http://127.0.0.1:{control}/readyz")),
            },
            cancellationToken);
        var start = clock.GetElapsedTime(started);
        await Task.Delay(Settling, clock, cancellationToken);
        var (cpu, at) = (ProcessCpu.Seconds(daemon.Id), clock.GetTimestamp());
        await Task.Delay(Watched, clock, cancellationToken);
        var share = (ProcessCpu.Seconds(daemon.Id) - cpu) / clock.GetElapsedTime(at).TotalSeconds;
        var memory = ProcessMemory.ResidentBytes(daemon.Id) / 1e6;
        using var client = new HttpClient();
        var seeds = (await client.GetStringAsync(new Uri($"http://127.0.0.1:{control}/metrics"), cancellationToken)).Split('\n')
            .Single(line => line.StartsWith("pier_swarms{state=\"seeding\"}", StringComparison.Ordinal)).Split(' ')[1];
        var detail = $"{seeds} seeds; ready after {start.TotalSeconds:0.0} s, {memory:0} MB resident, {share * 100:0.00} % of a core";
        return
        [
            new BenchRow(Name, "swarm-10k-idle", "%", Aim.Most(1), [share * 100], detail),
            new BenchRow(Name, "swarm-10k-idle-memory", "MB", Aim.Most(300), [memory], detail),
            new BenchRow(Name, "swarm-10k-idle-start", "s", Aim.Most(5), [start.TotalSeconds], detail),
        ];
    }
}
