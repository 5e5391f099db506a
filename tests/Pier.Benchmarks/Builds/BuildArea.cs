using System.Globalization;
using Pier.Benchmarks.Harness;
using Pier.TestKit.Engines;

namespace Pier.Benchmarks.Builds;

/// <summary>Builds with PIER lines and with the frontend alone, against the same builds by BuildKit itself.</summary>
internal sealed class BuildArea : IBenchArea
{
    private const long Size = 1L << 30;
    private const int Builds = 20;
    private const string Syntax = $"# syntax={FrontendImage.Name}\n";
    private const string Plain = "FROM scratch\nCOPY own /\n";
    private const string LargeFile = "large.bin";
    private const string SmallFile = "small.bin";

    private string _engine = "dockerd";

    /// <inheritdoc/>
    public string Name => "build";

    /// <inheritdoc/>
    public IReadOnlyList<string> RowNames { get; } = ["frontend-plain", "frontend-pier", "pier-1g", "rebuild", "resolve", "frontend-image"];

    /// <inheritdoc/>
    public IReadOnlyList<string> Settings =>
    [
        $"build: {_engine}, classic store; frontend rows: from the start of the frontend's process to its call of Return in cached builds, by its own clock, {Builds} times; BuildKit's own frontend, timed in the build without PIER lines, is taken off; the start until the program's first line is a whole run of pier-frontend --version",
        "build: pier-1g is a PIER line of a torrent's file that the node holds against ADD from nginx, the engine's build cache emptied before each",
    ];

    /// <inheritdoc/>
    public async Task<IReadOnlyList<BenchRow>> RunAsync(BenchContext context, CancellationToken cancellationToken)
    {
        await using var host = await BuildHost.StartAsync(cancellationToken);
        _engine = "dockerd " + await host.VersionAsync(cancellationToken);
        await WriteAsync(Path.Combine(host.WebFolder, SmallFile), 1 << 20, cancellationToken);
        var withPier = $"{Plain}PIER {await host.SeedAsync(SmallFile, cancellationToken)} /f\n";
        var many = new BenchContext(context.Scratch, Builds, context.Wants);
        var rows = new List<BenchRow>();
        if (context.Wants("frontend-plain") || context.Wants("frontend-pier"))
        {
            rows.AddRange(await InsideAsync(many, host, withPier, cancellationToken));
        }

        if (context.Wants("pier-1g"))
        {
            await WriteAsync(Path.Combine(host.WebFolder, LargeFile), Size, cancellationToken);
            var large = await host.SeedAsync(LargeFile, cancellationToken);
            rows.Add(Ratio("pier-1g", 1.15, await context.InTurnAsync(
                "pier-1g",
                token => ColdAsync(host, $"{Syntax}FROM scratch\nPIER {large} /f\n", token),
                token => ColdAsync(host, $"FROM scratch\nADD {BuildHost.At(LargeFile)} /f\n", token),
                cancellationToken)));
        }

        if (context.Wants("rebuild"))
        {
            rows.Add(Ratio("rebuild", 1.1, await many.InTurnAsync(
                "rebuild", token => host.BuildAsync(Syntax + withPier, token), token => host.BuildAsync(Syntax + Plain, token), cancellationToken)));
        }

        if (context.Wants("resolve"))
        {
            rows.Add(await ResolveAsync(host, withPier, cancellationToken));
        }

        rows.Add(new BenchRow(Name, "frontend-image", "MB", Aim.Most(30), [Math.Round(await host.ImageSizeAsync(cancellationToken) / 1e6, 1)], "uncompressed, with pierdat"));
        return rows;
    }

    private async Task<IReadOnlyList<BenchRow>> InsideAsync(BenchContext many, BuildHost host, string withPier, CancellationToken cancellationToken)
    {
        var rounds = await many.InTurnAsync(
            "frontend-pier, frontend-plain", token => host.TraceAsync(Syntax + withPier, token), token => host.TraceAsync(Syntax + Plain, token), cancellationToken);
        var starts = new List<double>();
        while (starts.Count < Builds)
        {
            starts.Add(await host.StartProgramAsync(cancellationToken));
        }

        var whole = await many.InTurnAsync(
            "whole builds", token => host.BuildAsync(Syntax + Plain, token), token => host.BuildAsync(Plain, token), cancellationToken);
        var start = Statistics.Median(starts);
        return
        [
            Inside("frontend-plain", 80, start, [.. rounds.Select(round => (round.Rival, round.Rival))], $"whole builds: {Detail(whole)}"),
            Inside("frontend-pier", 120, start, rounds, "PIER of a source that the node knows"),
        ];
    }

    private async Task<BenchRow> ResolveAsync(BuildHost host, string withPier, CancellationToken cancellationToken)
    {
        await host.BuildAsync(Syntax + withPier, cancellationToken);
        var source = withPier.Split(' ')[^2];
        var times = new List<double>();
        while (times.Count < Builds)
        {
            times.Add(Math.Round(await host.ResolveAsync(source, cancellationToken), 2));
        }

        return new BenchRow(Name, "resolve", "ms", Aim.Most(10), times, "the node's answer to what a known magnet link stands for, over HTTP on loopback");
    }

    private static async Task<double> ColdAsync(BuildHost host, string dockerfile, CancellationToken cancellationToken)
    {
        await host.ForgetAsync(cancellationToken);
        // The frontend's image is fetched from the engine's own store again; that is not what is measured.
        await host.BuildAsync(Syntax + Plain, cancellationToken);
        return await host.BuildAsync(dockerfile, cancellationToken);
    }

    private static async Task WriteAsync(string path, long size, CancellationToken cancellationToken)
    {
        var block = new byte[1 << 20];
        var random = new Random(1);
        await using var file = new FileStream(path, FileMode.CreateNew, FileAccess.Write, FileShare.Read, bufferSize: 0);
        for (var written = 0L; written < size; written += block.Length)
        {
            random.NextBytes(block);
            await file.WriteAsync(block, cancellationToken);
        }
    }

    /// <summary>A row of the frontend's own time; the second of each pair has the time of BuildKit's own frontend.</summary>
    private BenchRow Inside(string name, double aim, double start, IReadOnlyList<(FrontendTrace Own, FrontendTrace BuiltIn)> rounds, string detail) => new(
        Name, name, "ms", Aim.Most(aim), [.. rounds.Select(round => Math.Round(start + round.Own.Total - round.BuiltIn.BuiltIn, 1))],
        string.Create(
            CultureInfo.InvariantCulture,
            $"first line to Return {Statistics.Median([.. rounds.Select(round => round.Own.Total)]):0.0}, start of the process {start:0.0}, BuildKit's own frontend {Statistics.Median([.. rounds.Select(round => round.BuiltIn.BuiltIn)]):0.0} ms; {detail}"));

    private BenchRow Ratio(string name, double aim, IReadOnlyList<(double Pier, double Rival)> rounds) => new(
        Name, name, "ratio", Aim.Most(aim), [.. rounds.Select(round => round.Pier / round.Rival)], Detail(rounds));

    private static string Detail(IReadOnlyList<(double Pier, double Rival)> rounds) =>
        $"Pier {Statistics.Median([.. rounds.Select(round => round.Pier)])}, rival {Statistics.Median([.. rounds.Select(round => round.Rival)])} ms a build";
}
