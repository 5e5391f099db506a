using Pier.BitTorrent.Creation;
using Pier.BitTorrent.Torrents;
using Pier.TestKit.Files;

namespace Pier.UnitTests.BitTorrent.Creation;

/// <summary>Torrents whose layers peers never told are made whole from their files.</summary>
public sealed class LayerCompletionTests : IAsyncLifetime
{
    private readonly TempFolder _folder = TempFolder.Create("layers");

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public ValueTask InitializeAsync() => ValueTask.CompletedTask;

    public ValueTask DisposeAsync() => _folder.DisposeAsync();

    [Theory]
    [InlineData(TorrentFormat.V1)]
    [InlineData(TorrentFormat.V2)]
    [InlineData(TorrentFormat.Hybrid)]
    public async Task A_folders_torrent_is_the_same_file_as_when_it_was_made(TorrentFormat format)
    {
        var tree = _folder.MakeFolder("tree", "sub");
        tree = Path.GetDirectoryName(tree)!;
        await File.WriteAllBytesAsync(Path.Combine(tree, "large"), new byte[100_000], Cancel);
        await File.WriteAllBytesAsync(Path.Combine(tree, "sub", "same"), new byte[100_000], Cancel);
        await File.WriteAllBytesAsync(Path.Combine(tree, "small"), new byte[17], Cancel);
        var whole = await TorrentBuilder.CreateAsync(tree, new TorrentCreationOptions { Format = format, PieceLength = 16 << 10 }, progress: null, Cancel);
        var bare = Metainfo.ParseInfo(whole.Info, MetainfoEnvelope.Empty, MetainfoLimits.Default);

        var completed = await LayerCompletion.CompleteAsync(bare, tree, Cancel);

        completed.ToTorrentFile().ShouldBe(whole.ToTorrentFile());
    }

    [Fact]
    public async Task A_file_that_is_another_is_refused()
    {
        var file = _folder.Below("f");
        await File.WriteAllBytesAsync(file, new byte[100_000], Cancel);
        var whole = await TorrentBuilder.CreateAsync(file, new TorrentCreationOptions { PieceLength = 16 << 10 }, progress: null, Cancel);
        var bare = Metainfo.ParseInfo(whole.Info, MetainfoEnvelope.Empty, MetainfoLimits.Default);
        await File.WriteAllBytesAsync(file, new byte[100_001], Cancel);

        (await Should.ThrowAsync<TorrentCreationException>(() => LayerCompletion.CompleteAsync(bare, file, Cancel))).Message.ShouldContain("not what the torrent says");
        (await LayerCompletion.CompleteAsync(whole, "/nowhere", Cancel)).ShouldBeSameAs(whole);
    }
}
