using Pier.BitTorrent.Magnets;
using Pier.BitTorrent.Torrents;
using Pier.InteropTests.Engine;
using Pier.InteropTests.Programs;
using Pier.InteropTests.Trackers;
using Pier.TestKit;
using Pier.TestKit.Files;
using Pier.TestKit.Processes;

namespace Pier.InteropTests.Volumes;

/// <summary>A torrent that another client seeds, found by a real tracker.</summary>
internal sealed class SeededTorrent : IAsyncDisposable
{
    private readonly string _seeder;
    private readonly TempFolder _home;
    private readonly int _port = FreePort.Next(alsoUdp: true);
    private IAsyncDisposable? _tracker;
    private ExternalProcess? _seed;

    private SeededTorrent(string seeder, TempFolder home, Metainfo metainfo, string announceUrl) =>
        (_seeder, _home, Metainfo, AnnounceUrl) = (seeder, home, metainfo, announceUrl);

    public Metainfo Metainfo { get; }

    public string AnnounceUrl { get; }

    public string Magnet => MagnetLink.To(Metainfo).ToString();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public static async Task<SeededTorrent> OfAsync(TempFolder home, string path, string seeder, string version)
    {
        var torrent = home.Below("data.torrent");
        var port = FreePort.Next(alsoUdp: true);
        var announceUrl = $"http://127.0.0.1:{port}/announce";
        await LibtorrentPeer.CreateAsync(path, torrent, version, Token, announceUrl);
        var metainfo = Metainfo.Parse(await File.ReadAllBytesAsync(torrent, Token));
        var source = new SeededTorrent(seeder, home, metainfo, announceUrl);
        var tracker = await Opentracker.StartAsync(metainfo.Id.WireHashes, Token, port);
        source._tracker = tracker;
        try
        {
            await source.StartAsync();
            await tracker.KnowsAsync(metainfo.Id.Primary, Token);
            return source;
        }
        catch
        {
            await source.DisposeAsync();
            throw;
        }
    }

    public async Task StartAsync() => _seed = await OtherClient.SeedAsync(_seeder, _home.Below("data.torrent"), _home.Path, _home, _port);

    public async Task StopAsync()
    {
        if (_seed is { } seed)
        {
            await seed.DisposeAsync();
            _seed = null;
        }
    }

    public async ValueTask DisposeAsync()
    {
        await StopAsync();
        if (_tracker is { } tracker)
        {
            await tracker.DisposeAsync();
        }
    }
}
