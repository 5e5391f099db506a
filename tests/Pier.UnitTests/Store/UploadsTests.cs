using System.Buffers;
using System.Security.Cryptography;
using Microsoft.Extensions.Logging.Abstractions;
using Pier.Content;
using Pier.Content.Contracts;
using Pier.Content.References;
using Pier.Store.Blobs;
using Pier.Store.Uploads;
using Pier.TestKit;
using Pier.TestKit.Files;
using Pier.TestKit.Time;

namespace Pier.UnitTests.Store;

public sealed class UploadsTests : IAsyncDisposable
{
    private static readonly RepositoryName App = new("docker.io", "local/app");
    private static readonly RepositoryName Other = new("docker.io", "local/other");

    private readonly TempFolder _folder = TempFolder.Create("uploads");
    private readonly ManualTimeProvider _clock = new();
    private readonly byte[] _content = RandomNumberGenerator.GetBytes(300_000);
    private readonly FileContentStore _store;

    public UploadsTests() => _store = new FileContentStore(_folder.Below("blobs"), _clock, NullLogger<FileContentStore>.Instance);

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public ValueTask DisposeAsync() => _folder.DisposeAsync();

    [Theory]
    [InlineData(DigestAlgorithm.Sha256, DigestAlgorithm.Sha256)]
    [InlineData(DigestAlgorithm.Sha512, DigestAlgorithm.Sha512)]
    [InlineData(DigestAlgorithm.Sha256, DigestAlgorithm.Sha512)]
    [InlineData(DigestAlgorithm.Sha512, DigestAlgorithm.Sha256)]
    public async Task What_arrives_becomes_a_blob_whatever_algorithm_was_announced(DigestAlgorithm announced, DigestAlgorithm named)
    {
        var uploads = Open();
        var upload = uploads.Create(App, announced);
        var digest = Digest.Compute(_content, named);
        using var turn = await uploads.TakeTurnAsync(upload, Cancel);
        turn.Append(Split(_content));

        turn.Prove(digest).ShouldBe(Digest.Compute(_content));
        turn.Seal().Digest.ShouldBe(digest);

        (await _store.StatAsync(digest, Cancel)).ShouldNotBeNull().Size.ShouldBe(_content.Length);
        uploads.Find(App, upload.Id).ShouldBeNull();
        Directory.EnumerateFiles(_folder.Below("uploads")).ShouldBeEmpty();
    }

    [Fact]
    public async Task What_arrived_before_a_crash_is_there_after_it()
    {
        var before = Open();
        var upload = before.Create(App, DigestAlgorithm.Sha256);
        using (var turn = await before.TakeTurnAsync(upload, Cancel))
        {
            turn.Append(Split(_content[..100_000]));
        }

        var after = Open();
        var resumed = after.Find(App, upload.Id).ShouldNotBeNull();
        resumed.Offset.ShouldBe(100_000);
        using var rest = await after.TakeTurnAsync(resumed, Cancel);
        rest.Append(Split(_content[100_000..]));
        rest.Prove(Digest.Compute(_content));
        rest.Seal().Size.ShouldBe(_content.Length);
    }

    [Fact]
    public async Task What_is_taken_back_was_never_there()
    {
        var uploads = Open();
        using var turn = await uploads.TakeTurnAsync(uploads.Create(App, DigestAlgorithm.Sha256), Cancel);
        turn.Append(Split(_content[..1000]));
        turn.Append(Split(new byte[5000]));

        turn.ReturnTo(1000);
        turn.Offset.ShouldBe(1000);
        turn.Append(Split(_content[1000..]));

        turn.Prove(Digest.Compute(_content)).ShouldBe(Digest.Compute(_content));
    }

    [Fact]
    public async Task Wrong_bytes_are_never_sealed()
    {
        var uploads = Open();
        using var turn = await uploads.TakeTurnAsync(uploads.Create(App, DigestAlgorithm.Sha256), Cancel);
        turn.Append(Split(_content));

        Should.Throw<ContentMismatchException>(() => turn.Prove(Digest.Compute("other"u8))).Message.ShouldContain(Digest.Compute(_content).ToString());
        Should.Throw<InvalidOperationException>(() => turn.Seal());
    }

    [Fact]
    public async Task Who_comes_later_turns_the_former_writer_out()
    {
        var uploads = Open();
        var upload = uploads.Create(App, DigestAlgorithm.Sha256);
        var first = await uploads.TakeTurnAsync(upload, Cancel);
        first.Append(Split(_content[..10]));

        var waiting = uploads.TakeTurnAsync(upload, Cancel).AsTask();
        first.Lost.WaitHandle.WaitOne(Eventually.Patience).ShouldBeTrue();
        waiting.IsCompleted.ShouldBeFalse();
        first.Dispose();

        using var second = await waiting;
        second.Offset.ShouldBe(10);
        second.Lost.IsCancellationRequested.ShouldBeFalse();
    }

    [Fact]
    public async Task An_upload_that_has_ended_takes_nothing_more()
    {
        var uploads = Open();
        var upload = uploads.Create(App, DigestAlgorithm.Sha256);
        using (var turn = await uploads.TakeTurnAsync(upload, Cancel))
        {
            turn.End();
        }

        await Should.ThrowAsync<ContentNotFoundException>(async () => await uploads.TakeTurnAsync(upload, Cancel));
    }

    [Fact]
    public async Task Nobody_goes_on_with_it_and_it_is_dropped()
    {
        var uploads = Open();
        var idle = uploads.Create(App, DigestAlgorithm.Sha256);
        var busy = uploads.Create(App, DigestAlgorithm.Sha256);
        _clock.Advance(TimeSpan.FromHours(23));
        using var turn = await uploads.TakeTurnAsync(busy, Cancel);
        uploads.Expire().ShouldBe(0);

        _clock.Advance(TimeSpan.FromHours(2));

        uploads.Expire().ShouldBe(1);
        uploads.Find(App, idle.Id).ShouldBeNull();
        uploads.Find(App, busy.Id).ShouldBe(busy);
        Directory.EnumerateFiles(_folder.Below("uploads")).Count().ShouldBe(2);
    }

    [Fact]
    public void There_are_only_so_many()
    {
        var uploads = Open(new UploadOptions { MostSessions = 2 });
        uploads.Create(App, DigestAlgorithm.Sha256);
        uploads.Create(App, DigestAlgorithm.Sha256);

        Should.Throw<ContentUnavailableException>(() => uploads.Create(App, DigestAlgorithm.Sha256)).Message.ShouldContain("2 uploads");
    }

    [Fact]
    public void Only_its_own_repository_sees_it()
    {
        var uploads = Open();
        var upload = uploads.Create(App, DigestAlgorithm.Sha256);

        uploads.Find(App, upload.Id).ShouldBe(upload);
        uploads.Find(Other, upload.Id).ShouldBeNull();
        uploads.Find(App, "../" + upload.Id).ShouldBeNull();
    }

    [Fact]
    public void Damaged_leftovers_are_dropped()
    {
        var kept = Open().Create(App, DigestAlgorithm.Sha256);
        var folder = _folder.Below("uploads");
        File.WriteAllText(Path.Combine(folder, "broken.json"), "{");
        File.WriteAllText(Path.Combine(folder, "broken.data"), "x");
        File.WriteAllText(Path.Combine(folder, "orphan.data"), "x");
        File.WriteAllText(Path.Combine(folder, "lonely.json"), """{"version":1,"repository":"local/x","algorithm":"Sha256"}""");

        Open().Count.ShouldBe(1);

        Directory.EnumerateFiles(folder).Select(Path.GetFileName).ShouldBe([$"{kept.Id}.data", $"{kept.Id}.json"], ignoreOrder: true);
    }

    private Uploads Open(UploadOptions? options = null) =>
        new(_folder.Below("uploads"), _store, options ?? new UploadOptions(), _clock, NullLogger<Uploads>.Instance);

    /// <summary>In pieces of a thousand bytes, as a server's buffers are.</summary>
    private static ReadOnlySequence<byte> Split(byte[] content)
    {
        var first = new Piece(content.AsMemory(0, Math.Min(1000, content.Length)), 0);
        var last = first;
        for (var at = 1000; at < content.Length; at += 1000)
        {
            last = last.Then(content.AsMemory(at, Math.Min(1000, content.Length - at)));
        }

        return new ReadOnlySequence<byte>(first, 0, last, last.Memory.Length);
    }

    private sealed class Piece : ReadOnlySequenceSegment<byte>
    {
        public Piece(ReadOnlyMemory<byte> memory, long index) => (Memory, RunningIndex) = (memory, index);

        public Piece Then(ReadOnlyMemory<byte> memory)
        {
            var next = new Piece(memory, RunningIndex + Memory.Length);
            Next = next;
            return next;
        }
    }
}
