using Microsoft.Extensions.Logging.Abstractions;
using Pier.Content;
using Pier.Content.Contracts;
using Pier.Store.Blobs;
using Pier.Store.Partial;
using Pier.TestKit;
using Pier.TestKit.Files;
using Pier.TestKit.Time;

namespace Pier.UnitTests.Store;

public sealed class PartialBlobTests : PartialBlobSetting
{
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
    public async Task A_writer_that_is_late_never_changes_what_is_sealed()
    {
        for (var round = 0; round < 200; round++)
        {
            var content = Guid.NewGuid().ToByteArray();
            var name = Digest.Compute(content);
            await using var blob = await _partials.OpenAsync(name, 16, Cancel);
            await blob.WriteAsync(0, content, SourceTrust.AfterSeal, SourceKind.Swarm, Cancel);

            // A source that is believed at once replaces what is not shown yet; its bytes are false.
            var late = Task.Run(() => blob.WriteAsync(8, Lies.AsMemory(8), SourceTrust.AtOnce, SourceKind.Upstream, Cancel).AsTask());
            try
            {
                await blob.SealAsync(Cancel);
            }
            catch (ContentMismatchException)
            {
                // The late writer was in time: what it wrote was found out.
            }

            await late.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing | ConfigureAwaitOptions.ContinueOnCapturedContext);
            if (await _store.OpenAsync(name, Cancel) is { } reader)
            {
                await using (reader)
                {
                    (await ReadAsync(reader, 0, 16)).ShouldBe(content);
                }
            }
        }
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
        (await ReadAsync(reader, 0, 15)).ShouldBe(Content[..15]);
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
        (await ReadAsync(reader, 4, 11)).ShouldBe(Content[4..15]);

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
        var read = ReadAsync(reader, 0, 15);
        await blob.WriteAsync(0, Lies, SourceTrust.AfterSeal, SourceKind.Swarm, Cancel);

        await Should.ThrowAsync<ContentMismatchException>(() => blob.SealAsync(Cancel).AsTask());
        blob.Present.ShouldBe(0);
        (await _store.StatAsync(Name, Cancel)).ShouldBeNull();

        await WriteAsync(blob, 0, 16);
        (await read).ShouldBe(Content[..15]);
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
        (await ReadAsync(later, 0, 15)).ShouldBe(Content[..15]);
        await blob.SealAsync(Cancel);
        await Should.ThrowAsync<ContentMismatchException>(() => ReadAsync(shown, 8, 1));
    }
    [Fact]
    public async Task The_last_byte_is_shown_only_when_the_whole_is_proved()
    {
        await using var blob = await OpenAsync();
        await using var reader = blob.OpenReader(FetchPriority.Client);
        await WriteAsync(blob, 0, 16);
        (await ReadAsync(reader, 0, 16)).ShouldBe(Content[..15]);
        var last = ReadAsync(reader, 15, 1);
        last.IsCompleted.ShouldBeFalse();

        await blob.SealAsync(Cancel);

        (await last).ShouldBe(Content[15..]);
    }

    [Fact]
    public async Task Who_waits_for_the_last_byte_of_false_ones_hears_the_cause()
    {
        await using var blob = await OpenAsync();
        await using var reader = blob.OpenReader(FetchPriority.Client);
        await blob.WriteAsync(0, Lies, SourceTrust.AtOnce, SourceKind.Upstream, Cancel);
        await ReadAsync(reader, 0, 15);
        var last = ReadAsync(reader, 15, 1);

        await Should.ThrowAsync<ContentMismatchException>(() => blob.SealAsync(Cancel).AsTask());

        await Should.ThrowAsync<ContentMismatchException>(() => last);
    }
}
