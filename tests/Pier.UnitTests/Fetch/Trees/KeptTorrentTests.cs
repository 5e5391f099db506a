using Pier.BitTorrent.Torrents;
using Pier.Fetch.Trees;
using Pier.TestKit.Files;
using TestEngines = Pier.UnitTests.BitTorrent.Engines;

namespace Pier.UnitTests.Fetch.Trees;

/// <summary>What a magnet link named is known after a restart, with the hash layers that were told or without.</summary>
public sealed class KeptTorrentTests
{
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task It_is_read_as_it_was_kept(bool knowsLayers)
    {
        await using var folder = TempFolder.Create("kept");
        var whole = TestEngines.BlobOf(TestEngines.RandomBytes(600_000));
        var told = knowsLayers ? whole : Metainfo.ParseInfo(whole.Info, MetainfoEnvelope.Empty, MetainfoLimits.Default);
        KeptTorrent.Read(folder.Path).ShouldBeNull();

        KeptTorrent.Put(folder.Path, told);

        var kept = KeptTorrent.Read(folder.Path).ShouldNotBeNull();
        kept.Id.ShouldBe(whole.Id);
        kept.PieceLayer(0).IsEmpty.ShouldBe(!knowsLayers);
    }

    [Fact]
    public async Task What_is_damaged_is_as_if_it_were_not_there()
    {
        await using var folder = TempFolder.Create("kept");
        await File.WriteAllTextAsync(folder.Below("torrent"), "d4:infoi1ee", TestContext.Current.CancellationToken);
        await File.WriteAllTextAsync(folder.Below("info"), "de", TestContext.Current.CancellationToken);
        KeptTorrent.Read(folder.Path).ShouldBeNull();
    }
}
