using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using Pier.BitTorrent.Torrents;
using Pier.Content;
using Pier.Content.Contracts;
using Pier.Content.References;
using Pier.Content.Uris;
using Pier.Fetch;
using Pier.Fetch.Policy;
using Pier.Fetch.Status;
using Pier.Fetch.Supplies;
using Pier.UnitTests.Fetch.Upstreams;
using Pier.Fetch.Uris;
using Pier.Store.Tags;
using Pier.TestKit.Files;
using Pier.TestKit.Logging;
using Pier.TestKit.Stores;
using Pier.TestKit.Time;
using WebClient = Pier.Fetch.Uris.WebClient;

namespace Pier.UnitTests.Fetch.Supplies;

/// <summary>What names stand for in builds: asked once, remembered for ever, looked at again where it may change.</summary>
public sealed class SupplyDeskTests : IAsyncLifetime
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(1);

    private readonly TempFolder _folder = TempFolder.Create("supplies");
    private readonly CollectedLogs _logs = new();
    private readonly MemoryContentStore _store = new(new ManualTimeProvider());
    private FetchOptions _options = null!;
    private WebApplication _server = null!;
    private WebClient _web = null!;
    private SupplyDesk _desk = null!;
    private byte[] _content = "one"u8.ToArray();
    private int _bodies;
    private bool _isDown;
    private IReadOnlyList<IUriHandler> _handlers = [];

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    private SupplyRequest Request => Ask($"{_server.Urls.First()}/file.bin");

    public async ValueTask InitializeAsync()
    {
        _options = new FetchOptions { AccessFolder = _folder.Below("access"), SupplyFolder = _folder.Below("supplies"), FirstPause = TimeSpan.FromMilliseconds(1) };
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, 0));
        _server = builder.Build();
        _server.MapGet("/file.bin", context =>
        {
            context.Response.StatusCode = _isDown ? 503 : 200;
            context.Response.Headers.ETag = $"\"{Digest.Compute(_content).Short}\"";
            Interlocked.Increment(ref _bodies);
            return context.Response.Body.WriteAsync(_content, Cancel).AsTask();
        });
        await _server.StartAsync(Cancel);
        _web = new WebClient(_options);
        _desk = NewDesk();
        await _desk.StartAsync(Cancel);
    }

    public async ValueTask DisposeAsync()
    {
        await _desk.StopAsync(Cancel);
        _desk.Dispose();
        _web.Dispose();
        await _server.DisposeAsync();
        await _folder.DisposeAsync();
        _logs.Dispose();
    }

    [Fact]
    public async Task A_file_becomes_a_blob_of_the_store()
    {
        var status = await _desk.ResolveAsync(Request, isFirst: true, Patience, Cancel);

        var blob = status.Blob.ShouldNotBeNull(status.Problem);
        (blob.Digest, blob.Size, blob.IsTree, blob.Name, status.IsMutable).ShouldBe((Digest.Compute(_content), 3L, false, "file.bin", true));
        await using var reader = await _desk.OpenAsync(blob.Digest, Request, Cancel);
        reader.Length.ShouldBe(3);
        Directory.Exists(_folder.Below("supplies", "arriving", SupplyRecords.KeyOf(Request))).ShouldBeFalse("nothing lies about");
    }

    [Fact]
    public async Task Content_that_may_change_is_looked_at_by_each_build_and_fetched_only_when_it_did()
    {
        var first = (await _desk.ResolveAsync(Request, isFirst: true, Patience, Cancel)).Blob.ShouldNotBeNull().Digest;
        _isDown = true;
        (await _desk.ResolveAsync(Request, isFirst: false, Patience, Cancel)).Blob.ShouldNotBeNull("a later question of the same build asks nobody").Digest.ShouldBe(first);
        (await _desk.ResolveAsync(Request, isFirst: true, Patience, Cancel)).Blob.ShouldNotBeNull("the last known answer stands").Digest.ShouldBe(first);
        _isDown = false;
        (await _desk.ResolveAsync(Request, isFirst: true, Patience, Cancel)).Blob.ShouldNotBeNull().Digest.ShouldBe(first);
        var asked = _bodies;
        _content = "two"u8.ToArray();

        var second = (await _desk.ResolveAsync(Request, isFirst: true, Patience, Cancel)).Blob.ShouldNotBeNull().Digest;

        second.ShouldBe(Digest.Compute(_content));
        (_bodies - asked).ShouldBe(2, "one look and one fetch");
    }

    [Fact]
    public async Task What_a_name_that_proves_itself_stood_for_is_known_after_a_restart_with_nobody_to_ask()
    {
        var digest = _store.Add(_content);
        var request = Ask($"http://127.0.0.1:1/x", digest.ToString());
        new SupplyRecords(_options.SupplyFolder, _logs.CreateLogger<SupplyRecords>()).Put(
            SupplyRecords.KeyOf(request), SupplyRecord.Of(request, new SuppliedBlob(digest, 3, IsTree: true, IsExecutable: true, "name"), validator: null));
        using var desk = NewDesk();

        var status = await desk.ResolveAsync(request, isFirst: true, Patience, Cancel);

        status.Blob.ShouldBe(new SuppliedBlob(digest, 3, true, true, "name"));
        status.IsMutable.ShouldBeFalse();
    }

    [Fact]
    public async Task Bytes_that_left_the_store_are_fetched_again_and_held_against_the_digest()
    {
        var digest = Digest.Compute(_content);
        await using (var reader = await _desk.OpenAsync(digest, Request, Cancel))
        {
            reader.Digest.ShouldBe(digest);
        }

        await Should.ThrowAsync<ContentMismatchException>(() => _desk.OpenAsync(Digest.Compute("other"u8.ToArray()), Request, Cancel));
    }

    [Fact]
    public async Task A_digest_that_nobody_has_comes_from_the_next_source()
    {
        var digest = Digest.Compute(_content);
        await using var reader = await _desk.OpenAsync(digest, Ask(digest.ToString(), $"{_server.Urls.First()}/file.bin"), Cancel);
        reader.Digest.ShouldBe(digest);
    }

    [Fact]
    public async Task What_the_rules_of_this_node_close_is_closed_to_builds_too()
    {
        var hidden = _store.Add("pushed"u8.ToArray());
        var request = Ask($"oci://docker.io/local/secret@{hidden}!/file");
        new AccessRecords(_options.AccessFolder, _logs.CreateLogger<AccessRecords>()).Put(
            new RepositoryName("docker.io", "local/secret"), new RepositoryAccess(IsPublic: false, DateTimeOffset.UnixEpoch, IsOurs: true), [hidden]);
        new SupplyRecords(_options.SupplyFolder, _logs.CreateLogger<SupplyRecords>()).Put(
            SupplyRecords.KeyOf(request), SupplyRecord.Of(request, new SuppliedBlob(hidden, 6, IsTree: false, IsExecutable: false, "file"), validator: null));
        using var desk = NewDesk();

        await Should.ThrowAsync<ContentDeniedException>(() => desk.OpenAsync(hidden, request, Cancel));
        await Should.ThrowAsync<ContentDeniedException>(() => desk.ResolveAsync(request, isFirst: true, Patience, Cancel));
    }

    [Fact]
    public async Task What_a_uri_brought_is_private_to_all_but_its_digest_opens_it_to_builds()
    {
        var blob = (await _desk.ResolveAsync(Request, isFirst: true, Patience, Cancel)).Blob.ShouldNotBeNull().Digest;
        var records = new AccessRecords(_options.AccessFolder, _logs.CreateLogger<AccessRecords>());

        records.Put(new RepositoryName("registry.test", "open/app"), new RepositoryAccess(IsPublic: true, DateTimeOffset.UnixEpoch, IsOurs: true), [blob]);

        records.IsPublic(blob).ShouldBeFalse("a public manifest that names it proves nothing");
        using var desk = NewDesk();
        (await Should.ThrowAsync<ContentNotFoundException>(() => desk.OpenAsync(blob, Ask(blob.ToString()), Cancel))).Message.ShouldBe("nobody has it");
    }

    [Fact]
    public async Task A_digest_alone_opens_nothing_that_is_not_public()
    {
        var hidden = _store.Add("hidden"u8.ToArray());
        new AccessRecords(_options.AccessFolder, _logs.CreateLogger<AccessRecords>()).Put(
            new RepositoryName("registry.test", "secret/app"), new RepositoryAccess(IsPublic: false, DateTimeOffset.UnixEpoch, IsOurs: true), [hidden], BlobClaim.Proved);
        using var desk = NewDesk();

        await Should.ThrowAsync<ContentMismatchException>(() => desk.OpenAsync(hidden, Request, Cancel));
        await Should.ThrowAsync<ContentDeniedException>(() => desk.OpenAsync(hidden, Ask(hidden.ToString()), Cancel));
        var status = await desk.ResolveAsync(Ask(hidden.ToString()), isFirst: true, Patience, Cancel);
        status.Problem.ShouldNotBeNull().ShouldContain("not public");
    }

    [Fact]
    public async Task Whether_an_image_may_be_had_is_judged_once_its_repository_was_asked()
    {
        _options = _options with { PrivateLoopback = PrivateLoopback.Deny };
        using var desk = NewDesk();
        var image = "oci://registry.test/open/app:1!/file";

        // The web gives the bytes; with them comes the judgement, and before them none.
        var refused = await Should.ThrowAsync<ContentDeniedException>(() => desk.OpenAsync(Digest.Compute(_content), Ask($"{_server.Urls.First()}/file.bin", image), Cancel));
        refused.Message.ShouldContain("private.loopback");
        _bodies.ShouldBePositive("nobody was refused before anybody was asked");
    }

    [Fact]
    public async Task A_failure_names_every_source()
    {
        var status = await _desk.ResolveAsync(Ask($"{_server.Urls.First()}/none", "ipfs://bafybeigdyrzt5sfp7udm7hu76uh7y26nf3efuylqabf3oclgtqy55fbzdi"), isFirst: true, Patience, Cancel);

        status.Blob.ShouldBeNull();
        status.Problem.ShouldNotBeNull().ShouldContain("404");
        status.Problem.ShouldContain("no IPFS source is configured");
    }

    [Fact]
    public async Task A_damaged_record_costs_a_fetch_and_no_more()
    {
        await _desk.ResolveAsync(Request, isFirst: true, Patience, Cancel);
        await File.WriteAllTextAsync(_folder.Below("supplies", SupplyRecords.KeyOf(Request) + ".json"), "{", Cancel);

        (await _desk.ResolveAsync(Request, isFirst: true, Patience, Cancel)).Blob.ShouldNotBeNull();
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_source_that_may_change_is_looked_at_also_beside_one_that_may_not(bool webFirst)
    {
        const string magnet = "magnet:?xt=urn:btih:0123456789abcdef0123456789abcdef01234567";
        var file = $"{_server.Urls.First()}/file.bin";
        var request = webFirst ? Ask(file, magnet) : Ask(magnet, file);
        var first = await _desk.ResolveAsync(request, isFirst: true, Patience, Cancel);
        first.IsMutable.ShouldBeTrue();
        _content = "two"u8.ToArray();

        (await _desk.ResolveAsync(request, isFirst: true, Patience, Cancel)).Blob.ShouldNotBeNull().Digest.ShouldBe(Digest.Compute(_content));
    }

    [Fact]
    public async Task A_failed_attempts_files_are_not_the_next_ones()
    {
        _handlers = [new TreeHandler("good:", "a", fails: false), new TreeHandler("bad:", "x", fails: true)];
        using var desk = NewDesk();
        var alone = (await desk.ResolveAsync(Ask("good:x"), isFirst: true, Patience, Cancel)).Blob.ShouldNotBeNull().Digest;

        var status = await desk.ResolveAsync(Ask("bad:x", "good:x"), isFirst: true, Patience, Cancel);

        status.Blob.ShouldNotBeNull(status.Problem).Digest.ShouldBe(alone);
    }

    [Fact]
    public async Task Content_that_is_to_be_served_comes_with_its_torrent_also_when_it_was_known_before()
    {
        var plain = await _desk.ResolveAsync(Request, isFirst: true, Patience, Cancel);
        plain.Blob.ShouldNotBeNull().Torrent.ShouldBeNull();
        var request = Request with { WithTorrent = true };

        var status = await _desk.ResolveAsync(request, isFirst: false, Patience, Cancel);

        var torrent = status.Blob.ShouldNotBeNull(status.Problem).Torrent.ShouldNotBeNull();
        await using var reader = await _desk.OpenAsync(torrent, request, Cancel);
        var document = new byte[reader.Length];
        (await reader.ReadAtAsync(0, document, Cancel)).ShouldBe(document.Length);
        var metainfo = Metainfo.Parse(document);
        (metainfo.Name, metainfo.TotalLength, metainfo.HasV1, metainfo.HasV2).ShouldBe(("file.bin", 3L, true, true));
        (await _desk.ResolveAsync(request, isFirst: true, Patience, Cancel)).Blob.ShouldNotBeNull().Torrent.ShouldBe(torrent);
        (await _desk.OpenAsync(status.Blob.Digest, request, Cancel)).Length.ShouldBe(3);
    }

    [Fact]
    public void Other_patterns_or_another_order_are_another_request()
    {
        var request = Ask("http://a/", "http://b/");
        SupplyRequest[] all = [request, request with { Includes = ["x"] }, Ask("http://b/", "http://a/")];
        all.Select(SupplyRecords.KeyOf).Distinct().Count().ShouldBe(3);
    }

    private static SupplyRequest Ask(params string[] uris) => new(ContentUri.ParseAll(uris), []);

    private SupplyDesk NewDesk() => new SupplySetting(_folder, _logs, _store, _options, TimeProvider.System)
        .Desk(_web, contents: null, [.. _handlers, new WebDownload(_web, _options, TimeProvider.System)]);

    /// <summary>Brings a folder with one file, or leaves it behind and fails.</summary>
    private sealed class TreeHandler(string prefix, string file, bool fails) : IUriHandler
    {
        public bool Handles(ContentUri uri) => uri.Text.StartsWith(prefix, StringComparison.Ordinal);

        public bool CanSelect => false;

        public async Task<Download> GetAsync(ContentUri uri, DownloadPlan plan, IProgress<PartProgress> progress, CancellationToken cancellationToken)
        {
            Directory.CreateDirectory(Path.Combine(plan.Folder, "name"));
            await File.WriteAllTextAsync(Path.Combine(plan.Folder, "name", file), file, cancellationToken);
            return fails
                ? throw new ContentUnavailableException("it broke off")
                : new Download("name", IsSingleFile: false, [new DownloadedFile($"name/{file}", 1, IsExecutable: false)], SourceBytes.None);
        }
    }
}
