using System.Collections.Concurrent;
using System.Formats.Tar;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Microsoft.AspNetCore.Http;
using Pier.TestKit.Engines;
using Pier.TestKit.Files;
using Pier.TestKit.Network;
using Pier.TestKit.Processes;

namespace Pier.EndToEndTests.Builds;

/// <summary>
/// A host with dockerd, the frontend and a node; another whose node seeds a file and a folder; and a web server whose files the
/// tests write. Started when the first test builds.
/// </summary>
public class BuildSetting : IAsyncDisposable
{
    /// <summary>Path of a file that says it has ten gigabytes, of which a megabyte comes.</summary>
    public const string TenGigabytes = "/ten-gigabytes";

    /// <summary>Path of the seeded folder's torrent file.</summary>
    public const string FolderTorrent = "/tree.torrent";

    /// <summary>Path of a megabyte, of which the second half comes later than a node answers a build's first questions.</summary>
    public const string Halting = "/halting";

    private static readonly TimeSpan Halt = TimeSpan.FromSeconds(8);

    private readonly DockerPlan _plan;
    private readonly SemaphoreSlim _turn = new(1, 1);
    private readonly ConcurrentDictionary<string, int> _requests = new(StringComparer.Ordinal);
    private bool _isStarted;
    private TestCluster? _cluster;
    private FaultyUpstream? _web;

    /// <summary>The engine is Docker 20.10.</summary>
    public BuildSetting()
        : this(new DockerPlan())
    {
    }

    /// <param name="plan">Which engine.</param>
    private protected BuildSetting(DockerPlan plan) => _plan = plan with { Mirror = PierNode.Mirror };

    /// <summary>The hosts; the first builds.</summary>
    public TestCluster Cluster => _cluster ?? throw new InvalidOperationException("Nothing was started.");

    /// <summary>The engine.</summary>
    public DockerEngine Docker { get; private set; } = null!;

    /// <summary>Everything the tests need on disk.</summary>
    public TempFolder Folder { get; } = TempFolder.Create("builds");

    /// <summary>The seeded file.</summary>
    public byte[] FileContent { get; } = RandomNumberGenerator.GetBytes(3_000_000);

    /// <summary>Where the seeded file is had.</summary>
    public string FileMagnet { get; private set; } = "";

    /// <summary>Where the seeded folder is had: <c>big</c>, <c>bin/prog</c> (a program), <c>text</c>.</summary>
    public string FolderMagnet { get; private set; } = "";

    /// <summary>Where the web server runs.</summary>
    public NetworkHost WebHost { get; private set; } = null!;

    /// <summary>The web server's files by path.</summary>
    public ConcurrentDictionary<string, byte[]> Web { get; } = new(StringComparer.Ordinal);

    /// <summary>Starts everything, once.</summary>
    public async Task StartAsync(CancellationToken cancellationToken)
    {
        await _turn.WaitAsync(cancellationToken);
        try
        {
            if (_isStarted)
            {
                return;
            }

            var frontend = await FrontendImage.MakeAsync(cancellationToken);
            try
            {
                await StartAllAsync(frontend, cancellationToken);
            }
            catch
            {
                await StopAsync();
                throw;
            }

            _isStarted = true;
        }
        finally
        {
            _turn.Release();
        }
    }

    /// <summary>The address of a file of the web server.</summary>
    public string At(string path) => new Uri(_web!.Address, path).ToString();

    /// <summary>Times that a file was asked for.</summary>
    public int RequestsFor(string path) => _requests.GetValueOrDefault(path);

    /// <summary>Builds a Dockerfile with the frontend; returns what the client said, whatever came of it.</summary>
    public Task<CommandResult> BuildAsync(string dockerfile, IEnumerable<string> arguments, CancellationToken cancellationToken) =>
        BuildAsItIsAsync($"# syntax={FrontendImage.Name}\n{dockerfile}", arguments, cancellationToken);

    /// <summary>Builds a Dockerfile with whatever frontend it names.</summary>
    public async Task<CommandResult> BuildAsItIsAsync(string dockerfile, IEnumerable<string> arguments, CancellationToken cancellationToken)
    {
        var context = Folder.MakeFolder(Path.GetRandomFileName());
        await File.WriteAllTextAsync(Path.Combine(context, "Dockerfile"), dockerfile, cancellationToken);
        await File.WriteAllTextAsync(Path.Combine(context, "own"), "own", cancellationToken);
        return await Docker.BuildAsync([.. arguments, context], cancellationToken);
    }

    /// <summary>Builds and returns the image's files by path.</summary>
    public async Task<Built> BuildAsync(string dockerfile, CancellationToken cancellationToken, params string[] arguments)
    {
        var output = Folder.Below(Path.GetRandomFileName());
        var result = (await BuildAsync(dockerfile, ["--output", $"type=tar,dest={output}", .. arguments], cancellationToken)).OrThrow();
        return new Built(await ReadAsync(output, cancellationToken), result.Error);
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await StopAsync();
        await Folder.DisposeAsync();
        _turn.Dispose();
        GC.SuppressFinalize(this);
    }

    private async Task StartAllAsync(FrontendImage frontend, CancellationToken cancellationToken)
    {
        _cluster = await TestCluster.StartAsync(nodes: 2, new Dictionary<string, object>(StringComparer.Ordinal) { ["supplyMaxBytes"] = "1GiB" }, cancellationToken);
        Docker = await Cluster.AddDockerAsync(Cluster.Nodes[0], _plan, cancellationToken);
        WebHost = await Cluster.Network.AddHostAsync("web", cancellationToken);
        _web = await FaultyUpstream.StartAsync(WebHost, AnswerAsync, cancellationToken);
        await frontend.LoadAsync(Docker, cancellationToken);
        await SeedAsync(cancellationToken);
    }

    /// <summary>Ends what was started, so that the next test can try again.</summary>
    private async Task StopAsync()
    {
        var (web, cluster) = (_web, _cluster);
        (_web, _cluster, _isStarted) = (null, null, false);
        if (web is not null)
        {
            await web.DisposeAsync();
        }

        if (cluster is not null)
        {
            await cluster.DisposeAsync();
        }
    }

    private async Task SeedAsync(CancellationToken cancellationToken)
    {
        var file = Folder.Below("file.bin");
        await File.WriteAllBytesAsync(file, FileContent, cancellationToken);
        var tree = Folder.MakeFolder("tree");
        Folder.MakeFolder("tree", "bin");
        await File.WriteAllBytesAsync(Path.Combine(tree, "big"), RandomNumberGenerator.GetBytes(1_000_000), cancellationToken);
        await File.WriteAllTextAsync(Path.Combine(tree, "text"), "text", cancellationToken);
        var program = Path.Combine(tree, "bin", "prog");
        await File.WriteAllTextAsync(program, "#!/bin/sh\n", cancellationToken);
        File.SetUnixFileMode(program, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        FileMagnet = await SeedAsync(file, cancellationToken);
        FolderMagnet = await SeedAsync(tree, cancellationToken);
        Web[FolderTorrent] = await File.ReadAllBytesAsync(TorrentOf(tree), cancellationToken);
    }

    private async Task<string> SeedAsync(string path, CancellationToken cancellationToken)
    {
        var answer = (await Cluster.Nodes[1].PierAsync(["seed", path, "--torrent", TorrentOf(path), "--json"], cancellationToken)).OrThrow().Output;
        using var last = JsonDocument.Parse(answer.Split('\n', StringSplitOptions.RemoveEmptyEntries)[^1]);
        return last.RootElement.GetProperty("seed").GetProperty("magnet").GetString()!;
    }

    private static string TorrentOf(string path) => path + ".torrent";

    private async Task AnswerAsync(HttpContext context)
    {
        var path = context.Request.Path.Value!;
        _requests.AddOrUpdate(path, 1, (_, count) => count + 1);
        if (path == TenGigabytes)
        {
            context.Response.ContentLength = 10_000_000_000;
            await context.Response.Body.WriteAsync(new byte[1 << 20], context.RequestAborted);
            await Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, context.RequestAborted);
        }

        if (path == Halting)
        {
            context.Response.ContentLength = 1 << 20;
            await context.Response.Body.WriteAsync(new byte[1 << 19], context.RequestAborted);
            await Task.Delay(Halt, TimeProvider.System, context.RequestAborted);
            await context.Response.Body.WriteAsync(new byte[1 << 19], context.RequestAborted);
            return;
        }

        if (!Web.TryGetValue(path, out var content))
        {
            context.Response.StatusCode = StatusCodes.Status404NotFound;
            return;
        }

        context.Response.Headers.ETag = $"\"{Convert.ToHexStringLower(SHA256.HashData(content))}\"";
        context.Response.ContentLength = content.Length;
        await context.Response.Body.WriteAsync(content, context.RequestAborted);
    }

    /// <summary>The plain files of a tar by path.</summary>
    public static async Task<IReadOnlyDictionary<string, BuiltFile>> ReadAsync(string tar, CancellationToken cancellationToken)
    {
        var files = new Dictionary<string, BuiltFile>(StringComparer.Ordinal);
        await using var reader = new TarReader(File.OpenRead(tar));
        while (await reader.GetNextEntryAsync(copyData: true, cancellationToken) is { } entry)
        {
            if (entry.EntryType == TarEntryType.RegularFile)
            {
                using var content = new MemoryStream();
                await (entry.DataStream ?? Stream.Null).CopyToAsync(content, cancellationToken);
                files[entry.Name] = new BuiltFile(content.ToArray(), Convert.ToString((int)entry.Mode, 8), $"{entry.Uid}:{entry.Gid}");
            }
        }

        return files;
    }
}

/// <summary>What a build made.</summary>
/// <param name="Files">Plain files by path, without leading slash.</param>
/// <param name="Output">What the client said.</param>
public sealed record Built(IReadOnlyDictionary<string, BuiltFile> Files, string Output);

/// <summary>A file of an image.</summary>
/// <param name="Content">Its bytes.</param>
/// <param name="Mode">Permission bits in octal.</param>
/// <param name="Owner">User and group by number.</param>
public sealed record BuiltFile(byte[] Content, string Mode, string Owner)
{
    /// <summary>The bytes as text.</summary>
    public string Text => Encoding.UTF8.GetString(Content);
}
