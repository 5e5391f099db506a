using System.Globalization;
using System.Net;
using Pier.Benchmarks.Harness;
using Pier.TestKit.Processes;

namespace Pier.Benchmarks.Swarm;

/// <summary>Announces a second that one pierd answers as a tracker, over UDP and over HTTP, with swarms of 200 peers in it.</summary>
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
        $"swarm: tracker rows: {AnnounceLoad.Swarms} swarms with {AnnounceLoad.PeersPerSwarm} peers each, 50 peers in an answer, client and tracker on one machine, loopback",
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
        await AnnounceLoad.FillAsync(peers, cancellationToken);
        return
        [
            Row("tracker-udp", 5_000, await MeasureAsync(context, token => AnnounceLoad.UdpAsync(peers, Span, token), cancellationToken)),
            Row("tracker-http", 2_000, await MeasureAsync(context, token => AnnounceLoad.HttpAsync(registry, Span, token), cancellationToken)),
        ];
    }

    private static async Task<IReadOnlyList<double>> MeasureAsync(
        BenchContext context, Func<CancellationToken, Task<long>> load, CancellationToken cancellationToken)
    {
        var rates = new List<double>();
        for (var round = 0; round <= context.Rounds; round++)
        {
            var start = TimeProvider.System.GetTimestamp();
            var answers = await load(cancellationToken);
            if (round > 0)
            {
                rates.Add(answers / TimeProvider.System.GetElapsedTime(start).TotalSeconds);
            }
        }

        return rates;
    }

    private BenchRow Row(string name, int aim, IReadOnlyList<double> rates) => new(
        Name, name, "announces/s", Aim.Least(aim), rates,
        string.Create(CultureInfo.InvariantCulture, $"Pier {Statistics.Median(rates):0} announces/s answered"));
}
