using Microsoft.Extensions.Logging.Abstractions;
using Pier.Content;
using Pier.Content.Contracts;
using Pier.Store.Blobs;
using Pier.Store.Partial;
using Pier.TestKit;
using Pier.TestKit.Files;
using Pier.TestKit.Time;

namespace Pier.UnitTests.Store;

/// <summary>How an arriving blob ends, is kept, and comes back; who waits for it meanwhile.</summary>
public sealed class PartialBlobLifeTests : PartialBlobSetting
{
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
        await blob.DisposeAsync();
        blob.ReadPresent(5, buffer).ShouldBe(0);
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
}
