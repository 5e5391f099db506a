using Microsoft.Extensions.Logging.Abstractions;
using Pier.Content;
using Pier.Content.Contracts;
using Pier.Store.Blobs;
using Pier.TestKit.Files;

namespace Pier.UnitTests.Store;

public sealed class FileContentStoreTests : ContentStoreConformance, IAsyncDisposable
{
    private readonly TempFolder _folder = TempFolder.Create("store");

    public FileContentStoreTests() => Store = Reopen();

    protected override IContentStore Store { get; }

    public ValueTask DisposeAsync() => _folder.DisposeAsync();

    [Fact]
    public async Task A_sealed_blob_is_a_read_only_file_under_its_digest()
    {
        await IngestAsync(Hello, HelloDigest, 5);

        var path = PathOf(HelloDigest);
        (await File.ReadAllBytesAsync(path, Cancel)).ShouldBe(Hello);
        ((int)File.GetUnixFileMode(path)).ShouldBe(Convert.ToInt32("444", 8));
    }

    [Fact]
    public async Task Blobs_pins_and_aliases_are_there_after_a_restart()
    {
        var sha512 = Digest.Compute(Hello, DigestAlgorithm.Sha512);
        await IngestAsync(Hello, sha512, 5);
        await Store.PinAsync(sha512, Cancel);

        var info = await Reopen().StatAsync(sha512, Cancel);

        info.ShouldBe(new BlobInfo(sha512, 5, Clock.Start, Pinned: true) { Sha256 = HelloDigest });
    }

    [Fact]
    public async Task Leftovers_of_a_crash_are_wiped_and_nothing_else()
    {
        await IngestAsync(Hello, HelloDigest, 5);
        await using var unfinished = await Store.IngestAsync(Unknown, null, Cancel);
        await unfinished.WriteAsync(Hello, Cancel);
        FilesBelow().Length.ShouldBe(2);

        Reopen();

        FilesBelow().ShouldBe([PathOf(HelloDigest)]);
    }

    [Fact]
    public async Task Use_is_noted_at_most_once_a_minute()
    {
        await IngestAsync(Hello, HelloDigest, 5);

        Clock.Advance(TimeSpan.FromSeconds(59));
        await ReadAsync(HelloDigest);
        (await Store.StatAsync(HelloDigest, Cancel))!.LastUsed.ShouldBe(Clock.Start);

        Clock.Advance(TimeSpan.FromSeconds(1));
        await ReadAsync(HelloDigest);
        (await Store.StatAsync(HelloDigest, Cancel))!.LastUsed.ShouldBe(Clock.Start.AddMinutes(1));
    }

    [Fact]
    public async Task A_sealed_reader_gives_its_file_to_fast_paths()
    {
        await IngestAsync(Hello, HelloDigest, 5);
        await using var reader = await Store.OpenAsync(HelloDigest, Cancel);

        var bytes = new byte[5];
        RandomAccess.Read(reader.ShouldBeAssignableTo<IFileBacked>()!.Handle, bytes, 0).ShouldBe(5);
        bytes.ShouldBe(Hello);
    }

    [Fact]
    public async Task A_name_linked_before_a_crash_took_its_blob_names_nothing()
    {
        var sha512 = Digest.Compute(Hello, DigestAlgorithm.Sha512);
        await IngestAsync(Hello, sha512, 5);
        File.Delete(PathOf(HelloDigest));

        var store = Reopen();

        (await store.StatAsync(sha512, Cancel)).ShouldBeNull();
        (await store.OpenAsync(sha512, Cancel)).ShouldBeNull();
    }

    [Theory]
    [InlineData("{\"version\":1,\"pins\":[\"sha256:zz\"]}")]
    [InlineData("{\"version\":1,\"pi")]
    [InlineData("{\"version\":9}")]
    [InlineData("")]
    public async Task A_damaged_list_of_pins_is_named(string content)
    {
        var path = _folder.Below("blobs", "pins.json");
        await File.WriteAllTextAsync(path, content, Cancel);

        Should.Throw<ContentFormatException>(Reopen).Message.ShouldContain(path);
    }

    [Fact]
    public async Task A_full_disk_is_named_and_damages_nothing()
    {
        await using var disk = await TinyTmpfs.MountAsync(1 << 20, Cancel);
        var store = new FileContentStore(Path.Combine(disk.Path, "blobs"), Clock, NullLogger<FileContentStore>.Instance);
        await using (var small = await store.IngestAsync(HelloDigest, 5, Cancel))
        {
            await small.WriteAsync(Hello, Cancel);
            await small.SealAsync(Cancel);
        }

        var free = disk.FreeBytes;
        await using (var large = await store.IngestAsync(null, null, Cancel))
        {
            var fault = await Should.ThrowAsync<ContentStorageException>(() => large.WriteAsync(new byte[2 << 20], Cancel).AsTask());
            fault.Message.ShouldContain(disk.Path);
            fault.Message.ShouldContain("no space left");
        }

        disk.FreeBytes.ShouldBe(free);
        await using var reader = (await store.OpenAsync(HelloDigest, Cancel))!;
        var bytes = new byte[5];
        await reader.ReadAtAsync(0, bytes, Cancel);
        bytes.ShouldBe(Hello);
    }

    [Fact]
    public async Task A_blob_that_is_sealed_again_while_a_damaged_one_is_verified_stays()
    {
        await IngestAsync(Hello, HelloDigest, 5);
        var path = PathOf(HelloDigest);
        File.Delete(path);
        await File.WriteAllTextAsync(path, "jello", Cancel);

        var verified = await ((FileContentStore)Store).VerifyAsync(
            HelloDigest,
            _ =>
            {
                // Somebody removes the damaged one, and a good one comes, while its bytes are being hashed.
                var good = path + ".good";
                File.WriteAllBytes(good, Hello);
                File.Move(good, path, overwrite: true);
            },
            Cancel);

        verified.ShouldBe(true);
        (await ReadAsync(HelloDigest)).ShouldBe(Hello);
        FilesBelow().ShouldBe([path]);

        await File.WriteAllTextAsync(path, "jello", Cancel);
        (await ((FileContentStore)Store).VerifyAsync(HelloDigest, null, Cancel)).ShouldBe(false);
        FilesBelow().ShouldBeEmpty();
    }

    [Fact]
    public async Task A_blob_that_came_meanwhile_keeps_its_name_also_when_looking_at_it_is_given_up()
    {
        await IngestAsync(Hello, HelloDigest, 5);
        var path = PathOf(HelloDigest);
        File.Delete(path);
        await File.WriteAllTextAsync(path, "jello", Cancel);
        using var giveUp = CancellationTokenSource.CreateLinkedTokenSource(Cancel);
        var looks = 0;

        await Should.ThrowAsync<OperationCanceledException>(() => ((FileContentStore)Store).VerifyAsync(
            HelloDigest,
            _ =>
            {
                if (++looks == 2)
                {
                    giveUp.Cancel();
                    return;
                }

                var good = path + ".good";
                File.WriteAllBytes(good, Hello);
                File.Move(good, path, overwrite: true);
            },
            giveUp.Token));

        looks.ShouldBe(2);
        FilesBelow().ShouldBe([path]);
        (await ReadAsync(HelloDigest)).ShouldBe(Hello);
    }

    private FileContentStore Reopen() => new(_folder.Below("blobs"), Clock, NullLogger<FileContentStore>.Instance);

    private string PathOf(Digest digest) => _folder.Below("blobs", digest.AlgorithmName, digest.Hex[..2], digest.Hex);

    private string[] FilesBelow() => Directory.GetFiles(_folder.Path, "*", SearchOption.AllDirectories);
}
