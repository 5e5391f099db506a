using Microsoft.Extensions.Logging.Abstractions;
using Pier.Content;
using Pier.Content.Contracts;
using Pier.Store.Blobs;
using Pier.Store.Partial;
using Pier.TestKit;
using Pier.TestKit.Files;
using Pier.TestKit.Time;

namespace Pier.UnitTests.Store;

public sealed class PartialBlobTests : IAsyncDisposable
{
    private static readonly TimeSpan Soon = TimeSpan.FromSeconds(10);
    private static readonly byte[] Content = "0123456789abcdef"u8.ToArray();
    private static readonly byte[] Lies = "################"u8.ToArray();
    private static readonly Digest Name = Digest.Compute(Content);

    private readonly TempFolder _folder = TempFolder.Create("partial");
    private readonly ManualTimeProvider _clock = new();
    private readonly FileContentStore _store;
    private PartialBlobs _partials;

    public PartialBlobTests()
    {
        _store = new FileContentStore(_folder.Below("blobs"), _clock, NullLogger<FileContentStore>.Instance);
        _partials = Reopen();
    }

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public async ValueTask DisposeAsync()
    {
        await _partials.DisposeAsync();
        await _folder.DisposeAsync();
    }

    [Fact]
    public async Task Filled_in_any_order_it_is_sealed_into_the_store()
    {
        await using var blob = await OpenAsync();
        await WriteAsync(blob, 8, 8);
        blob.NextMissing(0, 100).ShouldBe(new ByteRange(0, 8));
        await WriteAsync(blob, 0, 8);

        blob.IsComplete.ShouldBeTrue();
        blob.NextMissing(0, 100).ShouldBeNull();
        (await blob.SealAsync(Cancel)).ShouldBe(new BlobInfo(Name, 16, _clock.Start, Pinned: false));

        await using var reader = (await _store.OpenAsync(Name, Cancel))!;
        (await ReadAsync(reader, 0, 16)).ShouldBe(Content);
        FilesLeft().ShouldBeEmpty();
        _partials.Find(Name).ShouldBeNull();
    }

    [Fact]
    public async Task Sealing_too_early_is_refused()
    {
        await using var blob = await OpenAsync();

        await Should.ThrowAsync<InvalidOperationException>(() => blob.SealAsync(Cancel).AsTask());
    }

    [Fact]
    public async Task The_empty_blob_is_complete_at_once()
    {
        var empty = Digest.Compute([]);
        await using var blob = await _partials.OpenAsync(empty, 0, Cancel);

        (await blob.SealAsync(Cancel)).Digest.ShouldBe(empty);
    }

    [Fact]
    public async Task A_reader_waits_for_its_bytes_and_reads_no_further_than_they_reach()
    {
        await using var blob = await OpenAsync();
        await using var reader = blob.OpenReader(FetchPriority.Client);
        var read = ReadAsync(reader, 4, 8);
        read.IsCompleted.ShouldBeFalse();

        await WriteAsync(blob, 0, 4);
        read.IsCompleted.ShouldBeFalse();
        await WriteAsync(blob, 4, 3);

        (await read).ShouldBe("456"u8.ToArray());
        reader.ReadAtAsync(1, new byte[2], Cancel).AsTask().IsCompletedSuccessfully.ShouldBeTrue();
        (await reader.ReadAtAsync(16, new byte[2], Cancel)).ShouldBe(0);
    }

    [Fact]
    public async Task A_strangers_bytes_wait_for_the_seal()
    {
        await using var blob = await OpenAsync();
        await using var reader = blob.OpenReader(FetchPriority.Client);
        var read = ReadAsync(reader, 0, 16);

        await blob.WriteAsync(0, Content, SourceTrust.AfterSeal, SourceKind.Swarm, Cancel);
        read.IsCompleted.ShouldBeFalse();
        reader.IsSealed.ShouldBeFalse();
        await blob.SealAsync(Cancel);

        (await read).ShouldBe(Content);
        reader.IsSealed.ShouldBeTrue();
    }

    [Fact]
    public async Task Bytes_that_are_there_are_dropped_but_vouched_ones_replace_unvouched()
    {
        await using var blob = await OpenAsync();
        await blob.WriteAsync(0, Content, SourceTrust.AtOnce, SourceKind.Upstream, Cancel);
        await blob.WriteAsync(0, Lies, SourceTrust.AtOnce, SourceKind.Member, Cancel);
        await blob.WriteAsync(0, Lies, SourceTrust.AfterSeal, SourceKind.Swarm, Cancel);

        await using var reader = blob.OpenReader(FetchPriority.Client);
        (await ReadAsync(reader, 0, 16)).ShouldBe(Content);
        blob.BytesBySource().ShouldBe(new Dictionary<SourceKind, long> { [SourceKind.Upstream] = 16 });
        await blob.SealAsync(Cancel);
    }

    [Fact]
    public async Task Vouched_bytes_replace_a_strangers_even_when_those_were_hashed()
    {
        await using var blob = await OpenAsync();
        await blob.WriteAsync(0, Lies.AsMemory(0, 12), SourceTrust.AfterSeal, SourceKind.Swarm, Cancel);
        await blob.WriteAsync(4, Content.AsMemory(4), SourceTrust.AtOnce, SourceKind.Upstream, Cancel);
        await using var reader = blob.OpenReader(FetchPriority.Client);
        (await ReadAsync(reader, 4, 12)).ShouldBe(Content[4..]);

        await blob.WriteAsync(0, Content.AsMemory(0, 4), SourceTrust.AtOnce, SourceKind.Upstream, Cancel);

        (await blob.SealAsync(Cancel)).Digest.ShouldBe(Name);
    }

    [Fact]
    public async Task A_write_beyond_the_end_is_refused()
    {
        await using var blob = await OpenAsync();

        (await Should.ThrowAsync<ContentMismatchException>(() => blob.WriteAsync(10, Content, SourceTrust.AtOnce, SourceKind.Upstream, Cancel).AsTask()))
            .Message.ShouldContain(Name.ToString());
    }

    [Fact]
    public async Task A_false_whole_is_dropped_and_waiting_readers_get_the_next_try()
    {
        await using var blob = await OpenAsync();
        await using var reader = blob.OpenReader(FetchPriority.Client);
        var read = ReadAsync(reader, 0, 16);
        await blob.WriteAsync(0, Lies, SourceTrust.AfterSeal, SourceKind.Swarm, Cancel);

        await Should.ThrowAsync<ContentMismatchException>(() => blob.SealAsync(Cancel).AsTask());
        blob.Present.ShouldBe(0);
        (await _store.StatAsync(Name, Cancel)).ShouldBeNull();

        await WriteAsync(blob, 0, 16);
        (await read).ShouldBe(Content);
        await blob.SealAsync(Cancel);
    }

    [Fact]
    public async Task On_a_mismatch_vouched_bytes_stay_and_a_strangers_go()
    {
        await using var blob = await OpenAsync();
        await WriteAsync(blob, 0, 8);
        await blob.WriteAsync(8, Lies.AsMemory(8), SourceTrust.AfterSeal, SourceKind.Swarm, Cancel);

        await Should.ThrowAsync<ContentMismatchException>(() => blob.SealAsync(Cancel).AsTask());

        blob.PresentRanges().ShouldBe([new ByteRange(0, 8)]);
        await WriteAsync(blob, 8, 8);
        await blob.SealAsync(Cancel);
    }

    [Fact]
    public async Task A_reader_that_was_shown_false_bytes_ends_with_the_cause()
    {
        await using var blob = await OpenAsync();
        await using var shown = blob.OpenReader(FetchPriority.Client);
        await using var waiting = blob.OpenReader(FetchPriority.Client);
        var wait = ReadAsync(waiting, 12, 4);
        await blob.WriteAsync(0, Lies.AsMemory(0, 8), SourceTrust.AtOnce, SourceKind.Member, Cancel);
        await ReadAsync(shown, 0, 8);
        await blob.WriteAsync(8, Lies.AsMemory(8, 4), SourceTrust.AtOnce, SourceKind.Member, Cancel);
        await using var later = blob.OpenReader(FetchPriority.Client);
        await blob.WriteAsync(12, Content.AsMemory(12), SourceTrust.AtOnce, SourceKind.Member, Cancel);
        await wait;

        await Should.ThrowAsync<ContentMismatchException>(() => blob.SealAsync(Cancel).AsTask());

        blob.Present.ShouldBe(0);
        await Should.ThrowAsync<ContentMismatchException>(() => ReadAsync(shown, 8, 1));
        await WriteAsync(blob, 0, 16);
        (await ReadAsync(later, 0, 16)).ShouldBe(Content);
        await blob.SealAsync(Cancel);
        await Should.ThrowAsync<ContentMismatchException>(() => ReadAsync(shown, 8, 1));
    }

    [Fact]
    public async Task Wanted_is_where_the_most_urgent_reader_waits()
    {
        await using var blob = await OpenAsync();
        blob.Wanted.ShouldBe(0);
        await using var background = blob.OpenReader(FetchPriority.Background);
        await using var client = blob.OpenReader(FetchPriority.Client);
        using var leave = new CancellationTokenSource();
        var slow = ReadAsync(background, 12, 1);
        blob.Wanted.ShouldBe(12);
        var fast = client.ReadAtAsync(5, new byte[1], leave.Token).AsTask();
        blob.Wanted.ShouldBe(5);

        await leave.CancelAsync();
        await Should.ThrowAsync<OperationCanceledException>(() => fast);
        blob.Wanted.ShouldBe(12);

        await WriteAsync(blob, 12, 4);
        await slow;
        blob.Wanted.ShouldBe(0);
        await ReadAsync(client, 12, 2);
        blob.Wanted.ShouldBe(14);
    }

    [Fact]
    public async Task Failing_wakes_readers_with_the_cause_and_keeps_what_came()
    {
        await using var blob = await OpenAsync();
        await WriteAsync(blob, 0, 8);
        await using var reader = blob.OpenReader(FetchPriority.Client);
        var wait = ReadAsync(reader, 8, 8);

        blob.Fail(new ContentUnavailableException("registry.example: refused"));

        (await Should.ThrowAsync<ContentUnavailableException>(() => wait)).Message.ShouldBe("registry.example: refused");
        (await ReadAsync(reader, 0, 8)).ShouldBe(Content[..8]);
        blob.Present.ShouldBe(8);
    }

    [Fact]
    public async Task A_reader_closed_in_mid_wait_ends_that_wait()
    {
        await using var blob = await OpenAsync();
        var reader = blob.OpenReader(FetchPriority.Client);
        var wait = ReadAsync(reader, 8, 8);

        await reader.DisposeAsync();

        await Should.ThrowAsync<ObjectDisposedException>(() => wait);
        blob.Wanted.ShouldBe(0);
    }

    [Fact]
    public async Task Closing_keeps_the_bytes_for_the_next_time()
    {
        await using (var blob = await OpenAsync())
        {
            await WriteAsync(blob, 0, 4);
            await blob.WriteAsync(8, Content.AsMemory(8, 4), SourceTrust.AfterSeal, SourceKind.Swarm, Cancel);
        }

        _partials = Reopen();
        _partials.Stat(Name).ShouldBe((16, 8));
        _partials.List().ShouldBe([Name]);
        await using var again = await OpenAsync();

        again.PresentRanges().ShouldBe([new ByteRange(0, 4), new ByteRange(8, 4)]);
        again.BytesFrom(SourceKind.Upstream).ShouldBe(4);
        again.BytesFrom(SourceKind.Swarm).ShouldBe(4);
        await using var reader = again.OpenReader(FetchPriority.Client);
        (await ReadAsync(reader, 0, 16)).ShouldBe(Content[..4]);
        ReadAsync(reader, 8, 1).IsCompleted.ShouldBeFalse();
        await WriteAsync(again, 0, 16);
        await again.SealAsync(Cancel);
    }

    [Fact]
    public async Task Readers_outlive_the_blobs_closing_once_it_is_sealed()
    {
        IContentReader reader;
        await using (var blob = await OpenAsync())
        {
            reader = blob.OpenReader(FetchPriority.Client);
            await WriteAsync(blob, 0, 16);
            await blob.SealAsync(Cancel);
        }

        (await ReadAsync(reader, 0, 16)).ShouldBe(Content);
        await reader.DisposeAsync();
    }

    [Fact]
    public async Task Closing_without_a_seal_ends_the_readers_that_wait()
    {
        var blob = await OpenAsync();
        await using var reader = blob.OpenReader(FetchPriority.Client);
        var wait = ReadAsync(reader, 0, 1);

        await blob.DisposeAsync();

        await Should.ThrowAsync<ContentUnavailableException>(() => wait);
        await Should.ThrowAsync<ObjectDisposedException>(() => WriteAsync(blob, 0, 1));
        Should.Throw<ObjectDisposedException>(() => blob.OpenReader(FetchPriority.Client));
    }

    [Fact]
    public async Task Discarding_leaves_nothing()
    {
        var blob = await OpenAsync();
        await WriteAsync(blob, 0, 8);
        Should.Throw<ContentInUseException>(() => _partials.Discard(Name));

        await blob.DiscardAsync();

        FilesLeft().ShouldBeEmpty();
        _partials.Stat(Name).ShouldBeNull();
    }

    [Fact]
    public async Task One_digest_is_open_once()
    {
        await using var blob = await OpenAsync();

        _partials.Find(Name).ShouldBe(blob);
        await Should.ThrowAsync<InvalidOperationException>(OpenAsync);
    }

    [Fact]
    public async Task Under_another_size_it_starts_over()
    {
        await using (var blob = await OpenAsync())
        {
            await WriteAsync(blob, 0, 8);
        }

        await using var again = await _partials.OpenAsync(Name, 17, Cancel);

        again.Present.ShouldBe(0);
    }

    [Fact]
    public async Task The_map_follows_the_data_within_the_interval()
    {
        await using var blob = await OpenAsync();
        await WriteAsync(blob, 0, 8);
        File.Exists(MapPath).ShouldBeFalse();

        _clock.Advance(TimeSpan.FromSeconds(2));

        await Eventually.TrueAsync(() => File.Exists(MapPath), "the map is written", Soon, Cancel);
        PartialMapCodec.Decode(await File.ReadAllBytesAsync(MapPath, Cancel), out _)!.Present.ShouldBe([new ByteRange(0, 8)]);
    }

    [Fact]
    public async Task The_map_follows_the_data_after_so_many_bytes()
    {
        await _partials.DisposeAsync();
        _partials = Reopen(new PartialBlobOptions { SaveBytes = 8 });
        await using var blob = await OpenAsync();

        await WriteAsync(blob, 0, 8);

        await Eventually.TrueAsync(() => File.Exists(MapPath), "the map is written", Soon, Cancel);
    }

    [Fact]
    public async Task Peers_may_read_what_is_present_up_to_the_gap()
    {
        await using var blob = await OpenAsync();
        await blob.WriteAsync(4, Content.AsMemory(4, 4), SourceTrust.AfterSeal, SourceKind.Swarm, Cancel);
        var buffer = new byte[16];

        blob.ReadPresent(0, buffer).ShouldBe(0);
        blob.ReadPresent(5, buffer).ShouldBe(3);
        buffer[..3].ShouldBe("567"u8.ToArray());
    }

    [Fact]
    public async Task A_sha512_blob_is_sealed_under_both_names()
    {
        var sha512 = Digest.Compute(Content, DigestAlgorithm.Sha512);
        await using var blob = await _partials.OpenAsync(sha512, 16, Cancel);
        await WriteAsync(blob, 0, 16);

        (await blob.SealAsync(Cancel)).Sha256.ShouldBe(Name);

        (await _store.StatAsync(Name, Cancel)).ShouldNotBeNull();
    }

    private string MapPath => _folder.Below("partial", Name.Hex + ".map");

    private PartialBlobs Reopen(PartialBlobOptions? options = null) =>
        new(_folder.Below("partial"), _store, options ?? new PartialBlobOptions(), _clock, NullLogger<PartialBlobs>.Instance);

    private Task<PartialBlob> OpenAsync() => _partials.OpenAsync(Name, 16, Cancel).AsTask();

    private static Task WriteAsync(PartialBlob blob, int offset, int count) =>
        blob.WriteAsync(offset, Content.AsMemory(offset, count), SourceTrust.AtOnce, SourceKind.Upstream, Cancel).AsTask();

    private static async Task<byte[]> ReadAsync(IContentReader reader, long offset, int count)
    {
        var buffer = new byte[count];
        return buffer[..await reader.ReadAtAsync(offset, buffer, Cancel)];
    }

    private string[] FilesLeft() => Directory.GetFiles(_folder.Below("partial"));
}
