using System.Net;
using Pier.BitTorrent.Creation;
using Pier.BitTorrent.Torrents;
using Pier.InteropTests.Engine;
using Pier.InteropTests.Programs;
using Pier.TestKit.Files;
using Pier.TestKit.Processes;

namespace Pier.InteropTests.Trackers;

/// <summary>A file with its v1 torrent, which any client can seed.</summary>
internal sealed class SeededFile : IAsyncDisposable
{
    private SeededFile(TempFolder folder, byte[] content, Metainfo metainfo)
    {
        Folder = folder;
        Content = content;
        Metainfo = metainfo;
    }

    public TempFolder Folder { get; }

    public byte[] Content { get; }

    public Metainfo Metainfo { get; }

    public string Torrent => Folder.Below("data.torrent");

    public static async Task<SeededFile> CreateAsync(string tracker, CancellationToken cancellationToken)
    {
        var folder = TempFolder.Create("announces");
        var content = new byte[100_000];
        new Random(5).NextBytes(content);
        await File.WriteAllBytesAsync(folder.Below("data"), content, cancellationToken);
        var options = new TorrentCreationOptions
        {
            Format = TorrentFormat.V1,
            Envelope = new MetainfoEnvelope { TrackerTiers = [[tracker]] },
        };
        var metainfo = await TorrentBuilder.CreateAsync(folder.Below("data"), options, progress: null, cancellationToken);
        var seeded = new SeededFile(folder, content, metainfo);
        await File.WriteAllBytesAsync(seeded.Torrent, metainfo.ToTorrentFile(), cancellationToken);
        return seeded;
    }

    public Task<ExternalProcess> SeedAsync(string client, int port, CancellationToken cancellationToken) => client switch
    {
        "libtorrent" => LibtorrentPeer.SeedAsync(Torrent, Folder.Path, port, cancellationToken),
        "webtorrent" => WebTorrentPeer.SeedAsync(Torrent, Folder.Path, port, cancellationToken),
        "rtorrent" => ExternalProcess.StartAsync(
            Rtorrent.Plan(Torrent, Folder.Path, Folder, port) with { Ready = Readiness.WhenTcpConnects(new IPEndPoint(IPAddress.Loopback, port)) },
            cancellationToken),
        "aria2" => StartAsync(
            RequiredTool.Path("aria2c", "apt-get install aria2"),
            port,
            // aria2 asks UDP trackers through the socket of its DHT, and through no other.
            ["--no-conf", "--enable-dht=true", $"--dht-listen-port={port}", $"--dht-file-path={Folder.Below("dht.dat")}", "--enable-dht6=false", "--bt-enable-lpd=false", "--check-integrity=true", "--seed-ratio=0",
                $"--listen-port={port}", $"--dir={Folder.Path}", Torrent],
            cancellationToken),
        _ => StartAsync(
            RequiredTool.Path("transmission-cli", "apt-get install transmission-cli"),
            port,
            ["--config-dir", Folder.MakeFolder("config"), "--download-dir", Folder.Path, "--port", $"{port}", "--no-portmap", Torrent],
            cancellationToken),
    };

    public ValueTask DisposeAsync() => Folder.DisposeAsync();

    private static Task<ExternalProcess> StartAsync(string program, int port, string[] arguments, CancellationToken cancellationToken) =>
        ExternalProcess.StartAsync(
            new ProcessPlan(Path.GetFileName(program), program, arguments)
            {
                Ready = Readiness.WhenTcpConnects(new IPEndPoint(IPAddress.Loopback, port)),
            },
            cancellationToken);
}
