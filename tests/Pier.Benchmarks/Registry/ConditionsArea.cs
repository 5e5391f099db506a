using System.Globalization;
using Pier.Api;
using Pier.Api.Progress;
using Pier.Api.Seeds;
using Pier.Benchmarks.Harness;
using Pier.TestKit;
using Pier.TestKit.Processes;

namespace Pier.Benchmarks.Registry;

/// <summary>A blob out of the store under other conditions than the best: over TLS, from the disk, and while a peer is being served.</summary>
internal sealed class ConditionsArea : IBenchArea
{
    private const long Size = 1L << 30;
    private const int Clients = 4;

    /// <summary>A disk that others share varies more between two downloads than any two servers do.</summary>
    private const int TimesCold = 4;
    private const string Ab = "/usr/bin/ab";
    private const string Aria2 = "/usr/bin/aria2c";

    /// <inheritdoc/>
    public string Name => "registry";

    /// <inheritdoc/>
    public IReadOnlyList<string> RowNames { get; } = ["blob-get-tls", "blob-get-cold", "blob-get-seeding", "manifest-get"];

    /// <inheritdoc/>
    public IReadOnlyList<string> Settings =>
    [
        $"blob-get-tls: {Clients} clients, one P-256 certificate for both; blob-get-cold: one client, file on disk, written back, its pages dropped before each download and seen to be gone; {TimesCold} times the rounds, either server first by turns",
        $"blob-get-seeding: {Clients} clients while {RivalVersion.Of(Aria2, "--version")} takes another file from pierd at 1 Gbit/s; nginx serves undisturbed",
        "manifest-get: ab -k -c 32, a manifest by digest against the same file from nginx",
    ];

    /// <inheritdoc/>
    public async Task<IReadOnlyList<BenchRow>> RunAsync(BenchContext context, CancellationToken cancellationToken)
    {
        var rows = new List<BenchRow>();
        foreach (var (name, measure) in ((string Name, Func<BenchContext, CancellationToken, Task<BenchRow>> Measure)[])
            [("blob-get-tls", TlsAsync), ("blob-get-cold", ColdAsync), ("blob-get-seeding", SeedingAsync), ("manifest-get", ManifestAsync)])
        {
            if (context.Wants(name))
            {
                rows.Add(await measure(context, cancellationToken));
            }
        }
        return rows;
    }

    private async Task<BenchRow> TlsAsync(BenchContext context, CancellationToken cancellationToken)
    {
        var (folder, state) = Folders(context.Scratch, "tls");
        var digest = await StoredBlob.WriteAsync(state, folder, Size, cancellationToken);
        var certificate = await ServerCertificate.MakeAsync(folder, cancellationToken);
        await using var pier = await HttpServer.StartPierAsync(state, $"blobs/{digest}", certificate, cancellationToken);
        await using var nginx = await HttpServer.StartNginxAsync(folder, digest.Hex, cancellationToken, certificate);
        var rounds = await context.InTurnAsync(
            "blob-get-tls", token => pier.DownloadAsync(Clients, Size, token), token => nginx.DownloadAsync(Clients, Size, token), cancellationToken);
        return Row("blob-get-tls", Aim.Least(0.9), [.. rounds.Select(round => (round.Pier.MegabytesPerSecond, round.Rival.MegabytesPerSecond))], "MB/s");
    }

    /// <summary>tmpfs has no colder place, so this blob lies on the disk.</summary>
    private async Task<BenchRow> ColdAsync(BenchContext context, CancellationToken cancellationToken)
    {
        var disk = Directory.CreateDirectory(Path.Combine("/var/tmp", Path.GetFileName(context.Scratch))).FullName;
        try
        {
            var (folder, state) = Folders(disk, "cold");
            var digest = await StoredBlob.WriteAsync(state, folder, Size, cancellationToken);
            var file = Path.Combine(folder, digest.Hex);
            // Pages that have not been written back yet cannot be dropped, and would be written while somebody is measured.
            (await Command.RunAsync("sync", [file], cancellationToken)).OrThrow();
            await using var pier = await HttpServer.StartPierAsync(state, digest.ToString(), cancellationToken);
            await using var nginx = await HttpServer.StartNginxAsync(folder, digest.Hex, cancellationToken);
            var rounds = await context.InTurnAsync(
                "blob-get-cold", token => DownloadColdAsync(pier, token), token => DownloadColdAsync(nginx, token), cancellationToken, TimesCold);
            return Row("blob-get-cold", Aim.Least(0.9), [.. rounds.Select(round => (round.Pier.MegabytesPerSecond, round.Rival.MegabytesPerSecond))], "MB/s");

            async Task<Download> DownloadColdAsync(HttpServer server, CancellationToken token)
            {
                // Not all go at once: some are still in the hands of whoever read or sent them last.
                await Eventually.TrueAsync(() => IsDroppedAsync(file, token), $"the pages of {file} to be gone", TimeSpan.FromSeconds(30), token);
                return await server.DownloadAsync(1, Size, token);
            }
        }
        finally
        {
            Directory.Delete(disk, recursive: true);
        }
    }

    /// <summary>Makes the kernel drop a file's pages (posix_fadvise(2), POSIX_FADV_DONTNEED); whether less than one in a hundred is left.</summary>
    private static async Task<bool> IsDroppedAsync(string file, CancellationToken cancellationToken)
    {
        (await Command.RunAsync("dd", ["if=" + file, "iflag=nocache", "count=0", "status=none"], cancellationToken)).OrThrow();
        var left = (await Command.RunAsync("fincore", ["--bytes", "--noheadings", "--output", "RES", file], cancellationToken)).OrThrow().Output;
        return long.Parse(left.Trim(), CultureInfo.InvariantCulture) < Size / 100;
    }

    private async Task<BenchRow> SeedingAsync(BenchContext context, CancellationToken cancellationToken)
    {
        var (folder, state) = Folders(context.Scratch, "seeding");
        var digest = await StoredBlob.WriteAsync(state, folder, Size, cancellationToken);
        var shared = await StoredBlob.WriteAsync(Directory.CreateDirectory(Path.Combine(folder, "shared")).FullName, folder, Size, cancellationToken, seed: 2);
        await using var pier = await HttpServer.StartPierAsync(state, digest.ToString(), cancellationToken);
        await using var nginx = await HttpServer.StartNginxAsync(folder, digest.Hex, cancellationToken);
        var magnet = await SeedAsync(Path.Combine(state, "pier.sock"), Path.Combine(folder, shared.Hex), cancellationToken);
        var rounds = await context.InTurnAsync("blob-get-seeding", DownloadBesidePeerAsync, token => nginx.DownloadAsync(Clients, Size, token), cancellationToken);
        return Row("blob-get-seeding", Aim.Least(0.7), [.. rounds.Select(round => (round.Pier.MegabytesPerSecond, round.Rival.MegabytesPerSecond))], "MB/s");

        async Task<Download> DownloadBesidePeerAsync(CancellationToken token)
        {
            var target = Directory.CreateDirectory(Path.Combine(folder, "leech")).FullName;
            var plan = new ProcessPlan("aria2", Aria2,
                ["--dir", target, "--max-download-limit=125M", "--file-allocation=none", "--seed-time=0", "--enable-dht=false", "--bt-enable-lpd=false", "--console-log-level=warn", magnet]);
            await using var aria2 = await ExternalProcess.StartAsync(plan, token);
            await Eventually.TrueAsync(() => Bytes(target) > 16 << 20, "the peer to be at work", TimeSpan.FromSeconds(60), token);
            var download = await pier.DownloadAsync(Clients, Size, token);
            await aria2.DisposeAsync();
            Directory.Delete(target, recursive: true);
            return download;
        }
    }

    private static async Task<string> SeedAsync(string socket, string file, CancellationToken cancellationToken)
    {
        using var control = new ControlClient(socket);
        await foreach (var line in control.PostLinesAsync(ApiPaths.Seeds, new SeedRequest(file), ApiJson.Default.SeedRequest, cancellationToken))
        {
            if (line is SeedResult result)
            {
                return result.Seed.V1Magnet ?? result.Seed.Magnet;
            }
        }
        throw new InvalidOperationException($"pierd does not seed {file}.");
    }

    private async Task<BenchRow> ManifestAsync(BenchContext context, CancellationToken cancellationToken)
    {
        var (folder, state) = Folders(context.Scratch, "manifest");
        var empty = Content.Digest.Compute([]);
        var manifest = System.Text.Encoding.UTF8.GetBytes(
            $$"""{"schemaVersion":2,"mediaType":"application/vnd.oci.image.manifest.v1+json","config":{"mediaType":"application/vnd.oci.image.config.v1+json","digest":"{{empty}}","size":0},"layers":[]}""");
        var digest = Content.Digest.Compute(manifest);
        var shard = Directory.CreateDirectory(Path.Combine(state, "blobs", "sha256", digest.Hex[..2])).FullName;
        await File.WriteAllBytesAsync(Path.Combine(shard, digest.Hex), manifest, cancellationToken);
        await File.WriteAllBytesAsync(Path.Combine(folder, digest.Hex), manifest, cancellationToken);
        StoredBlob.MakePublic(state, digest);
        await using var pier = await HttpServer.StartPierAsync(state, $"manifests/{digest}", certificate: null, cancellationToken);
        await using var nginx = await HttpServer.StartNginxAsync(folder, digest.Hex, cancellationToken);
        var rounds = await context.InTurnAsync("manifest-get", token => RequestsAsync(pier, token), token => RequestsAsync(nginx, token), cancellationToken);
        return Row("manifest-get", Aim.Least(0.7), rounds, "requests/s");
    }

    private static async Task<double> RequestsAsync(HttpServer server, CancellationToken cancellationToken)
    {
        const string figure = "Requests per second:";
        var output = (await Command.RunAsync(Ab, ["-q", "-k", "-c", "32", "-n", "30000", server.Address.ToString()], cancellationToken)).OrThrow().Output.Split('\n');
        if (output.Any(line => line.StartsWith("Non-2xx", StringComparison.Ordinal)))
        {
            throw new InvalidOperationException($"{server.Address} did not answer every request well.");
        }
        return double.Parse(output.Single(line => line.StartsWith(figure, StringComparison.Ordinal))[figure.Length..].Split('[')[0].Trim(), CultureInfo.InvariantCulture);
    }

    private static (string Folder, string State) Folders(string parent, string name)
    {
        var folder = Directory.CreateDirectory(Path.Combine(parent, name)).FullName;
        return (folder, Directory.CreateDirectory(Path.Combine(folder, "state")).FullName);
    }

    private static long Bytes(string folder) => new DirectoryInfo(folder).EnumerateFiles("*", SearchOption.AllDirectories).Sum(file => file.Length);

    private BenchRow Row(string name, Aim aim, IReadOnlyList<(double Pier, double Rival)> rounds, string unit) => new(
        Name, name, "ratio", aim, [.. rounds.Select(round => round.Pier / round.Rival)],
        $"Pier {Statistics.Median([.. rounds.Select(round => round.Pier)]):0}, nginx {Statistics.Median([.. rounds.Select(round => round.Rival)]):0} {unit}");
}
