using Pier.BitTorrent.Blobs;
using Pier.Content;
using Pier.Content.Labels;
using Pier.Daemon.Containers;
using Pier.TestKit.Files;

namespace Pier.UnitTests.Containers;

/// <summary>Only bytes that a digest of the label names are proved, and what changes afterwards is noticed before it goes out.</summary>
public sealed class DataProofTests : IAsyncLifetime
{
    private readonly TempFolder _folder = TempFolder.Create("proof");
    private LabelledFolder _container = null!;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync() => _container = await new LabelledFolder(_folder).FillAsync(Cancel);

    public ValueTask DisposeAsync() => _folder.DisposeAsync();

    [Fact]
    public async Task A_file_is_served_as_the_torrent_it_came_by()
    {
        var data = await ProveAsync(_container.FileLabel());

        data.Torrent.ToTorrentFile().ShouldBe(_container.FileTorrent.WithEnvelope(data.Torrent.Envelope).ToTorrentFile());
    }

    [Fact]
    public async Task A_file_that_came_by_none_is_served_as_its_blobs_torrent()
    {
        var bytes = await File.ReadAllBytesAsync(_container.File, Cancel);
        using var hasher = new BlobTorrentHasher(bytes.Length);
        hasher.Append(bytes);

        var data = await ProveAsync(_container.FileLabel() with { Outline = default, InfoHashes = [], Size = null });

        data.Torrent.Id.ShouldBe(hasher.Complete(Digest.Compute(bytes).Hex).Id);
    }

    [Fact]
    public async Task A_folder_is_what_its_torrent_says() =>
        (await ProveAsync(_container.TreeLabel())).Torrent.Id.ShouldBe(_container.TreeTorrent.Id);

    [Fact]
    public async Task Each_file_of_a_folder_is_known_by_its_digest()
    {
        var tree = Path.Combine(_container.Root, "data", "tree");

        (await ProveAsync(_container.TreeLabel())).Files.ShouldBe(
            [Digest.Compute(await File.ReadAllBytesAsync(Path.Combine(tree, "one"), Cancel)), Digest.Compute(await File.ReadAllBytesAsync(Path.Combine(tree, "sub", "two"), Cancel))],
            ignoreOrder: true);
    }

    [Fact]
    public async Task Labels_that_lie_are_refused()
    {
        var (file, tree) = (_container.FileLabel(), _container.TreeLabel());

        await RefusedAsync(file with { Digest = Digest.Compute("x"u8) }, "it is not sha256:");
        await RefusedAsync(file with { Digest = Digest.Compute("x"u8), Outline = default }, "it is not sha256:");
        await RefusedAsync(file with { Size = 1 }, "another length");
        await RefusedAsync(file with { InfoHashes = tree.InfoHashes }, "which the label does not name");
        await RefusedAsync(file with { InfoHashes = [] }, "which the label does not name");
        await RefusedAsync(file with { Outline = tree.Outline }, "its torrent is of a folder");
        await RefusedAsync(file with { Outline = "de"u8.ToArray() }, "its torrent: ");
        await RefusedAsync(tree with { Outline = default }, "has no torrent");
        await RefusedAsync(file with { Outline = "d6:lengthi2e4:name1:x12:piece lengthi9223372036854775807e6:pieces0:e"u8.ToArray() }, "its torrent: ");
        await RefusedAsync(tree with { Size = 119_999 }, "more than the 119999 bytes");
        await RefusedAsync(tree with { Outline = file.Outline }, "its torrent is of one file");
        await Should.ThrowAsync<IOException>(() => ProveAsync(file with { Path = "/etc/passwd" }));
        await Should.ThrowAsync<IOException>(() => ProveAsync(tree with { Path = "/data" }));
        await File.AppendAllTextAsync(Path.Combine(_container.Root, "data", "tree", "one"), "x", Cancel);
        await RefusedAsync(tree, "one has another length");
        await File.WriteAllBytesAsync(_container.File, [], Cancel);
        await RefusedAsync(file with { Outline = default }, "it has 0 bytes");
    }

    [Fact]
    public async Task What_is_read_afterwards_is_what_was_proved()
    {
        var label = _container.FileLabel();
        var bytes = await File.ReadAllBytesAsync(_container.File, Cancel);
        await using var files = _container.Open(label);
        var spoiled = new List<string>();
        await using var storage = new ProvedStorage(await LabelledFolder.ProveAsync(label, files, Cancel), files, spoiled.Add);
        storage.IsSealed.ShouldBeTrue();
        foreach (var (offset, length) in new[] { (0, 16 << 10), (5, 3), (16_383, 2), (100_000, 150_000), (300_000, 1) })
        {
            var read = new byte[length];
            await storage.ReadAsync(offset, read, Cancel);
            read.ShouldBe(bytes[offset..(offset + length)]);
        }

        await using (var file = File.OpenWrite(_container.File))
        {
            file.Position = 20_000;
            file.WriteByte((byte)(bytes[20_000] + 1));
        }

        await storage.ReadAsync(0, new byte[16 << 10], Cancel);
        await Should.ThrowAsync<IOException>(async () => await storage.ReadAsync(16_384, new byte[10], Cancel));
        await Should.ThrowAsync<IOException>(async () => await storage.ReadAsync(16_384, new byte[10], Cancel));
        spoiled.ShouldBe(["it has changed at byte 16384"]);
        await Should.ThrowAsync<NotSupportedException>(async () => await storage.WriteAsync(0, bytes, Cancel));
    }

    [Fact]
    public async Task Files_may_move_to_another_container_and_may_shrink_there()
    {
        var label = _container.TreeLabel();
        await using var first = _container.Open(label);
        var spoiled = new List<string>();
        await using var storage = new ProvedStorage(await LabelledFolder.ProveAsync(label, first, Cancel), first, spoiled.Add);
        var whole = new byte[120_000];
        await storage.ReadAsync(0, whole, Cancel);

        await first.DisposeAsync();
        await Should.ThrowAsync<IOException>(async () => await storage.ReadAsync(0, new byte[10], Cancel));
        await using var second = _container.Open(label);
        spoiled.ShouldHaveSingleItem().ShouldStartWith("one cannot be read");
        spoiled.Clear();
        storage.Move(second, spoiled.Add);
        var again = new byte[120_000];
        await storage.ReadAsync(0, again, Cancel);
        again.ShouldBe(whole);
        spoiled.ShouldBeEmpty();

        await File.WriteAllBytesAsync(Path.Combine(_container.Root, "data", "tree", "sub", "two"), [], Cancel);
        await Should.ThrowAsync<IOException>(async () => await storage.ReadAsync(50_000, new byte[10], Cancel));
        spoiled.ShouldHaveSingleItem().ShouldStartWith("sub/two ends at byte");
    }

    private async Task<ProvedData> ProveAsync(DataLabel label)
    {
        await using var files = _container.Open(label);
        return await LabelledFolder.ProveAsync(label, files, Cancel);
    }

    private async Task RefusedAsync(DataLabel label, string reason) =>
        (await Should.ThrowAsync<DataRefusedException>(() => ProveAsync(label))).Message.ShouldContain(reason);
}
