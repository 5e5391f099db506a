using Pier.BitTorrent.Creation;
using Pier.BitTorrent.Torrents;
using Pier.TestKit.Files;

namespace Pier.UnitTests.BitTorrent.Creation;

/// <summary>A torrent comes out of its outline and its content as it was, to the byte; anything else is refused.</summary>
public sealed class TorrentOutlineTests : IAsyncLifetime
{
    private readonly TempFolder _folder = TempFolder.Create("outline");

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public ValueTask InitializeAsync() => ValueTask.CompletedTask;

    public ValueTask DisposeAsync() => _folder.DisposeAsync();

    [Theory]
    [InlineData(TorrentFormat.V1, false)]
    [InlineData(TorrentFormat.V1, true)]
    [InlineData(TorrentFormat.V2, false)]
    [InlineData(TorrentFormat.V2, true)]
    [InlineData(TorrentFormat.Hybrid, false)]
    [InlineData(TorrentFormat.Hybrid, true)]
    public async Task Content_makes_its_torrent_again(TorrentFormat format, bool isFolder)
    {
        var (path, torrent) = await MakeAsync(format, isFolder);
        var outline = TorrentOutline.Of(torrent);

        var made = await FillAsync(TorrentOutline.Read(outline, MetainfoLimits.Default), path);

        made.ToTorrentFile().ShouldBe(torrent.ToTorrentFile());
        outline.Length.ShouldBeLessThan(torrent.HasV1 ? torrent.Info.Length : torrent.Info.Length + 1);
    }

    [Fact]
    public async Task Other_content_makes_another_torrent_or_none()
    {
        var (path, v1) = await MakeAsync(TorrentFormat.V1, isFolder: false);
        var v2 = await TorrentBuilder.CreateAsync(path, Options(TorrentFormat.V2), progress: null, Cancel);
        await File.WriteAllBytesAsync(path, new byte[100_000], Cancel);

        (await FillAsync(TorrentOutline.Read(TorrentOutline.Of(v1), MetainfoLimits.Default), path)).Id.ShouldNotBe(v1.Id);
        await Should.ThrowAsync<MetainfoException>(() => FillAsync(TorrentOutline.Read(TorrentOutline.Of(v2), MetainfoLimits.Default), path));
    }

    [Theory]
    [InlineData("")]
    [InlineData("de")]
    [InlineData("i1e")]
    [InlineData("d6:lengthi1e4:name1:x12:piece lengthi16384e6:pieces1:ye")]
    [InlineData("d6:lengthi1e4:name1:x12:piece lengthi0e6:pieces0:e")]
    [InlineData("d6:lengthi2e4:name1:x12:piece lengthi9223372036854775807e6:pieces0:e")]
    [InlineData("d6:lengthi-1e4:name1:x12:piece lengthi16384e6:pieces0:e")]
    [InlineData("d6:lengthi9223372036854775807e4:name1:x12:piece lengthi1e6:pieces0:e")]
    [InlineData("d6:lengthi4000001e4:name1:x12:piece lengthi1e6:pieces0:e")]
    [InlineData("d5:filesld6:lengthi9223372036854775807e4:pathl1:aeed6:lengthi9223372036854775807e4:pathl1:beee4:name1:x12:piece lengthi16384e6:pieces0:e")]
    [InlineData("d5:filesld6:lengthi1e4:pathl2:..eee4:name1:x12:piece lengthi16384e6:pieces0:e")]
    [InlineData("d5:filesld4:attr1:p6:lengthi999999999e4:pathl1:peee4:name1:x12:piece lengthi16384e6:pieces0:e")]
    [InlineData("d6:lengthi1e4:name1:x12:piece lengthi16384e6:pieces0:ex")]
    public void What_is_no_outline_is_refused(string outline) =>
        Should.Throw<MetainfoException>(() => TorrentOutline.Read(System.Text.Encoding.UTF8.GetBytes(outline), MetainfoLimits.Default));

    [Fact]
    public async Task An_outline_is_no_longer_than_the_limit()
    {
        var outline = TorrentOutline.Of((await MakeAsync(TorrentFormat.V1, isFolder: true)).Torrent);

        TorrentOutline.Read(outline, MetainfoLimits.Default with { MaxInfoBytes = outline.Length }).Frame.HasV1.ShouldBeTrue();
        Should.Throw<MetainfoException>(() => TorrentOutline.Read(outline, MetainfoLimits.Default with { MaxInfoBytes = outline.Length - 1 }))
            .Message.ShouldContain($"{outline.Length} bytes, more than");
    }

    [Fact]
    public async Task Damaged_outlines_are_read_or_refused()
    {
        var random = new Random(5);
        byte[][] seeds =
        [
            TorrentOutline.Of((await MakeAsync(TorrentFormat.V1, isFolder: true)).Torrent),
            TorrentOutline.Of((await MakeAsync(TorrentFormat.Hybrid, isFolder: true)).Torrent),
            TorrentOutline.Of((await MakeAsync(TorrentFormat.V2, isFolder: false)).Torrent),
        ];
        var limits = new MetainfoLimits { MaxInfoBytes = 4096, MaxFiles = 100, MaxPieces = 1000, MaxLength = 1 << 30 };
        for (var run = 0; run < 20_000; run++)
        {
            var outline = (byte[])seeds[run % seeds.Length].Clone();
            for (var change = random.Next(1, 4); change > 0; change--)
            {
                outline[random.Next(outline.Length)] = random.Next(3) == 0 ? (byte)random.Next(256) : (byte)"0123456789delip:"[random.Next(16)];
            }

            try
            {
                TorrentOutline.Read(outline.AsMemory(0, random.Next(4) == 0 ? random.Next(outline.Length) : outline.Length), limits).Frame.PieceCount.ShouldBeLessThanOrEqualTo(1000);
            }
            catch (MetainfoException)
            {
                // Refused, with a reason.
            }
        }
    }

    [Fact]
    public async Task Bytes_come_file_by_file_and_whole()
    {
        var (_, torrent) = await MakeAsync(TorrentFormat.V1, isFolder: false);
        using var hasher = TorrentOutline.Read(TorrentOutline.Of(torrent), MetainfoLimits.Default).Fill();
        hasher.Next().ShouldBe(0);
        Should.Throw<InvalidOperationException>(() => hasher.Append(new byte[torrent.TotalLength + 1]));
        Should.Throw<InvalidOperationException>(() => hasher.Next());
    }

    private static TorrentCreationOptions Options(TorrentFormat format) => new() { Format = format, PieceLength = 16 << 10, PadFiles = true };

    private async Task<(string Path, Metainfo Torrent)> MakeAsync(TorrentFormat format, bool isFolder)
    {
        var random = new Random(3);
        byte[] Bytes(int count)
        {
            var bytes = new byte[count];
            random.NextBytes(bytes);
            return bytes;
        }

        var path = _folder.Below($"{format}-{isFolder}");
        if (isFolder)
        {
            Directory.CreateDirectory(Path.Combine(path, "sub"));
            await File.WriteAllBytesAsync(Path.Combine(path, "large"), Bytes(100_000), Cancel);
            await File.WriteAllBytesAsync(Path.Combine(path, "empty"), [], Cancel);
            await File.WriteAllBytesAsync(Path.Combine(path, "sub", "small"), Bytes(17), Cancel);
            await File.WriteAllBytesAsync(Path.Combine(path, "sub", "whole"), Bytes(32 << 10), Cancel);
        }
        else
        {
            await File.WriteAllBytesAsync(path, Bytes(100_000), Cancel);
        }

        return (path, await TorrentBuilder.CreateAsync(path, Options(format), progress: null, Cancel));
    }

    private static async Task<Metainfo> FillAsync(TorrentOutline outline, string path)
    {
        using var hasher = outline.Fill();
        while (hasher.Next() is { } file)
        {
            hasher.Append(await File.ReadAllBytesAsync(outline.Frame.IsSingleFile ? path : Path.Combine(path, outline.Frame.Files[file].RelativePath), Cancel));
        }

        return hasher.Complete();
    }
}
