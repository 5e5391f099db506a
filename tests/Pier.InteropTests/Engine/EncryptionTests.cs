using System.Net;
using System.Text.RegularExpressions;
using Pier.BitTorrent.Encryption;
using Pier.BitTorrent.Torrents;
using Pier.TestKit;
using Pier.TestKit.Processes;

namespace Pier.InteropTests.Engine;

/// <summary>Encrypted connections with other clients, which refuse any other kind or have none.</summary>
public sealed partial class EncryptionTests
{
    // libtorrent's pe_forced and pe_rc4, pe_plaintext.
    private const string Forced = """{"in_enc_policy": 0, "out_enc_policy": 0, "allowed_enc_level": 2}""";
    private const string ForcedOpening = """{"in_enc_policy": 0, "out_enc_policy": 0, "allowed_enc_level": 1}""";
    private const string Disabled = """{"in_enc_policy": 2, "out_enc_policy": 2}""";

    // Transmission 3 takes and gives an eighth of a megabyte a second on loopback, encrypted or not.
    private const int Little = 300_001;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(EncryptionPolicy.Prefer, Forced)]
    [InlineData(EncryptionPolicy.Prefer, ForcedOpening)]
    [InlineData(EncryptionPolicy.Prefer, Disabled)]
    [InlineData(EncryptionPolicy.Require, Forced)]
    [InlineData(EncryptionPolicy.Off, Disabled)]
    public async Task libtorrent_gets_a_blob(EncryptionPolicy policy, string settings)
    {
        await using var pier = await PierPeer.StartAsync(Token, policy);
        var (blob, magnet, _, _) = await pier.SeedBlobAsync(5_000_001, tracker: null, Token);
        var folder = pier.Folder.MakeFolder("theirs");

        await using var libtorrent = await LibtorrentPeer.GetAsync(magnet.ToString(), folder, Token, settings);

        (await File.ReadAllBytesAsync(Path.Combine(folder, magnet.DisplayName!), Token)).AsSpan().SequenceEqual(blob).ShouldBeTrue();
    }

    [Theory]
    [InlineData(EncryptionPolicy.Prefer, Forced)]
    [InlineData(EncryptionPolicy.Prefer, ForcedOpening)]
    [InlineData(EncryptionPolicy.Prefer, Disabled)]
    [InlineData(EncryptionPolicy.Require, Forced)]
    [InlineData(EncryptionPolicy.Require, "{}")]
    public async Task Pier_gets_what_libtorrent_seeds(EncryptionPolicy policy, string settings)
    {
        await using var pier = await PierPeer.StartAsync(Token, policy);
        var tree = SampleTree.Write(pier.Folder);
        var torrent = pier.Folder.Below("tree.torrent");
        await LibtorrentPeer.CreateAsync(tree, torrent, "hybrid", Token);
        var port = FreePort.Next();
        await using var libtorrent = await LibtorrentPeer.SeedAsync(torrent, pier.Folder.Path, port, Token, settings);

        var got = await pier.GetAsync(Metainfo.Parse(await File.ReadAllBytesAsync(torrent, Token)), port, Token);

        SampleTree.ShouldBeAt(got);
    }

    [Theory]
    [InlineData(EncryptionPolicy.Prefer)]
    [InlineData(EncryptionPolicy.Require)]
    public async Task Pier_gets_what_a_Transmission_that_requires_encryption_seeds(EncryptionPolicy policy)
    {
        await using var pier = await PierPeer.StartAsync(Token, policy);
        var bytes = new byte[Little];
        new Random(5).NextBytes(bytes);
        await File.WriteAllBytesAsync(pier.Folder.Below("data.bin"), bytes, Token);
        var torrent = pier.Folder.Below("data.torrent");
        var create = RequiredTool.Path("transmission-create", "apt-get install transmission-cli");
        (await Command.RunAsync(create, ["-s", "64", "-o", torrent, pier.Folder.Below("data.bin")], Token)).OrThrow();
        var port = FreePort.Next();
        await using var transmission = await TransmissionTests.StartAsync(pier.Folder, pier.Folder.Path, port, "--encryption-required", torrent);

        var got = await pier.GetAsync(Metainfo.Parse(await File.ReadAllBytesAsync(torrent, Token)), port, Token);

        (await File.ReadAllBytesAsync(got, Token)).AsSpan().SequenceEqual(bytes).ShouldBeTrue();
    }

    [Fact]
    public async Task A_Transmission_that_requires_encryption_gets_a_blob()
    {
        await using var tracker = await LocalTracker.StartAsync(Token);
        await using var pier = await PierPeer.StartAsync(Token, EncryptionPolicy.Require);
        var (blob, _, magnet, swarm) = await pier.SeedBlobAsync(Little, tracker.AnnounceUrl, Token);
        await tracker.KnowsAsync(magnet.Id.Primary, Token);
        var folder = pier.Folder.MakeFolder("theirs");
        var port = FreePort.Next();
        await using var transmission = await TransmissionTests.StartAsync(pier.Folder, folder, port, "--encryption-required", magnet.ToString());

        // Transmission never connects to a loopback address; like a peer behind NAT it has to be called.
        await swarm.AddPeersAsync([new IPEndPoint(IPAddress.Loopback, port)], Token);
        var file = Path.Combine(folder, magnet.DisplayName!);
        await PierPeer.ExplainAsync(
            swarm, Eventually.TrueAsync(() => File.Exists(file), $"Transmission has {file}", PierPeer.Deadline, Token));
        (await File.ReadAllBytesAsync(file, Token)).AsSpan().SequenceEqual(blob).ShouldBeTrue();
    }

    [Theory]
    [InlineData(EncryptionPolicy.Prefer)]
    [InlineData(EncryptionPolicy.Require)]
    public async Task Pier_gets_what_an_aria2_that_requires_encryption_seeds(EncryptionPolicy policy)
    {
        await using var pier = await PierPeer.StartAsync(Token, policy);
        var tree = SampleTree.Write(pier.Folder);
        var torrent = pier.Folder.Below("tree.torrent");
        (await Command.RunAsync(RequiredTool.Path("mktorrent", "apt-get install mktorrent"), ["-l", "16", "-o", torrent, tree], Token)).OrThrow();
        var port = FreePort.Next();
        await using var aria2 = await ExternalProcess.StartAsync(
            new ProcessPlan(
                "aria2",
                Aria2Peer.Program,
                [
                    .. Aria2Peer.Quiet, $"--listen-port={port}", "--bt-require-crypto=true", "--bt-min-crypto-level=arc4", "--seed-ratio=0",
                    "--check-integrity=true", "--bt-seed-unverified=false", $"--dir={pier.Folder.Path}", torrent,
                ])
            {
                Ready = Readiness.WhenTcpConnects(new IPEndPoint(IPAddress.Loopback, port)),
            },
            Token);

        var got = await pier.GetAsync(Metainfo.Parse(await File.ReadAllBytesAsync(torrent, Token)), port, Token);

        SampleTree.ShouldBeAt(got);
    }

    [Theory]
    [InlineData(EncryptionPolicy.Require, Disabled, "it speaks in the clear, where encryption is required")]
    [InlineData(EncryptionPolicy.Off, Forced, "")]
    public async Task Who_wants_the_opposite_gets_nothing(EncryptionPolicy policy, string settings, string reason)
    {
        await using var pier = await PierPeer.StartAsync(Token, policy);
        var (_, magnet, _, swarm) = await pier.SeedBlobAsync(100_001, tracker: null, Token);

        await using var libtorrent = await ExternalProcess.StartAsync(
            LibtorrentPeer.Plan("LOCAL ENDPOINT", settings, "get", magnet.ToString(), pier.Folder.MakeFolder("theirs"), $"{FreePort.Next()}"), Token);

        await Eventually.TrueAsync(
            () => LocalEndPoint().Matches(libtorrent.Log.Tail(1000)).Any(own => PierPeer.Logs.Entries.Any(entry =>
                entry.Message.StartsWith($"Refused {own.Groups["own"].Value}: ", StringComparison.Ordinal) && entry.Message.Contains(reason, StringComparison.Ordinal))),
            "its connection to be refused", PierPeer.Deadline, Token);
        swarm.Statistics.Uploaded.ShouldBe(0);
    }

    [Fact]
    public async Task aria2_that_requires_encryption_gets_a_blob()
    {
        await using var tracker = await LocalTracker.StartAsync(Token);
        await using var pier = await PierPeer.StartAsync(Token, EncryptionPolicy.Require);
        var (blob, _, magnet, swarm) = await pier.SeedBlobAsync(3_000_001, tracker.AnnounceUrl, Token);
        await tracker.KnowsAsync(magnet.Id.Primary, Token);
        var folder = pier.Folder.MakeFolder("theirs");

        await using var aria2 = await ExternalProcess.StartAsync(
            new ProcessPlan(
                "aria2",
                Aria2Peer.Program,
                [.. Aria2Peer.Quiet, $"--listen-port={FreePort.Next()}", "--bt-require-crypto=true", "--bt-min-crypto-level=arc4", "--seed-time=0", $"--dir={folder}", magnet.ToString()]),
            Token);
        await PierPeer.ExplainAsync(swarm, aria2.WaitForExitAsync(PierPeer.Deadline, Token));
        aria2.ExitCode.ShouldBe(0, aria2.Log.Tail(40));

        (await File.ReadAllBytesAsync(Path.Combine(folder, magnet.DisplayName!), Token)).AsSpan().SequenceEqual(blob).ShouldBeTrue();
    }

    [GeneratedRegex(@"LOCAL ENDPOINT \[ e: (?<own>127\.0\.0\.1:\d+)", RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1000)]
    private static partial Regex LocalEndPoint();
}
