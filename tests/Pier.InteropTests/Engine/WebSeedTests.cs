using Pier.BitTorrent.Blobs;
using Pier.BitTorrent.Torrents;
using Pier.Content;
using Pier.InteropTests.Fetch;
using Pier.InteropTests.Programs;
using Pier.InteropTests.Registry;
using Pier.InteropTests.Store;
using Pier.Registry;
using Pier.TestKit.Files;
using Pier.TestKit.Processes;
using Pier.TestKit.Registry;
using Pier.TestKit.Stores;

namespace Pier.InteropTests.Engine;

/// <summary>Pier downloads from a web server alone, and others from Pier as one.</summary>
public sealed class WebSeedTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("v1")]
    [InlineData("v2")]
    [InlineData("hybrid")]
    public async Task Pier_gets_a_torrent_from_nginx(string version)
    {
        await using var pier = await PierPeer.StartAsync(Token);
        var tree = SampleTree.Write(pier.Folder);
        var torrent = pier.Folder.Below("tree.torrent");
        await LibtorrentPeer.CreateAsync(tree, torrent, version, Token);
        await using var nginx = await Nginx.StartAsync(pier.Folder, pier.Folder.Path, Token);

        var got = await pier.GetFromWebAsync(Metainfo.Parse(await File.ReadAllBytesAsync(torrent, Token)), nginx.Root, Token);

        SampleTree.ShouldBeAt(got);
    }

    [Fact]
    public async Task libtorrent_gets_a_blob_from_Pier_as_a_web_server_alone()
    {
        await using var folder = TempFolder.Create("webseed");
        var (server, blob, torrent) = await ServeBlobAsync(folder, metainfo => metainfo);
        await using var serving = server;

        await using var libtorrent = await LibtorrentPeer.GetAsync(torrent, folder.MakeFolder("theirs"), Token);

        (await File.ReadAllBytesAsync(folder.Below("theirs", Digest.Compute(blob).Hex), Token)).AsSpan().SequenceEqual(blob).ShouldBeTrue();
    }

    [Fact]
    public async Task libtorrent_gets_a_public_blob_of_a_real_pierd_by_its_web_seed_alone()
    {
        await using var registry = await SmallRegistry.StartAsync(Token);
        var (digest, blob) = registry.Publish("library/app", "1", 3_000_001)[0];
        await using var pier = await PierProgram.StartAsync(Token, PrintedLinksTests.Upstream(registry));
        await using var folder = TempFolder.Create("webseed");
        (await pier.RunAsync(Token, "pull", "app:1")).OrThrow();
        await pier.SeedsAsync(digest.Hex, Token);
        using var hasher = new BlobTorrentHasher(blob.Length);
        hasher.Append(blob);
        var address = $"http://127.0.0.1:{pier.RegistryPort}{MirrorRegistration.WebSeedPath}{digest.Hex}";
        var torrent = folder.Below("blob.torrent");
        await File.WriteAllBytesAsync(
            torrent, hasher.Complete(digest.Hex).WithEnvelope(new MetainfoEnvelope { WebSeeds = [address] }).ToTorrentFile(), Token);

        await using var libtorrent = await LibtorrentPeer.GetAsync(torrent, folder.MakeFolder("theirs"), Token);

        (await File.ReadAllBytesAsync(folder.Below("theirs", digest.Hex), Token)).AsSpan().SequenceEqual(blob).ShouldBeTrue();
    }

    [Fact]
    public async Task aria2_gets_a_blob_from_Pier_as_a_web_server_alone()
    {
        await using var folder = TempFolder.Create("webseed");
        var (server, blob, torrent) = await ServeBlobAsync(folder, metainfo => V1Twin.Of(metainfo)!);
        await using var serving = server;
        var theirs = folder.MakeFolder("theirs");

        await using var aria2 = await ExternalProcess.StartAsync(
            new ProcessPlan(
                "aria2", Aria2Peer.Program, [.. Aria2Peer.Quiet, $"--listen-port={FreePort.Next()}", "--seed-time=0", $"--dir={theirs}", torrent]),
            Token);
        await aria2.WaitForExitAsync(PierPeer.Deadline, Token);
        aria2.ExitCode.ShouldBe(0, aria2.Log.Tail(40));

        (await File.ReadAllBytesAsync(Path.Combine(theirs, Digest.Compute(blob).Hex), Token)).AsSpan().SequenceEqual(blob).ShouldBeTrue();
    }

    [Fact]
    public async Task Pier_gets_a_blob_from_Pier_as_a_web_server_alone()
    {
        await using var pier = await PierPeer.StartAsync(Token);
        var (server, blob, torrent) = await ServeBlobAsync(pier.Folder, metainfo => metainfo);
        await using var serving = server;
        var metainfo = Metainfo.Parse(await File.ReadAllBytesAsync(torrent, Token));

        var got = await pier.GetFromWebAsync(metainfo, metainfo.Envelope.WebSeeds[0], Token);

        (await File.ReadAllBytesAsync(got, Token)).AsSpan().SequenceEqual(blob).ShouldBeTrue();
    }

    /// <summary>A blob behind the daemon's door for web seeds, and a torrent file that names it.</summary>
    private static async Task<(RegistryServer Server, byte[] Blob, string Torrent)> ServeBlobAsync(TempFolder folder, Func<Metainfo, Metainfo> form)
    {
        var blob = new byte[7_000_001];
        new Random(5).NextBytes(blob);
        var store = new MemoryContentStore(TimeProvider.System);
        var digest = store.Add(blob);
        var server = await RegistryServer.StartAsync(new StoreDelivery(store, new StoredImage(store)), new MirrorOptions(), Token, store);
        using var hasher = new BlobTorrentHasher(blob.Length);
        hasher.Append(blob);
        var address = new Uri(server.Address, MirrorRegistration.WebSeedPath + digest.Hex).AbsoluteUri;
        var metainfo = form(hasher.Complete(digest.Hex)).WithEnvelope(new MetainfoEnvelope { WebSeeds = [address] });
        var torrent = folder.Below("blob.torrent");
        await File.WriteAllBytesAsync(torrent, metainfo.ToTorrentFile(), Token);
        return (server, blob, torrent);
    }
}
