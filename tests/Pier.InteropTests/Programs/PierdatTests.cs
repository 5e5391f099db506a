using System.Globalization;
using System.Net;
using Pier.BitTorrent.Magnets;
using Pier.BitTorrent.Torrents;
using Pier.InteropTests.Engine;
using Pier.TestKit;
using Pier.TestKit.Files;
using Pier.TestKit.Processes;

namespace Pier.InteropTests.Programs;

/// <summary>pierdat fetches from libtorrent, serves libtorrent, and becomes the program that it is the entry point of.</summary>
public sealed class PierdatTests : IAsyncLifetime
{
    /// <summary>SIGPIPE's bit of the masks in /proc.</summary>
    private const ulong BrokenPipe = 1UL << (13 - 1);

    private readonly TempFolder _folder = TempFolder.Create("pierdat");
    private readonly int _port = FreePort.Next(alsoUdp: true);

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    // As its own project puts it together: beside the tests lies only what these need of it.
    private static string Program => Path.Combine(SourceTree.OutputOf("src/Pier.Dat"), "pierdat");

    private string List => _folder.Below("pier.dat");

    private Dictionary<string, string?> Variables => new(StringComparer.Ordinal)
    {
        ["PIERDAT_FILE"] = List, ["PIERDAT_DHT"] = "off", ["PIERDAT_PORT"] = $"{_port}", ["PIERDAT_LOG"] = _folder.Below("log"),
    };

    public ValueTask InitializeAsync() => ValueTask.CompletedTask;

    public ValueTask DisposeAsync() => _folder.DisposeAsync();

    [Theory]
    [InlineData("v1")]
    [InlineData("v2")]
    [InlineData("hybrid")]
    public async Task A_folder_comes_by_magnet_from_libtorrent_and_is_served_to_libtorrent_after_a_restart(string version)
    {
        var tree = SampleTree.Write(_folder);
        var torrent = _folder.Below("tree.torrent");
        await LibtorrentPeer.CreateAsync(tree, torrent, version, Cancel);
        var id = Metainfo.Parse(await File.ReadAllBytesAsync(torrent, Cancel)).Id;
        var port = FreePort.Next();
        var into = _folder.Below("into");
        await using (await LibtorrentPeer.SeedAsync(torrent, _folder.Path, port, Cancel))
        {
            var link = new MagnetLink { Id = id, Peers = [new IPEndPoint(IPAddress.Loopback, port)] };
            (await RunAsync(link.ToString(), into)).ShouldContain("Trying backend bittorrent...");
        }

        SampleTree.ShouldBeAt(into);
        (await File.ReadAllTextAsync(List, Cancel)).ShouldStartWith($"bittorrent {List}.d/");
        await using var serving = await ServeAsync("are served as");
        var theirs = _folder.MakeFolder("theirs");

        await using var libtorrent = await LibtorrentPeer.GetAsync(torrent, theirs, Cancel, peer: _port);

        SampleTree.ShouldBeAt(Path.Combine(theirs, "tree"));
        (await serving.StopAsync(TimeSpan.FromSeconds(30), Cancel)).ShouldBe(0);
    }

    [Fact]
    public async Task A_file_that_was_changed_is_neither_served_nor_mended()
    {
        var content = _folder.MakeFolder("content");
        await File.WriteAllBytesAsync(Path.Combine(content, "f"), new byte[1_000_000], Cancel);
        var torrent = _folder.Below("f.torrent");
        await LibtorrentPeer.CreateAsync(Path.Combine(content, "f"), torrent, "hybrid", Cancel);
        var changed = _folder.Below("f");
        await File.WriteAllTextAsync(changed, "mine", Cancel);
        await File.WriteAllTextAsync(List, $"bittorrent {torrent} {changed}\nbittorrent {torrent} {_folder.Below("gone")}\n", Cancel);

        await using var serving = await ServeAsync("it is not there; again in 1 s");

        await Eventually.TrueAsync(() => serving.Log.Contains("nothing of it is what the torrent says"), "the change is noticed", PierPeer.Deadline, Cancel);
        (await File.ReadAllTextAsync(changed, Cancel)).ShouldBe("mine");
        Directory.EnumerateFileSystemEntries(_folder.Path).ShouldNotContain(path => path.EndsWith(".pier-part", StringComparison.Ordinal));
    }

    [Fact]
    public async Task The_program_takes_its_place_and_the_seeder_ends_with_it()
    {
        await File.WriteAllTextAsync(List, "tail -f /dev/null\n", Cancel);
        const string script = "grep -E '^(SigIgn|SigBlk|Pid)' /proc/self/status; echo $$ $PPID $0 $1; exec sleep 1000";

        await using var program = await ExternalProcess.StartAsync(
            new ProcessPlan("exec", Program, ["exec", "--", "sh", "-c", script, "zero", "one"]) { Environment = Variables, Ready = Readiness.WhenLogSays(" zero one") }, Cancel);

        program.Log.Contains($"{program.Id} {Environment.ProcessId} zero one").ShouldBeTrue(program.Log.Tail(10));
        // Only this one is Pier's own doing; what else is ignored came from whoever started the tests (nohup, a shell's background job).
        (Mask(program, "SigIgn") & BrokenPipe).ShouldBe(0UL, program.Log.Tail(10));
        program.Log.Contains("SigBlk:\t0000000000000000").ShouldBeTrue(program.Log.Tail(10));
        await Eventually.TrueAsync(() => Below(program.Id).Any(name => name == "tail"), "the seeder and its own child run", PierPeer.Deadline, Cancel);
        var all = Tree(program.Id);
        program.Signal(UnixSignal.Kill);
        await Eventually.TrueAsync(() => all.TrueForAll(pid => !IsOurs(pid)), "all have ended", PierPeer.Deadline, Cancel);
    }

    [Theory]
    [InlineData(127, "exec", "--", "no-such-program")]
    [InlineData(127, "exec", "--", "/no/such/program")]
    [InlineData(126, "exec", "--", "/etc/passwd")]
    [InlineData(7, "exec", "--", "sh", "-c", "exit 7")]
    [InlineData(1, "magnet:?xt=none")]
    [InlineData(1, "ftp://a/b", "/x")]
    [InlineData(1, "http://169.254.169.254/x", "/x")]
    [InlineData(1, "serve")]
    public async Task What_cannot_be_done_ends_as_engines_and_Pierdat_say(int code, params string[] arguments)
    {
        var result = await Command.RunAsync(Program, arguments, Variables.ToDictionary(entry => entry.Key, entry => entry.Value!, StringComparer.Ordinal), Cancel);

        result.ExitCode.ShouldBe(code, result.Error);
        (code == 7 || result.Error.Length > 0).ShouldBeTrue();
    }

    [Fact]
    public async Task The_init_script_starts_and_stops_it()
    {
        await File.WriteAllTextAsync(List, "sleep 1000\n", Cancel);
        var script = SourceTree.At("plugins/pierdat/pierdat.init");
        var pidFile = _folder.Below("pid");
        var variables = Variables.Append(new("PIERDAT", Program)).Append(new("PIERDAT_PID", pidFile)).ToDictionary(entry => entry.Key, entry => entry.Value!, StringComparer.Ordinal);
        async Task<int> CallAsync(string what) => (await Command.RunAsync("sh", [script, what], variables, Cancel)).ExitCode;

        (await CallAsync("status")).ShouldBe(3);
        (await CallAsync("start")).ShouldBe(0);
        try
        {
            (await CallAsync("status")).ShouldBe(0);
            var pid = int.Parse(await File.ReadAllTextAsync(pidFile, Cancel), CultureInfo.InvariantCulture);
            await Eventually.TrueAsync(() => Below(pid).Contains("sleep"), "the line's program runs", PierPeer.Deadline, Cancel);
        }
        finally
        {
            (await CallAsync("stop")).ShouldBe(0);
        }

        (await CallAsync("status")).ShouldBe(3);
        (await CallAsync("nonsense")).ShouldBe(3);
    }

    private async Task<string> RunAsync(string uri, string destination) => (await Command.RunAsync(
        Program, [uri, destination], Variables.ToDictionary(entry => entry.Key, entry => entry.Value!, StringComparer.Ordinal), Cancel)).OrThrow().Output;

    private Task<ExternalProcess> ServeAsync(string ready) => ExternalProcess.StartAsync(
        new ProcessPlan("pierdat", Program, ["serve"]) { Environment = Variables, Ready = Readiness.WhenLogSays(ready), Deadline = PierPeer.Deadline }, Cancel);

    /// <summary>One of the signal masks that the script read of itself.</summary>
    private static ulong Mask(ExternalProcess program, string name) => ulong.Parse(
        program.Log.Tail(10).Split('\n').Single(line => line.Contains(name + ":", StringComparison.Ordinal)).Split('\t')[1],
        NumberStyles.HexNumber,
        CultureInfo.InvariantCulture);

    /// <summary>Ids of a process and all below it.</summary>
    private static List<int> Tree(int root)
    {
        List<int> all = [root];
        for (var at = 0; at < all.Count; at++)
        {
            try
            {
                all.AddRange(File.ReadAllText($"/proc/{all[at]}/task/{all[at]}/children").Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(int.Parse));
            }
            catch (IOException)
            {
                // It has ended.
            }
        }

        return all;
    }

    private static IEnumerable<string> Below(int root) => Tree(root).Select(NameOf);

    private static bool IsOurs(int pid) => NameOf(pid) is "sleep" or "tail" or "pierdat";

    private static string NameOf(int pid)
    {
        try
        {
            return File.ReadAllText($"/proc/{pid}/comm").Trim();
        }
        catch (IOException)
        {
            return "";
        }
    }
}
