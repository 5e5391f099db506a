using Pier.BitTorrent.Creation;
using Pier.BitTorrent.Torrents;
using Pier.BitTorrent.WebSeeds;
using Pier.TestKit.Files;
using Pier.UnitTests.BitTorrent.Swarms;

namespace Pier.UnitTests.BitTorrent.WebSeeds;

/// <summary>Which addresses a web seed is asked at (BEP 17, 19).</summary>
public sealed class WebSeedAddressesTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("http://host/some/file", "http://host/some/file")]
    [InlineData("http://host/some/", "http://host/some/NAME")]
    [InlineData("http://host/some/?key=1", "http://host/some/NAME?key=1")]
    public void A_single_file_lies_at_the_address_or_below_it(string seed, string address)
    {
        var metainfo = Engines.BlobOf(Engines.RandomBytes(100_000));

        var part = new FileAddresses(new Uri(seed), metainfo).PartsOf(10, 50_000).ShouldHaveSingleItem();

        part.Address!.AbsoluteUri.ShouldBe(address.Replace("NAME", metainfo.Name, StringComparison.Ordinal));
        (part.From, part.Length, part.FileLength).ShouldBe((10, 50_000, 100_000));
    }

    [Fact]
    public async Task Several_files_lie_below_the_name_escaped_and_padding_needs_no_request()
    {
        await using var folder = TempFolder.Create();
        Directory.CreateDirectory(folder.Below("a tree", "sub #1"));
        await File.WriteAllBytesAsync(folder.Below("a tree", "100%.bin"), new byte[20_000], Token);
        await File.WriteAllBytesAsync(folder.Below("a tree", "sub #1", "ü?.bin"), new byte[30_000], Token);
        var options = new TorrentCreationOptions { Format = TorrentFormat.Hybrid, PieceLength = 16_384 };
        var metainfo = await TorrentBuilder.CreateAsync(folder.Below("a tree"), options, progress: null, Token);

        var parts = new FileAddresses(new Uri("http://host/files"), metainfo).PartsOf(0, 40_000).ToArray();

        parts.Select(part => (part.Address?.AbsoluteUri, part.From, part.Length)).ShouldBe(
        [
            ("http://host/files/a%20tree/100%25.bin", 0, 20_000),
            (null, null, 12_768),
            ("http://host/files/a%20tree/sub%20%231/%C3%BC%3F.bin", 0, 7_232),
        ]);
    }

    [Fact]
    public void Pieces_are_asked_for_by_info_hash_and_range()
    {
        var hash = new InfoHash([0, 0x25, .. "abcdefghijklmnopqr"u8]);

        var parts = new PieceAddresses(new Uri("http://host/seed?x=1"), hash, 1000).PartsOf(1900, 1100).ToArray();

        const string start = "http://host/seed?x=1&info_hash=%00%25%61%62%63%64%65%66%67%68%69%6A%6B%6C%6D%6E%6F%70%71%72";
        parts.Select(part => (part.Address!.OriginalString.Replace(":80", "", StringComparison.Ordinal), part.From, part.Length)).ShouldBe(
        [
            (start + "&piece=1&ranges=900-999", null, 100),
            (start + "&piece=2&ranges=0-999", null, 1000),
        ]);
    }

    [Theory]
    [InlineData("169.254.169.254", true)]
    [InlineData("[fe80::1]", true)]
    [InlineData("[::ffff:169.254.169.254]", true)]
    [InlineData("metadata.google.internal", true)]
    [InlineData("127.0.0.1", false)]
    [InlineData("10.1.2.3", false)]
    public async Task Forbidden_hosts_are_refused(string host, bool mayBeNear) =>
        (await Should.ThrowAsync<WebSeedException>(() => WebSeedHosts.ResolveAsync(host, mayBeNear, Token))).IsLasting.ShouldBeTrue();

    [Fact]
    public void A_failing_seed_is_left_alone_longer_each_time()
    {
        var pause = new WebSeedPause();
        var failure = new WebSeedException("no");
        new[] { pause.After(failure), pause.After(failure), pause.After(failure) }.Select(time => time.TotalSeconds).ShouldBe([10, 20, 40]);
        pause.After(new WebSeedException("gone") { IsLasting = true }).ShouldBe(TimeSpan.FromMinutes(5));
        pause.Succeeded();
        pause.After(new WebSeedException("busy") { RetryAfter = TimeSpan.FromSeconds(90) }).ShouldBe(TimeSpan.FromSeconds(90));
        pause.After(new WebSeedException("busy") { RetryAfter = TimeSpan.FromDays(9) }).ShouldBe(TimeSpan.FromHours(1));
    }
}
