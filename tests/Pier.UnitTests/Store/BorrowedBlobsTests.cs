using Microsoft.Extensions.Logging.Abstractions;
using Pier.Content;
using Pier.Content.Contracts;
using Pier.Store.Blobs;
using Pier.Store.Borrowed;
using Pier.TestKit.Files;
using Pier.TestKit.Time;

namespace Pier.UnitTests.Store;

/// <summary>Blobs of containerd's content store: given like our own, never touched.</summary>
public sealed class BorrowedBlobsTests : IAsyncDisposable
{
    private readonly TempFolder _folder = TempFolder.Create("borrowed");
    private readonly List<Digest> _found = [];
    private readonly List<Digest> _lost = [];
    private BorrowedBlobs _borrowed;
    private FileContentStore _store;

    public BorrowedBlobsTests() => (_borrowed, _store) = Open();

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task What_lies_there_is_held_without_a_copy_and_the_file_stays_as_it_is()
    {
        var digest = Put(1, 1000);
        var file = new FileInfo(PathOf(digest));
        var written = file.LastWriteTimeUtc;
        (await _store.StatAsync(digest, Cancel)).ShouldBeNull("nothing counts before it is proved");

        await ScanAsync();

        (await _store.StatAsync(digest, Cancel)).ShouldNotBeNull().ShouldSatisfyAllConditions(info => info.Size.ShouldBe(1000), info => info.IsBorrowed.ShouldBeTrue());
        await using (var reader = await _store.OpenAsync(digest, Cancel))
        {
            var bytes = new byte[1000];
            (await reader.ShouldNotBeNull().ReadAtAsync(0, bytes, Cancel)).ShouldBe(1000);
            Digest.Compute(bytes).ShouldBe(digest);
        }
        _found.ShouldBe([digest]);
        (await ListAsync()).ShouldBe([digest]);
        (await _store.RemoveAsync(digest, Cancel)).ShouldBeFalse();
        (await _store.PinAsync(digest, Cancel)).ShouldBeFalse();
        file.Refresh();
        file.LastWriteTimeUtc.ShouldBe(written);
        Directory.EnumerateFiles(_folder.Below("blobs"), "*", SearchOption.AllDirectories).ShouldBeEmpty();
    }

    [Fact]
    public async Task Wrong_bytes_links_and_other_names_are_passed_over()
    {
        var digest = Put(1, 100);
        File.WriteAllBytes(PathOf(digest), new byte[100]);
        var link = Digest.Compute([9]);
        File.WriteAllBytes(_folder.Below("elsewhere"), [9]);
        File.CreateSymbolicLink(PathOf(link), _folder.Below("elsewhere"));
        File.WriteAllText(PathOf(digest) + ".tmp", "x");

        await ScanAsync();

        (await ListAsync()).ShouldBeEmpty();
    }

    [Fact]
    public async Task What_containerd_collects_is_forgotten_and_open_readers_read_on()
    {
        var digest = Put(3, 500);
        await ScanAsync();
        await using var reader = await _store.OpenAsync(digest, Cancel);
        File.Delete(PathOf(digest));

        (await _store.StatAsync(digest, Cancel)).ShouldBeNull();
        (await reader.ShouldNotBeNull().ReadAtAsync(0, new byte[500], Cancel)).ShouldBe(500);
        await ScanAsync();
        _lost.ShouldBe([digest]);
        (await _store.OpenAsync(digest, Cancel)).ShouldBeNull();
    }

    [Fact]
    public async Task A_second_start_does_not_hash_again_unless_the_file_has_changed()
    {
        var (kept, changed) = (Put(1, 100), Put(2, 100));
        await ScanAsync();
        // The same time and length: only a hash would notice, and none is made.
        var time = File.GetLastWriteTimeUtc(PathOf(kept));
        File.WriteAllBytes(PathOf(kept), new byte[100]);
        File.SetLastWriteTimeUtc(PathOf(kept), time);
        File.WriteAllBytes(PathOf(changed), new byte[100]);
        File.SetLastWriteTimeUtc(PathOf(changed), time + TimeSpan.FromSeconds(5));

        (_borrowed, _store) = Open();
        await ScanAsync();

        (await ListAsync()).ShouldBe([kept]);
        (await _store.VerifyAsync(kept, null, Cancel)).ShouldBe(false);
        (await ListAsync()).ShouldBeEmpty();
        File.Exists(PathOf(kept)).ShouldBeTrue("it is containerd's");
    }

    [Fact]
    public async Task What_the_store_has_itself_is_not_listed_twice()
    {
        var digest = Put(1, 100);
        await ScanAsync();
        await using (var ingest = await _store.IngestAsync(digest, 100, Cancel))
        {
            await ingest.WriteAsync(File.ReadAllBytes(PathOf(digest)), Cancel);
            await ingest.SealAsync(Cancel);
        }

        (await ListAsync()).ShouldBe([digest]);
        (await _store.StatAsync(digest, Cancel)).ShouldNotBeNull().IsBorrowed.ShouldBeFalse();
    }

    public ValueTask DisposeAsync() => _folder.DisposeAsync();

    private (BorrowedBlobs Borrowed, FileContentStore Store) Open()
    {
        var borrowed = new BorrowedBlobs([_folder.Below("content")], _folder.Below("borrowed.json"), NullLogger<BorrowedBlobs>.Instance);
        return (borrowed, new FileContentStore(_folder.Below("blobs"), new ManualTimeProvider(), NullLogger<FileContentStore>.Instance) { Borrowed = borrowed });
    }

    private Task ScanAsync() => _borrowed.ScanAsync(
        _store.HoldsItself,
        blob => _found.Add(blob.Digest),
        digest =>
        {
            _lost.Add(digest);
            return Task.CompletedTask;
        },
        Cancel);

    private async Task<List<Digest>> ListAsync() => await _store.ListAsync(Cancel).Select(blob => blob.Digest).ToListAsync(Cancel);

    private Digest Put(byte content, int length)
    {
        var bytes = new byte[length];
        Array.Fill(bytes, content);
        var digest = Digest.Compute(bytes);
        Directory.CreateDirectory(Path.GetDirectoryName(PathOf(digest))!);
        File.WriteAllBytes(PathOf(digest), bytes);
        return digest;
    }

    private string PathOf(Digest digest) => _folder.Below("content", "blobs", "sha256", digest.Hex);
}
