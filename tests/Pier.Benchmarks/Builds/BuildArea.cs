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
    public IReadOnlyList<string> RowNames { get; } = ["frontend-plain", "frontend-pier", "pier-1g", "rebuild", "frontend-image"];

    /// <inheritdoc/>
    public IReadOnlyList<string> Settings =>
    [
        $"build: {_engine}, classic store; frontend rows: whole cached builds with the frontend less those by the engine's own, {Builds} in turn",
        "build: pier-1g is a PIER line of a torrent's file that the node holds against ADD from nginx, the engine's build cache emptied before each",
    ];

    /// <inheritdoc/>
    public async Task<IReadOnlyList<BenchRow>> RunAsync(BenchContext context, CancellationToken cancellationToken)
    {
        await using var host = await BuildHost.StartAsync(cancellationToken);
        _engine = "dockerd " + await host.VersionAsync(cancellationToken);
        await WriteAsync(Path.Combine(host.WebFolder, LargeFile), Size, cancellationToken);
        await WriteAsync(Path.Combine(host.WebFolder, SmallFile), 1 << 20, cancellationToken);
        var small = await host.SeedAsync(SmallFile, cancellationToken);
        var large = await host.SeedAsync(LargeFile, cancellationToken);
        var many = new BenchContext(context.Scratch, Builds, context.Wants);
        var withPier = $"{Plain}PIER {small} /f\n";
        var plain = await many.InTurnAsync(
            "frontend-plain", token => host.BuildAsync(Syntax + Plain, token), token => host.BuildAsync(Plain, token), cancellationToken);
        var pier = await many.InTurnAsync(
            "frontend-pier", token => host.BuildAsync(Syntax + withPier, token), token => host.BuildAsync($"{Plain}COPY own /f\n", token), cancellationToken);
        var rebuild = await many.InTurnAsync(
            "rebuild", token => host.BuildAsync(Syntax + withPier, token), token => host.BuildAsync(Syntax + Plain, token), cancellationToken);
        var gibibyte = await context.InTurnAsync(
            "pier-1g",
            token => ColdAsync(host, $"{Syntax}FROM scratch\nPIER {large} /f\n", token),
            token => ColdAsync(host, $"FROM scratch\nADD {BuildHost.At(LargeFile)} /f\n", token),
            cancellationToken);
        return
        [
            Added("frontend-plain", 80, plain),
            Added("frontend-pier", 120, pier),
            Ratio("pier-1g", 1.15, gibibyte),
            Ratio("rebuild", 1.1, rebuild),
            new BenchRow(Name, "frontend-image", "MB", Aim.Most(30), [Math.Round(await host.ImageSizeAsync(cancellationToken) / 1e6, 1)], "uncompressed, with pierdat"),
        ];
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

    private BenchRow Added(string name, double aim, IReadOnlyList<(double Pier, double Rival)> rounds) => new(
        Name, name, "ms", Aim.Most(aim), [.. rounds.Select(round => Math.Round(round.Pier - round.Rival, 1))], Detail(rounds));

    private BenchRow Ratio(string name, double aim, IReadOnlyList<(double Pier, double Rival)> rounds) => new(
        Name, name, "ratio", Aim.Most(aim), [.. rounds.Select(round => round.Pier / round.Rival)], Detail(rounds));

    private static string Detail(IReadOnlyList<(double Pier, double Rival)> rounds) =>
        $"Pier {Statistics.Median([.. rounds.Select(round => round.Pier)])}, rival {Statistics.Median([.. rounds.Select(round => round.Rival)])} ms a build";
}
