using Pier.BitTorrent.Creation;
using Pier.BitTorrent.Engine;
using Pier.BitTorrent.Selection;
using Pier.BitTorrent.Storage;
using Pier.BitTorrent.Swarms;
using Pier.BitTorrent.Torrents;
using Pier.BitTorrent.Trees;
using Pier.Content.Contracts;
using Pier.TestKit;
using Pier.TestKit.Files;
using Pier.UnitTests.BitTorrent.Swarms;
using Pier.UnitTests.Content.Trees;

namespace Pier.UnitTests.BitTorrent.Trees;

/// <summary>A torrent with nothing selected shows the sample, fetched from another engine while it is read.</summary>
public abstract class TorrentTreeTests(TorrentFormat format) : ContentTreeConformance, IAsyncDisposable
{
    private readonly TempFolder _folder = TempFolder.Create("tree");
    private readonly Engines _engines = new();
    private Metainfo? _torrent;
    private BitTorrentEngine? _seeder;
    private Swarm? _swarm;
    private int _opened;

    public async ValueTask DisposeAsync()
    {
        GC.SuppressFinalize(this);
        await _engines.DisposeAsync();
        await _folder.DisposeAsync();
    }

    [Fact]
    public async Task Reading_one_file_fetches_no_other_that_is_far_from_it()
    {
        var tree = await OpenAsync();
        var node = (await tree.LookupAsync(tree.Root, "empty", Token))!;
        await using (var empty = await tree.OpenAsync(node.Id, Token))
        {
            (await ReadAsync(empty, 0, 1)).ShouldBeEmpty();
        }

        node = (await tree.LookupAsync((await tree.LookupAsync(tree.Root, "b", Token))!.Id, "b.bin", Token))!;
        await using var file = await tree.OpenAsync(node.Id, Token);
        (await ReadAsync(file, 0, 65_536)).ShouldBe(Sample[1].Content);

        var entry = _torrent!.Files.Single(other => other.RelativePath == "b/b.bin");
        var pieces = (int)((entry.End - 1) / _torrent.PieceLength - entry.Offset / _torrent.PieceLength + 1);
        await Eventually.TrueAsync(() => _swarm!.Statistics.PiecesHave >= pieces, "the pieces are counted", Engines.Deadline, Token);
        _swarm!.Statistics.PiecesHave.ShouldBe(pieces);
    }

    [Fact]
    public async Task A_reader_that_waits_hears_of_the_torrents_end()
    {
        await OpenAsync();
        var lonely = await (await _engines.StartAsync()).AddAsync(
            SwarmSpec.For(_torrent!, Store("lonely")) with { Files = FileChoice.None }, Token);
        var tree = await TorrentTree.OpenAsync(lonely, Token);
        await using var file = await tree.OpenAsync((await tree.LookupAsync(tree.Root, "a.bin", Token))!.Id, Token);
        var reading = file.ReadAtAsync(0, new byte[10], Token).AsTask();
        await Eventually.TrueAsync(() => lonely.Statistics.State == SwarmState.Seeding, "it is open", Engines.Deadline, Token);
        reading.IsCompleted.ShouldBeFalse();

        await lonely.DisposeAsync();

        (await Should.ThrowAsync<ContentUnavailableException>(() => reading.WaitAsync(Engines.Deadline, Token))).Message.ShouldContain("a.bin");
    }

    protected override async Task<IContentTree> OpenAsync()
    {
        if (_seeder is null)
        {
            var source = await WriteSampleAsync();
            _torrent = await TorrentBuilder.CreateAsync(
                source, new TorrentCreationOptions { Format = format, PieceLength = 16 << 10 }, progress: null, Token);
            _seeder = await _engines.StartAsync();
            await _seeder.AddAsync(
                SwarmSpec.For(_torrent, (torrent, token) => FileTreeStorage.OpenAsync(torrent, source, new FileTreeOptions { IsSealed = true }, token)), Token);
        }

        var leecher = await _engines.StartAsync();
        _swarm = await leecher.AddAsync(
            SwarmSpec.For(_torrent!, Store($"got{_opened++}")) with { Files = FileChoice.None, Peers = [_seeder.ListenEndPoint] }, Token);
        return await TorrentTree.OpenAsync(_swarm, Token);
    }

    protected override async Task CloseAsync() => await _swarm!.DisposeAsync();

    private StorageFactory Store(string name) =>
        (torrent, token) => FileTreeStorage.OpenAsync(torrent, _folder.Below(name), new FileTreeOptions(), token);

    private async Task<string> WriteSampleAsync()
    {
        var root = _folder.MakeFolder("sample");
        foreach (var entry in Sample)
        {
            var path = Path.Combine(root, entry.Path);
            Directory.CreateDirectory(Path.GetDirectoryName(path)!);
            if (entry.Link is { } target)
            {
                File.CreateSymbolicLink(path, target);
            }
            else
            {
                await File.WriteAllBytesAsync(path, entry.Content!, Token);
                File.SetUnixFileMode(path, (UnixFileMode)entry.Mode);
            }
        }

        return root;
    }
}

/// <summary>Files that share pieces.</summary>
public sealed class TorrentTreeV1Tests() : TorrentTreeTests(TorrentFormat.V1);

/// <summary>Files that begin pieces, without padding.</summary>
public sealed class TorrentTreeV2Tests() : TorrentTreeTests(TorrentFormat.V2);

/// <summary>Files that begin pieces, with padding.</summary>
public sealed class TorrentTreeHybridTests() : TorrentTreeTests(TorrentFormat.Hybrid);
