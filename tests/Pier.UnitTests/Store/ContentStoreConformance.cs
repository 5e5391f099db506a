using System.Security.Cryptography;
using Pier.Content;
using Pier.Content.Contracts;
using Pier.TestKit.Time;

namespace Pier.UnitTests.Store;

/// <summary>What every <see cref="IContentStore"/> promises; each implementation inherits it.</summary>
public abstract class ContentStoreConformance
{
    protected static readonly byte[] Hello = "hello"u8.ToArray();
    protected static readonly Digest HelloDigest = Digest.Compute(Hello);
    protected static readonly Digest Unknown = Digest.Compute("unknown"u8);

    protected ManualTimeProvider Clock { get; } = new();

    protected abstract IContentStore Store { get; }

    protected static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task What_is_sealed_can_be_read_back()
    {
        var info = await IngestAsync(Hello, HelloDigest, Hello.Length);

        info.ShouldBe(new BlobInfo(HelloDigest, 5, Clock.Start, Pinned: false));
        (await ReadAsync(HelloDigest)).ShouldBe(Hello);
        (await Store.StatAsync(HelloDigest, Cancel)).ShouldBe(info);
    }

    [Fact]
    public async Task Nothing_is_visible_before_the_seal()
    {
        await using var ingest = await Store.IngestAsync(HelloDigest, 5, Cancel);
        await ingest.WriteAsync(Hello, Cancel);

        ingest.Written.ShouldBe(5);
        (await Store.StatAsync(HelloDigest, Cancel)).ShouldBeNull();
        (await Store.OpenAsync(HelloDigest, Cancel)).ShouldBeNull();
        (await ListAsync()).ShouldBeEmpty();
    }

    [Fact]
    public async Task An_abandoned_ingest_leaves_nothing()
    {
        await using (var ingest = await Store.IngestAsync(HelloDigest, 5, Cancel))
        {
            await ingest.WriteAsync(Hello, Cancel);
        }

        (await ListAsync()).ShouldBeEmpty();
    }

    [Fact]
    public async Task Without_an_expected_digest_the_content_names_itself_by_sha256() =>
        (await IngestAsync(Hello, null, null)).Digest.ShouldBe(HelloDigest);

    [Fact]
    public async Task A_wrong_digest_is_refused()
    {
        await using var ingest = await Store.IngestAsync(Unknown, null, Cancel);
        await ingest.WriteAsync(Hello, Cancel);

        (await Should.ThrowAsync<ContentMismatchException>(() => ingest.SealAsync(Cancel).AsTask())).Message.ShouldContain(HelloDigest.ToString());
        (await ListAsync()).ShouldBeEmpty();
    }

    [Fact]
    public async Task More_than_announced_is_refused_at_once()
    {
        await using var ingest = await Store.IngestAsync(HelloDigest, 4, Cancel);

        await Should.ThrowAsync<ContentMismatchException>(() => ingest.WriteAsync(Hello, Cancel).AsTask());
        await Should.ThrowAsync<ObjectDisposedException>(() => ingest.SealAsync(Cancel).AsTask());
    }

    [Fact]
    public async Task Less_than_announced_is_refused()
    {
        await using var ingest = await Store.IngestAsync(HelloDigest, 6, Cancel);
        await ingest.WriteAsync(Hello, Cancel);

        await Should.ThrowAsync<ContentMismatchException>(() => ingest.SealAsync(Cancel).AsTask());
    }

    [Fact]
    public async Task The_empty_blob_is_a_blob()
    {
        var info = await IngestAsync([], Digest.Compute([]), 0);

        info.Size.ShouldBe(0);
        (await ReadAsync(info.Digest)).ShouldBeEmpty();
    }

    [Fact]
    public async Task Sealing_what_is_held_keeps_the_held_copy()
    {
        await IngestAsync(Hello, HelloDigest, 5);
        Clock.Advance(TimeSpan.FromHours(1));

        (await IngestAsync(Hello, HelloDigest, 5)).Digest.ShouldBe(HelloDigest);

        (await ListAsync()).Count.ShouldBe(1);
    }

    [Fact]
    public async Task Two_ingests_of_the_same_blob_at_once_both_succeed()
    {
        await using var one = await Store.IngestAsync(HelloDigest, 5, Cancel);
        await using var other = await Store.IngestAsync(HelloDigest, 5, Cancel);
        await one.WriteAsync(Hello, Cancel);
        await other.WriteAsync(Hello, Cancel);

        (await one.SealAsync(Cancel)).Digest.ShouldBe(HelloDigest);
        (await other.SealAsync(Cancel)).Digest.ShouldBe(HelloDigest);
    }

    [Fact]
    public async Task Reads_at_any_offset_and_stops_at_the_end()
    {
        await IngestAsync(Hello, HelloDigest, 5);
        await using var reader = (await Store.OpenAsync(HelloDigest, Cancel))!;
        var buffer = new byte[10];

        reader.IsSealed.ShouldBeTrue();
        reader.Length.ShouldBe(5);
        (await reader.ReadAtAsync(3, buffer, Cancel)).ShouldBe(2);
        buffer[..2].ShouldBe("lo"u8.ToArray());
        (await reader.ReadAtAsync(5, buffer, Cancel)).ShouldBe(0);
        (await reader.ReadAtAsync(99, buffer, Cancel)).ShouldBe(0);
    }

    [Fact]
    public async Task Opening_is_use_and_asking_is_not()
    {
        await IngestAsync(Hello, HelloDigest, 5);
        Clock.Advance(TimeSpan.FromHours(1));

        (await Store.StatAsync(HelloDigest, Cancel))!.LastUsed.ShouldBe(Clock.Start);
        await ReadAsync(HelloDigest);
        (await Store.StatAsync(HelloDigest, Cancel))!.LastUsed.ShouldBe(Clock.Start.AddHours(1));
    }

    [Fact]
    public async Task An_open_reader_outlives_removal()
    {
        await IngestAsync(Hello, HelloDigest, 5);
        await using var reader = (await Store.OpenAsync(HelloDigest, Cancel))!;

        (await Store.RemoveAsync(HelloDigest, Cancel)).ShouldBeTrue();

        var buffer = new byte[5];
        (await reader.ReadAtAsync(0, buffer, Cancel)).ShouldBe(5);
        buffer.ShouldBe(Hello);
        (await Store.OpenAsync(HelloDigest, Cancel)).ShouldBeNull();
        (await Store.RemoveAsync(HelloDigest, Cancel)).ShouldBeFalse();
    }

    [Fact]
    public async Task A_pinned_blob_stays_until_it_is_unpinned()
    {
        await IngestAsync(Hello, HelloDigest, 5);

        (await Store.PinAsync(Unknown, Cancel)).ShouldBeFalse();
        (await Store.PinAsync(HelloDigest, Cancel)).ShouldBeTrue();
        (await Store.PinAsync(HelloDigest, Cancel)).ShouldBeTrue();
        (await Store.StatAsync(HelloDigest, Cancel))!.Pinned.ShouldBeTrue();
        await Should.ThrowAsync<ContentInUseException>(() => Store.RemoveAsync(HelloDigest, Cancel).AsTask());

        (await Store.UnpinAsync(HelloDigest, Cancel)).ShouldBeTrue();
        (await Store.UnpinAsync(HelloDigest, Cancel)).ShouldBeFalse();
        (await Store.RemoveAsync(HelloDigest, Cancel)).ShouldBeTrue();
    }

    [Fact]
    public async Task A_leased_blob_stays_until_the_last_lease_ends_also_one_that_came_later()
    {
        var first = Store.Lease([HelloDigest, Unknown]);
        await IngestAsync(Hello, HelloDigest, 5);
        var second = Store.Lease([HelloDigest]);

        first.Dispose();
        first.Dispose();
        await Should.ThrowAsync<ContentInUseException>(() => Store.RemoveAsync(HelloDigest, Cancel).AsTask());

        second.Dispose();
        (await Store.RemoveAsync(HelloDigest, Cancel)).ShouldBeTrue();
    }

    [Fact]
    public async Task A_sha512_blob_answers_to_its_sha256_name_and_is_listed_once()
    {
        var sha512 = Digest.Compute(Hello, DigestAlgorithm.Sha512);
        var info = await IngestAsync(Hello, sha512, 5);

        info.Digest.ShouldBe(sha512);
        info.Sha256.ShouldBe(HelloDigest);
        (await ReadAsync(sha512)).ShouldBe(Hello);
        (await ReadAsync(HelloDigest)).ShouldBe(Hello);
        (await ListAsync()).Select(blob => blob.Digest).ShouldBe([HelloDigest]);
    }

    [Fact]
    public async Task What_holds_one_name_of_a_blob_holds_all()
    {
        var sha512 = Digest.Compute(Hello, DigestAlgorithm.Sha512);
        await IngestAsync(Hello, sha512, 5);

        using (Store.Lease([sha512]))
        {
            await Should.ThrowAsync<ContentInUseException>(() => Store.RemoveAsync(HelloDigest, Cancel).AsTask());
        }

        await Store.PinAsync(sha512, Cancel);
        await Should.ThrowAsync<ContentInUseException>(() => Store.RemoveAsync(HelloDigest, Cancel).AsTask());
        await Store.UnpinAsync(HelloDigest, Cancel);
        (await Store.RemoveAsync(HelloDigest, Cancel)).ShouldBeTrue();
        (await Store.StatAsync(sha512, Cancel)).ShouldBeNull();
    }

    [Fact]
    public async Task Lists_every_blob()
    {
        var digests = new List<Digest>();
        for (var i = 0; i < 20; i++)
        {
            digests.Add((await IngestAsync(RandomNumberGenerator.GetBytes(i), null, i)).Digest);
        }

        (await ListAsync()).Select(blob => blob.Digest).ShouldBe(digests, ignoreOrder: true);
    }

    protected async Task<BlobInfo> IngestAsync(byte[] content, Digest? expected, long? size)
    {
        await using var ingest = await Store.IngestAsync(expected, size, Cancel);
        foreach (var part in content.Chunk(3))
        {
            await ingest.WriteAsync(part, Cancel);
        }

        return await ingest.SealAsync(Cancel);
    }

    protected async Task<byte[]> ReadAsync(Digest digest)
    {
        await using var reader = await Store.OpenAsync(digest, Cancel);
        var content = new byte[reader.ShouldNotBeNull().Length];
        (await reader.ReadAtAsync(0, content, Cancel)).ShouldBe(content.Length);
        return content;
    }

    private async Task<List<BlobInfo>> ListAsync()
    {
        var all = new List<BlobInfo>();
        await foreach (var info in Store.ListAsync(Cancel))
        {
            all.Add(info);
        }

        return all;
    }
}
