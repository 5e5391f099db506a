using System.Security.Cryptography;
using System.Text.Json;
using Pier.Api.Cluster;
using Pier.TestKit.Engines;
using Pier.TestKit.Files;
using Pier.TestKit.Network;
using Pier.TestKit.Processes;

namespace Pier.EndToEndTests.Volumes;

/// <summary>What a managed plugin is tried with: a seed of one file on another host, the plugin's own files, and the folders in which it keeps its state.</summary>
internal sealed class PluginScene : IAsyncDisposable
{
    private const int Size = 5_000_000;

    private readonly TempFolder _files;
    private readonly ClusterToken _token;

    private PluginScene(TestCluster cluster, TempFolder files, ClusterToken token, string magnet, string sum)
    {
        _files = files;
        _token = token;
        Cluster = cluster;
        Magnet = magnet;
        Sum = sum;
    }

    /// <summary>The seed's cluster of one.</summary>
    public TestCluster Cluster { get; }

    /// <summary>What is seeded: one file, <c>data</c>.</summary>
    public string Magnet { get; }

    /// <summary>SHA-256 of that file.</summary>
    public string Sum { get; }

    /// <summary>Folder of config.json and rootfs.</summary>
    public string Made => _files.Below("made");

    /// <summary>What the plugin sees as /host/lib.</summary>
    public string Lib => _files.Below("lib");

    /// <summary>Seeds, and makes the plugin's files by their own recipe.</summary>
    public static async Task<PluginScene> StartAsync(CancellationToken cancellationToken)
    {
        var cluster = await TestCluster.StartAsync(nodes: 1, cancellationToken);
        var files = TempFolder.Create("plugin");
        try
        {
            var content = RandomNumberGenerator.GetBytes(Size);
            await File.WriteAllBytesAsync(files.Below("data"), content, cancellationToken);
            var magnet = (await cluster.Nodes[0].PierAsync(["seed", files.Below("data"), "--torrent", "-"], cancellationToken)).OrThrow().Output.Split('\n')
                .First(line => line.StartsWith("magnet:", StringComparison.Ordinal));
            var token = await cluster.Nodes[0].FoundClusterAsync(cancellationToken);
            (await Command.RunAsync("bash", [SourceTree.At("plugins/volume/build.sh"), "--into", files.Below("made"), "--from", AppContext.BaseDirectory], cancellationToken)).OrThrow();
            files.MakeFolder("run");
            var lib = files.MakeFolder("lib");
            await File.WriteAllTextAsync(
                Path.Combine(lib, "pierd.json"),
                JsonSerializer.Serialize(new { version = 1, upstreams = new Dictionary<string, object> { ["docker.io"] = new { endpoints = new[] { cluster.Upstream.Address.ToString() } } } }),
                cancellationToken);
            await File.WriteAllTextAsync(Path.Combine(lib, "token"), token.Token, cancellationToken);
            File.SetUnixFileMode(Path.Combine(lib, "token"), UnixFileMode.UserRead | UnixFileMode.UserWrite);
            return new PluginScene(cluster, files, token, magnet, Convert.ToHexStringLower(SHA256.HashData(content)));
        }
        catch
        {
            await files.DisposeAsync();
            await cluster.DisposeAsync();
            throw;
        }
    }

    /// <summary>What <c>docker plugin set</c> is given on a host.</summary>
    public IReadOnlyList<string> SettingsOn(NetworkHost host) =>
    [
        "lib.source=" + Lib, "run.source=" + _files.Below("run"),
        $"flags=--config /host/lib/pierd.json --join {_token.JoinAddress} --token-file /host/lib/token --advertise {host.Address}",
    ];

    /// <summary>A folder of the scene's own.</summary>
    public string MakeFolder(string name) => _files.MakeFolder(name);

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await Cluster.DisposeAsync();
        await _files.DisposeAsync();
    }
}
