using Pier.BitTorrent.Creation;
using Pier.BitTorrent.Storage;
using Pier.BitTorrent.Torrents;
using Pier.Content;
using Pier.TestKit.Files;
using Pier.UnitTests.BitTorrent.Swarms;

namespace Pier.UnitTests.BitTorrent.Storage;

/// <summary>Torrents as plain files.</summary>
public sealed class FileTreeStorageTests : TorrentStorageConformance, IAsyncLifetime
{
    private readonly TempFolder _folder = TempFolder.Create();

    private string Target => _folder.Below("blob");

    public ValueTask InitializeAsync() => ValueTask.CompletedTask;

    public ValueTask DisposeAsync() => _folder.DisposeAsync();

    [Fact]
    public async Task The_final_name_appears_with_the_last_piece_and_not_before()
    {
        await using var storage = await OpenEmptyAsync();
        await storage.WriteAsync(0, Bytes, Token);
        File.Exists(Target).ShouldBeFalse();
        await storage.CompleteAsync(Token);
        (await File.ReadAllBytesAsync(Target, Token)).AsSpan().SequenceEqual(Bytes).ShouldBeTrue();
        Directory.GetFiles(_folder.Path).ShouldBe([Target]);
    }

    [Fact]
    public async Task What_an_earlier_run_left_is_checked_and_held()
    {
        await using (var first = await OpenEmptyAsync())
        {
            await first.WriteAsync(1 << 18, Bytes.AsMemory(1 << 18, 1 << 18), Token);
        }

        await using var second = await OpenEmptyAsync();
        second.Held.ShouldBe([new ByteRange(1 << 18, 1 << 18)]);
    }

    [Fact]
    public async Task A_whole_file_is_held_whole_and_a_damaged_one_is_mended()
    {
        var damaged = Bytes.ToArray();
        damaged[5] ^= 1;
        await File.WriteAllBytesAsync(Target, damaged, Token);
        await using var storage = await OpenEmptyAsync();
        storage.Held.Sum(range => range.Length).ShouldBe(Length - (1 << 18));
        await storage.WriteAsync(0, Bytes.AsMemory(0, 1 << 18), Token);
        await storage.CompleteAsync(Token);
        (await File.ReadAllBytesAsync(Target, Token)).AsSpan().SequenceEqual(Bytes).ShouldBeTrue();
    }

    [Fact]
    public async Task A_sealed_file_is_not_hashed_and_cannot_be_written()
    {
        await File.WriteAllBytesAsync(Target, new byte[Length], Token);
        await using var storage = await FileTreeStorage.OpenAsync(Torrent, Target, new FileTreeOptions { IsSealed = true }, Token);
        storage.IsSealed.ShouldBeTrue();
        await Should.ThrowAsync<UnauthorizedAccessException>(async () => await storage.WriteAsync(0, Bytes, Token));
    }

    [Fact]
    public async Task A_missing_or_short_sealed_file_says_which()
    {
        await using var missing = await FileTreeStorage.OpenAsync(Torrent, Target, new FileTreeOptions { IsSealed = true }, Token);
        (await Should.ThrowAsync<FileNotFoundException>(async () => await missing.ReadAsync(0, new byte[1], Token))).Message.ShouldContain(Target);
        await File.WriteAllBytesAsync(Target, new byte[10], Token);
        (await Should.ThrowAsync<EndOfStreamException>(async () => await missing.ReadAsync(0, new byte[20], Token))).Message.ShouldContain("byte 10");
    }

    [Fact]
    public async Task Links_in_the_way_are_not_followed()
    {
        var outside = _folder.MakeFolder("outside");
        var source = _folder.MakeFolder("tree", "sub");
        await File.WriteAllBytesAsync(Path.Combine(source, "file"), Bytes, Token);
        var tree = await TorrentBuilder.CreateAsync(_folder.Below("tree"), new TorrentCreationOptions { PieceLength = 1 << 18 }, null, Token);
        var target = _folder.MakeFolder("target");
        Directory.CreateSymbolicLink(Path.Combine(target, "sub"), outside);

        await Should.ThrowAsync<IOException>(async () =>
        {
            await using var storage = await FileTreeStorage.OpenAsync(tree, target, new FileTreeOptions(), Token);
            await storage.WriteAsync(0, Bytes, Token);
        });
        Directory.GetFileSystemEntries(outside).ShouldBeEmpty();
    }

    [Fact]
    public async Task More_files_than_may_be_open_are_no_problem()
    {
        var source = _folder.MakeFolder("many");
        for (var file = 0; file < 20; file++)
        {
            await File.WriteAllBytesAsync(Path.Combine(source, $"{file:00}"), Engines.RandomBytes(1000, file + 1), Token);
        }

        var many = await TorrentBuilder.CreateAsync(source, new TorrentCreationOptions { Format = TorrentFormat.V1, PieceLength = 1 << 14 }, null, Token);
        await using var from = await FileTreeStorage.OpenAsync(many, source, new FileTreeOptions { MaxOpenFiles = 2 }, Token);
        from.Held.Sum(range => range.Length).ShouldBe(20_000);
        var whole = new byte[20_000];
        await from.ReadAsync(0, whole, Token);
        var target = _folder.Below("copy");
        await using var to = await FileTreeStorage.OpenAsync(many, target, new FileTreeOptions { MaxOpenFiles = 2 }, Token);
        await to.WriteAsync(0, whole, Token);
        await to.CompleteAsync(Token);
        (await File.ReadAllBytesAsync(Path.Combine(target, "13"), Token)).ShouldBe(Engines.RandomBytes(1000, 14));
    }

    private protected override ValueTask<ITorrentStorage> OpenEmptyAsync() =>
        FileTreeStorage.OpenAsync(Torrent, Target, new FileTreeOptions(), Token);
}
