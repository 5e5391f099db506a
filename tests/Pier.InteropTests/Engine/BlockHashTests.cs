using System.Net;
using Pier.BitTorrent.Engine;
using Pier.BitTorrent.Limits;
using Pier.BitTorrent.Storage;
using Pier.BitTorrent.Swarms;
using Pier.BitTorrent.Torrents;
using Pier.TestKit;
using Pier.TestKit.Files;
using Pier.TestKit.Processes;

namespace Pier.InteropTests.Engine;

/// <summary>Block hashes (BEP 52) between Pier and libtorrent, each way, while a corrupting seed feeds the one that downloads.</summary>
public sealed class BlockHashTests : IAsyncLifetime
{
    private const int Length = 48 << 20;

    private readonly TempFolder _folder = TempFolder.Create("hashes");
    private readonly byte[] _bytes = new byte[Length];
    private readonly List<BitTorrentEngine> _engines = [];

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public ValueTask InitializeAsync()
    {
        new Random(7).NextBytes(_bytes);
        return ValueTask.CompletedTask;
    }

    [Theory]
    [InlineData("v2")]
    [InlineData("hybrid")]
    public async Task Pier_asks_libtorrent_which_blocks_are_bad(string version)
    {
        var metainfo = await CreateAsync(version);
        var port = FreePort.Next();
        await using var libtorrent = await LibtorrentPeer.SeedAsync(_folder.Below("big.torrent"), _folder.Path, port, Token);
        var rotten = await StartAsync();
        await rotten.AddAsync(SwarmSpec.For(metainfo, (_, _) => ValueTask.FromResult<ITorrentStorage>(new RottenStorage(_bytes))), Token);
        var pier = await StartAsync();
        var got = _folder.Below("got.bin");

        var spec = SwarmSpec.For(metainfo, (found, token) => FileTreeStorage.OpenAsync(found, got, new FileTreeOptions(), token));
        // Slow enough that both are there from begin to end, or nobody is left to be asked.
        var swarm = await pier.AddAsync(spec with { Peers = [new IPEndPoint(IPAddress.Loopback, port)], Limits = new TransferLimits(Down: 16 << 20) }, Token);
        await Eventually.TrueAsync(() => swarm.Statistics.Peers is [{ Pieces: > 0 }], "libtorrent is connected", PierPeer.Deadline, Token);
        await swarm.AddPeersAsync([rotten.ListenEndPoint], Token);
        await PierPeer.ExplainAsync(swarm, swarm.Completion.WaitAsync(PierPeer.Deadline, Token));

        (await File.ReadAllBytesAsync(got, Token)).AsSpan().SequenceEqual(_bytes).ShouldBeTrue();
        await Eventually.TrueAsync(() => swarm.Statistics.Bans == 1, "the corrupting seed is banned", PierPeer.Deadline, Token);
        swarm.Statistics.HashFailures.ShouldBeGreaterThan(0);
        swarm.Statistics.Failed.ShouldBeLessThan(swarm.Statistics.HashFailures * (long)metainfo.PieceLength);
    }

    [Theory]
    [InlineData("v2")]
    [InlineData("hybrid")]
    public async Task Libtorrent_asks_pier_which_blocks_are_bad(string version)
    {
        var metainfo = await CreateAsync(version);
        var good = await StartAsync();
        await good.AddAsync(
            SwarmSpec.For(metainfo, (found, token) => FileTreeStorage.OpenAsync(found, _folder.Below("big.bin"), new FileTreeOptions { IsSealed = true }, token)), Token);
        var rotten = await StartAsync();
        await rotten.AddAsync(SwarmSpec.For(metainfo, (_, _) => ValueTask.FromResult<ITorrentStorage>(new RottenStorage(_bytes))), Token);
        var folder = _folder.MakeFolder("theirs");

        await using var libtorrent = await LibtorrentPeer.GetFromAsync(
            _folder.Below("big.torrent"), folder, [good.ListenEndPoint.Port, rotten.ListenEndPoint.Port], Token);

        (await File.ReadAllBytesAsync(Path.Combine(folder, "big.bin"), Token)).AsSpan().SequenceEqual(_bytes).ShouldBeTrue();
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var engine in _engines)
        {
            await engine.DisposeAsync();
        }

        await _folder.DisposeAsync();
    }

    private async Task<Metainfo> CreateAsync(string version)
    {
        var path = _folder.Below("big.bin");
        await File.WriteAllBytesAsync(path, _bytes, Token);
        await LibtorrentPeer.CreateAsync(path, _folder.Below("big.torrent"), version, Token);
        return Metainfo.Parse(await File.ReadAllBytesAsync(_folder.Below("big.torrent"), Token));
    }

    private async Task<BitTorrentEngine> StartAsync()
    {
        var engine = new BitTorrentEngine(
            new BitTorrentOptions { Listen = new IPEndPoint(IPAddress.Loopback, 0) }, TimeProvider.System, PierPeer.Logs);
        _engines.Add(engine);
        await engine.StartAsync(Token);
        return engine;
    }
}
