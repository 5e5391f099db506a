using System.Net;
using System.Security.Cryptography;
using System.Text.Json;
using Pier.TestKit.Engines;
using Pier.TestKit.Files;
using Pier.TestKit.Network;
using Pier.TestKit.Processes;

namespace Pier.InteropTests.Soak;

/// <summary>A <c>pierd</c> on a host of its own that seeds a folder and is killed now and then, and the downloads of its user, who tries again when that happens.</summary>
internal sealed class SoakNode : IAsyncDisposable
{
    private static readonly string[] Formats = ["hybrid", "v1", "v2"];

    private readonly PierNode _node;
    private readonly TempFolder _home;
    private volatile TaskCompletionSource _up = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private int _kills;

    private SoakNode(PierNode node, TempFolder home, SoakOffer offer)
    {
        _node = node;
        _home = home;
        Offer = offer;
        _up.SetResult();
    }

    /// <summary>What it seeds.</summary>
    public SoakOffer Offer { get; }

    /// <summary>How often it was killed.</summary>
    public int Kills => Volatile.Read(ref _kills);

    /// <summary>Downloads that came whole and right.</summary>
    public int Downloads { get; private set; }

    public string Name => _node.Host.Name;

    /// <summary>Starts the node and seeds its folder.</summary>
    /// <param name="host">Where.</param>
    /// <param name="number">From 0; decides size, content and format of the torrent.</param>
    /// <param name="bootstrap">The first node's address.</param>
    /// <param name="cancellationToken">Gives up.</param>
    public static async Task<SoakNode> StartAsync(NetworkHost host, int number, IPAddress bootstrap, CancellationToken cancellationToken)
    {
        // A host without a way out has to be told where multicast goes.
        (await host.Namespace.RunAsync("ip", ["route", "add", "224.0.0.0/4", "dev", "eth0"], cancellationToken)).OrThrow();
        var plan = new PierNodePlan
        {
            DockerHub = new Uri("http://127.0.0.1:9/"),
            Flags = ["--peers", $"0.0.0.0:{PierNode.PeersPort}", "--lsd", "on", "--dht", "on", "--dht-bootstrap", $"{bootstrap}:{PierNode.PeersPort}"],
        };
        var home = TempFolder.Create("soak");
        var node = await PierNode.StartAsync(host, plan, cancellationToken);
        var folder = home.MakeFolder($"data{number}");
        int[] sizes = [(8 << 20) + number, 1_000_003 * (number + 1), 0, 17];
        foreach (var (index, size) in sizes.Index())
        {
            var bytes = new byte[size];
            new Random(number * 10 + index).NextBytes(bytes);
            await File.WriteAllBytesAsync(Path.Combine(folder, $"{index}.bin"), bytes, cancellationToken);
        }
        var torrent = home.Below($"data{number}.torrent");
        var printed = (await node.PierAsync(
            ["seed", folder, "--format", Formats[number % Formats.Length], "--torrent", torrent], cancellationToken)).OrThrow().Output;
        var magnet = printed.Split('\n').First(line => line.StartsWith("magnet:", StringComparison.Ordinal));
        return new SoakNode(node, home, new SoakOffer($"data{number}", number % 2 == 0 ? torrent : magnet, SumOf(folder)));
    }

    /// <summary>Kills the daemon; it stays away until <see cref="RestartAsync"/>.</summary>
    public async Task KillAsync(CancellationToken cancellationToken)
    {
        _up = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        Interlocked.Increment(ref _kills);
        await _node.KillAsync(cancellationToken);
    }

    /// <summary>Starts the daemon again, on the state that it left.</summary>
    public async Task RestartAsync(CancellationToken cancellationToken)
    {
        await _node.RestartAsync(cancellationToken);
        _up.SetResult();
    }

    /// <summary>Downloads a torrent until it is there, and checks it. Only a daemon that was killed meanwhile excuses a failure.</summary>
    public async Task DownloadAsync(SoakOffer offer, CancellationToken cancellationToken)
    {
        var target = _home.Below($"got-{offer.Name}");
        while (true)
        {
            if (Directory.Exists(target))
            {
                // The daemon was killed while the command took the files from it; into a folder that is there it would write another.
                Directory.Delete(target, recursive: true);
            }
            await _up.Task.WaitAsync(cancellationToken);
            var kills = Kills;
            var result = await _node.PierAsync(["get", offer.Link, target], cancellationToken);
            if (result.ExitCode == 0)
            {
                break;
            }
            if (kills == Kills)
            {
                throw new InvalidOperationException($"{Name} could not get {offer.Name}:\n{result.Error}\n{_node.Log.Tail(40)}");
            }
        }
        (SumOf(target) == offer.Sum).ShouldBeTrue($"{offer.Name} on {Name}: {string.Join(", ", new DirectoryInfo(target).GetFiles().Select(file => $"{file.Name} {file.Length}"))}");
        Directory.Delete(target, recursive: true);
        Downloads++;
    }

    /// <summary>What the node's own torrent tells of its peers.</summary>
    public async Task<(int Bans, string State)> SwarmAsync(CancellationToken cancellationToken)
    {
        var shown = (await _node.PierAsync(["swarm", "show", Offer.Name, "--json"], cancellationToken)).OrThrow().Output;
        var swarm = JsonDocument.Parse(shown).RootElement;
        return (swarm.GetProperty("banCount").GetInt32(), swarm.GetProperty("summary").GetProperty("state").GetString()!);
    }

    public async ValueTask DisposeAsync()
    {
        await _node.DisposeAsync();
        await _home.DisposeAsync();
    }

    /// <summary>A hash over a folder's file names and contents.</summary>
    private static string SumOf(string folder)
    {
        using var sum = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach (var file in Directory.EnumerateFiles(folder, "*", SearchOption.AllDirectories).Order(StringComparer.Ordinal))
        {
            sum.AppendData(System.Text.Encoding.UTF8.GetBytes($"{Path.GetRelativePath(folder, file)}\n"));
            sum.AppendData(SHA256.HashData(File.ReadAllBytes(file)));
        }
        return Convert.ToHexStringLower(sum.GetHashAndReset());
    }
}

/// <summary>A torrent that a node seeds.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Link">A magnet link or the path of its torrent file.</param>
/// <param name="Sum">The hash over its files.</param>
internal sealed record SoakOffer(string Name, string Link, string Sum);
