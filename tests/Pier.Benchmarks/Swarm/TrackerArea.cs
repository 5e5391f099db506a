using System.Globalization;
using System.Net;
using Pier.Benchmarks.Harness;
using Pier.TestKit.Processes;

namespace Pier.Benchmarks.Swarm;

/// <summary>Announces a second that one pierd answers as a tracker, over UDP and over HTTP, with swarms of 200 peers in it; opentracker in turn.</summary>
internal sealed class TrackerArea : IBenchArea
{
    private static readonly TimeSpan Span = TimeSpan.FromSeconds(3);

    /// <inheritdoc/>
    public string Name => "swarm";

    /// <inheritdoc/>
    public IReadOnlyList<string> RowNames => ["tracker-udp", "tracker-http"];

    /// <inheritdoc/>
    public IReadOnlyList<string> Settings { get; } =
    [
        $"swarm: tracker rows: {AnnounceLoad.Swarms} swarms with {AnnounceLoad.PeersPerSwarm} peers each, 50 peers in an answer, client and tracker on one machine, loopback; over HTTP a connection for each announce to opentracker, which hangs up, and kept ones to Pier; {RivalVersion.Of("dpkg-query", "-W", "opentracker")}",
    ];

    /// <inheritdoc/>
    public async Task<IReadOnlyList<BenchRow>> RunAsync(BenchContext context, CancellationToken cancellationToken)
    {
        var state = Directory.CreateDirectory(Path.Combine(context.Scratch, "tracker")).FullName;
        var configuration = Path.Combine(state, "pierd.json");
        await File.WriteAllTextAsync(configuration, """{ "version": 1, "tracker": "open" }""", cancellationToken);
        var registry = new IPEndPoint(IPAddress.Loopback, FreePort.Next());
        var peers = new IPEndPoint(IPAddress.Loopback, FreePort.Next(alsoUdp: true));
        var plan = new ProcessPlan("pierd", Path.Combine(AppContext.BaseDirectory, "pierd"),
        [
            "--config", configuration, "--state", state, "--registry", $"{registry}", "--control", $"127.0.0.1:{FreePort.Next()}",
            "--peers", $"{peers}", "--node", $"127.0.0.1:{FreePort.Next()}", "--socket", Path.Combine(state, "pier.sock"), "--log-level", "warning",
        ])
        {
            Ready = Readiness.WhenHttpAnswers(new Uri($"http://{registry}/v2/")),
        };
        await using var pierd = await ExternalProcess.StartAsync(plan, cancellationToken);
        var rival = new IPEndPoint(IPAddress.Loopback, FreePort.Next(alsoUdp: true));
        await using var opentracker = await StartRivalAsync(context, rival, cancellationToken);
        await AnnounceLoad.FillAsync(peers, cancellationToken);
        await AnnounceLoad.FillAsync(rival, cancellationToken);
        var udp = await context.InTurnAsync(
            "tracker-udp",
            token => MeasureAsync(pierd, () => AnnounceLoad.UdpAsync(peers, Span, token)),
            token => MeasureAsync(opentracker, () => AnnounceLoad.UdpAsync(rival, Span, token)),
            cancellationToken);
        var http = await context.InTurnAsync(
            "tracker-http",
            token => MeasureAsync(pierd, () => AnnounceLoad.HttpAsync(registry, Span, staysOpen: true, token)),
            token => MeasureAsync(opentracker, () => AnnounceLoad.HttpAsync(rival, Span, staysOpen: false, token)),
            cancellationToken);
        return [Row("tracker-udp", 5_000, udp), Row("tracker-http", 2_000, http)];
    }

    private static Task<ExternalProcess> StartRivalAsync(BenchContext context, IPEndPoint at, CancellationToken cancellationToken)
    {
        var folder = Directory.CreateDirectory(Path.Combine(context.Scratch, "opentracker")).FullName;
        var served = Path.Combine(folder, "served");
        File.WriteAllLines(served, Enumerable.Range(0, AnnounceLoad.Swarms).Select(swarm => Convert.ToHexStringLower(AnnounceLoad.InfoHash(swarm))));
        // As root it makes the folder its root and becomes nobody before it reads the list.
        const UnixFileMode readable = UnixFileMode.UserRead | UnixFileMode.GroupRead | UnixFileMode.OtherRead | UnixFileMode.UserWrite;
        File.SetUnixFileMode(served, readable);
        File.SetUnixFileMode(folder, readable | UnixFileMode.UserExecute | UnixFileMode.GroupExecute | UnixFileMode.OtherExecute);
        var program = RequiredTool.Path("opentracker", "apt-get install opentracker");
        return ExternalProcess.StartAsync(
            new ProcessPlan("opentracker", program, ["-i", $"{at.Address}", "-p", $"{at.Port}", "-P", $"{at.Port}", "-d", folder, "-w", "served"])
            {
                WorkingFolder = folder,
                Ready = Readiness.WhenTcpConnects(at),
            },
            cancellationToken);
    }

    private static async Task<AnnounceRate> MeasureAsync(ExternalProcess tracker, Func<Task<long>> load)
    {
        var (start, cpu) = (TimeProvider.System.GetTimestamp(), ProcessCpu.Seconds(tracker.Id));
        var answers = await load();
        return new AnnounceRate(answers / TimeProvider.System.GetElapsedTime(start).TotalSeconds, (ProcessCpu.Seconds(tracker.Id) - cpu) / answers);
    }

    private BenchRow Row(string name, int aim, IReadOnlyList<(AnnounceRate Pier, AnnounceRate Rival)> rounds) => new(
        Name, name, "announces/s", Aim.Least(aim), [.. rounds.Select(round => round.Pier.Rate)],
        $"Pier {Median(rounds.Select(round => round.Pier))}, opentracker {Median(rounds.Select(round => round.Rival))}");

    private static AnnounceRate Median(IEnumerable<AnnounceRate> rates)
    {
        AnnounceRate[] all = [.. rates];
        return new AnnounceRate(Statistics.Median([.. all.Select(rate => rate.Rate)]), Statistics.Median([.. all.Select(rate => rate.Cpu)]));
    }

    /// <summary>What a tracker did.</summary>
    /// <param name="Rate">Announces answered a second.</param>
    /// <param name="Cpu">Seconds of a core that each took it.</param>
    private readonly record struct AnnounceRate(double Rate, double Cpu)
    {
        public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Rate:0} announces/s at {Cpu * 1e6:0} µs of a core each");
    }
}
