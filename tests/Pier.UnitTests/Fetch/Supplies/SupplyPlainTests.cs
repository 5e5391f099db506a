using Pier.Content;
using Pier.Content.Contracts;
using Pier.Content.Uris;
using Pier.Fetch;
using Pier.Fetch.Policy;
using Pier.Fetch.Status;
using Pier.Fetch.Supplies;
using Pier.Fetch.Uris;
using Pier.Store.Tags;
using Pier.TestKit.Files;
using Pier.TestKit.Logging;
using Pier.TestKit.Stores;
using Pier.TestKit.Time;
using Pier.UnitTests.Fetch.Upstreams;
using WebClient = Pier.Fetch.Uris.WebClient;

namespace Pier.UnitTests.Fetch.Supplies;

/// <summary>The tar in an archive that not every engine unpacks: made by the node where a build wants that, and bounded.</summary>
public sealed class SupplyPlainTests : IAsyncDisposable
{
    private const int Length = 100_000;

    /// <summary>As many times the letter a, by zstd 1.5.</summary>
    private static readonly byte[] Archive = Convert.FromBase64String("KLUv/QRYVQAAEGFhAQCbhjnAAi9O/v0=");

    private readonly TempFolder _folder = TempFolder.Create("plain");
    private readonly CollectedLogs _logs = new();
    private readonly MemoryContentStore _store = new(new ManualTimeProvider());

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    private static SupplyRequest Request => new(ContentUri.ParseAll(["given:x"]), []) { Plain = true };

    public async ValueTask DisposeAsync()
    {
        _logs.Dispose();
        await _folder.DisposeAsync();
    }

    [Fact]
    public async Task An_archive_becomes_its_tar_and_says_what_it_was()
    {
        var blob = (await Maker(Archive).MakeAsync(Request, _folder.Below("arriving"), new Progress<PartProgress>(), Cancel)).Blob;

        (blob.Size, blob.Name, blob.Archive).ShouldBe((Length, "x.tar", Digest.Compute(Archive)));
        blob.Digest.ShouldBe(Digest.Compute([.. Enumerable.Repeat((byte)'a', Length)]));
        SupplyRecord.Of(Request, blob, validator: null).ToBlob().ShouldBe(blob);
    }

    [Fact]
    public async Task What_nobody_wants_plain_and_what_is_no_archive_come_as_they_are()
    {
        (await Maker(Archive).MakeAsync(Request with { Plain = false }, _folder.Below("one"), new Progress<PartProgress>(), Cancel)).Blob.Digest.ShouldBe(Digest.Compute(Archive));
        var blob = (await Maker([1, 2]).MakeAsync(Request, _folder.Below("two"), new Progress<PartProgress>(), Cancel)).Blob;

        (blob.Size, blob.Name, blob.Archive).ShouldBe((2, "x.tar.zst", null));
    }

    [Fact]
    public async Task A_tar_beyond_the_nodes_limit_is_refused() => (await Should.ThrowAsync<ContentDeniedException>(() =>
        Maker(Archive, most: Length - 1).MakeAsync(Request, _folder.Below("arriving"), new Progress<PartProgress>(), Cancel))).Message.ShouldContain("larger than 99999 bytes");

    [Fact]
    public async Task A_damaged_archive_is_refused() => (await Should.ThrowAsync<ContentFormatException>(() =>
        Maker(Archive[..^5]).MakeAsync(Request, _folder.Below("arriving"), new Progress<PartProgress>(), Cancel))).Message.ShouldContain("cut off");

    [Theory]
    [InlineData("a.tar.zst", "a.tar")]
    [InlineData("a.tzst", "a.tar")]
    [InlineData("a", "a")]
    [InlineData(".zst", ".zst")]
    public void The_tar_is_called_as_the_archive_was(string archive, string tar) => PlainArchive.NameOf(archive).ShouldBe(tar);

    [Fact]
    public void The_tar_is_remembered_apart_from_the_archive() => SupplyRecords.KeyOf(Request).ShouldNotBe(SupplyRecords.KeyOf(Request with { Plain = false }));

    [Fact]
    public async Task What_an_earlier_build_had_as_it_is_is_unpacked_and_not_fetched_again()
    {
        var given = new GivenHandler(Archive);
        var options = new FetchOptions { AccessFolder = _folder.Below("access"), SupplyFolder = _folder.Below("supplies") };
        using var web = new WebClient(options);
        using var desk = Setting(options).Desk(web, contents: null, given);
        var request = Request with { Uris = ContentUri.ParseAll([$"magnet:?xt=urn:btih:{new string('a', 40)}"]) };
        (await desk.ResolveAsync(request with { Plain = false }, isFirst: true, Timeout.InfiniteTimeSpan, Cancel)).Blob.ShouldNotBeNull().Digest.ShouldBe(Digest.Compute(Archive));

        var blob = (await desk.ResolveAsync(request, isFirst: true, Timeout.InfiniteTimeSpan, Cancel)).Blob.ShouldNotBeNull();

        (blob.Size, blob.Name, blob.Archive).ShouldBe((Length, "x.tar", Digest.Compute(Archive)));
        given.Times.ShouldBe(1);
    }

    private SupplyMaker Maker(byte[] content, long most = 0) =>
        Setting(new FetchOptions { AccessFolder = _folder.Below("access"), SupplyMaxBytes = most }).Maker(new GivenHandler(content));

    private SupplySetting Setting(FetchOptions options) => new(_folder, _logs, _store, options, TimeProvider.System);

    private sealed class GivenHandler(byte[] content) : IUriHandler
    {
        public int Times { get; private set; }

        public bool Handles(ContentUri uri) => true;

        public async Task<Download> GetAsync(ContentUri uri, DownloadPlan plan, IProgress<PartProgress> progress, CancellationToken cancellationToken)
        {
            Times++;
            await File.WriteAllBytesAsync(Path.Combine(plan.Folder, "x.tar.zst"), content, cancellationToken);
            return new Download("x.tar.zst", IsSingleFile: true, [new DownloadedFile("x.tar.zst", content.Length, IsExecutable: false)], SourceBytes.None);
        }
    }
}
