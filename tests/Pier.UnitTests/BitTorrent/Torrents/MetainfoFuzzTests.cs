using Pier.BitTorrent.Creation;
using Pier.BitTorrent.Torrents;
using Pier.TestKit.Files;
using Pier.UnitTests.BitTorrent.Fuzzing;

namespace Pier.UnitTests.BitTorrent.Torrents;

public sealed class MetainfoFuzzTests
{
    [Theory]
    [InlineData(TorrentFormat.V1, 11)]
    [InlineData(TorrentFormat.V2, 12)]
    [InlineData(TorrentFormat.Hybrid, 13)]
    public async Task Mutants_are_read_or_refused_by_the_documented_exception(TorrentFormat format, int seed)
    {
        var torrent = await MakeAsync(format);
        var mutator = new BencodeMutator(seed);
        var refused = 0;
        for (var round = 0; round < 4_000; round++)
        {
            var mutant = mutator.Mutate(torrent);
            var before = GC.GetAllocatedBytesForCurrentThread();
            try
            {
                Metainfo.Parse(mutant).PieceCount.ShouldBeGreaterThanOrEqualTo(0);
            }
            catch (MetainfoException)
            {
                refused++;
            }

            // Whatever a mutant claims, memory follows from the bytes it has.
            (GC.GetAllocatedBytesForCurrentThread() - before).ShouldBeLessThan(200_000 + (mutant.Length * 40));
        }

        refused.ShouldBeInRange(400, 3_900, "both outcomes must be exercised");
    }

    private static async Task<byte[]> MakeAsync(TorrentFormat format)
    {
        await using var folder = TempFolder.Create();
        folder.MakeFolder("tree", "sub");
        await File.WriteAllBytesAsync(folder.Below("tree", "a"), TestPattern.Bytes(40_000));
        await File.WriteAllBytesAsync(folder.Below("tree", "sub", "b"), TestPattern.Bytes(100));
        await File.WriteAllBytesAsync(folder.Below("tree", "sub", "empty"), []);
        File.CreateSymbolicLink(folder.Below("tree", "sub", "link"), "../a");
        var options = new TorrentCreationOptions
        {
            Format = format,
            PieceLength = 16_384,
            Envelope = new MetainfoEnvelope { TrackerTiers = [["http://a/announce", "udp://b:1"], ["http://c/announce"]], Comment = "c" },
        };
        var metainfo = await TorrentBuilder.CreateAsync(folder.Below("tree"), options, progress: null, TestContext.Current.CancellationToken);
        return metainfo.ToTorrentFile();
    }
}
