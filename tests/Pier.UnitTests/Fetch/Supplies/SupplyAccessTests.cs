using Pier.Content;
using Pier.Content.Contracts;
using Pier.Content.Manifests;
using Pier.Content.References;
using Pier.Content.Uris;
using Pier.Fetch;
using Pier.Fetch.Policy;
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

/// <summary>Builds that ask for what an earlier one had of a private image.</summary>
public sealed class SupplyAccessTests : IAsyncDisposable
{
    private static readonly RepositoryName Secret = new("registry.test", "secret/app");
    private static readonly Digest Image = Digest.Compute("its manifest"u8);

    private readonly TempFolder _folder = TempFolder.Create("supply-access");
    private readonly CollectedLogs _logs = new();
    private readonly ManualTimeProvider _clock = new();
    private readonly MemoryContentStore _store = new(new ManualTimeProvider());
    private readonly FakeUpstream _upstream = new();
    private readonly FetchOptions _options;
    private readonly SupplySetting _setting;
    private readonly WebClient _web;
    private readonly SupplyDesk _desk;
    private Action<AccessRecords>? _meanwhile;

    public SupplyAccessTests()
    {
        _options = new FetchOptions { AccessFolder = _folder.Below("access"), SupplyFolder = _folder.Below("supplies") };
        _setting = new SupplySetting(_folder, _logs, _store, _options, _clock, _upstream);
        _web = new WebClient(_options);
        _desk = _setting.Desk(_web, new OneFetcher(() => _meanwhile?.Invoke(_setting.Known), _store));
    }

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("@")]
    [InlineData(":")]
    public async Task A_file_of_it_is_given_while_the_registry_gives_the_image_to_this_node(string separator)
    {
        _upstream.Claim(Image, "its manifest"u8.ToArray());
        _setting.Tags.Put(Secret, "1", new TagRecord(Image, MediaTypes.OciManifest, DateTimeOffset.UnixEpoch));
        var (request, held) = Knows(source: 0, $"oci://registry.test/secret/app{separator}{(separator == ":" ? "1" : Image)}!/file");
        (await _desk.OpenAsync(held, request, Cancel)).Digest.ShouldBe(held);

        _upstream.Failure = () => new ContentDeniedException("401");
        (await _desk.OpenAsync(held, request, Cancel)).Digest.ShouldBe(held, "it was proved a moment ago");
        _clock.Advance(TimeSpan.FromMinutes(1));

        (await Should.ThrowAsync<ContentDeniedException>(() => _desk.OpenAsync(held, request, Cancel))).Message.ShouldContain("any more");
        if (separator == "@")
        {
            await Should.ThrowAsync<ContentDeniedException>(() => _desk.ResolveAsync(request, isFirst: true, TimeSpan.Zero, Cancel));
        }
    }

    [Theory]
    [InlineData(0, true)]
    [InlineData(1, false)]
    [InlineData(null, false)]
    public async Task What_another_of_its_sources_brought_needs_no_word_of_the_private_one(int? source, bool isGiven)
    {
        var (request, held) = Knows(source, "http://web.test/file", $"oci://registry.test/secret/app@{Image}!/file");
        _upstream.Failure = () => new ContentDeniedException("401");

        var opening = _desk.OpenAsync(held, request, Cancel);

        if (isGiven)
        {
            (await opening).Digest.ShouldBe(held);
        }
        else
        {
            await Should.ThrowAsync<ContentDeniedException>(opening);
        }
    }

    [Fact]
    public async Task A_tag_that_nobody_remembers_opens_nothing()
    {
        var (request, held) = Knows(source: 0, "oci://registry.test/secret/app:none!/file");

        await Should.ThrowAsync<ContentDeniedException>(() => _desk.OpenAsync(held, request, Cancel));
    }

    [Fact]
    public async Task A_public_image_needs_no_tag_that_somebody_remembers()
    {
        var (request, held) = Knows(source: 0, "oci://registry.test/secret/app:none!/file");
        _setting.Known.Put(Secret, new RepositoryAccess(IsPublic: true, DateTimeOffset.UnixEpoch, IsOurs: true), []);

        (await _desk.OpenAsync(held, request, Cancel)).Digest.ShouldBe(held);
    }

    [Fact]
    public async Task A_digest_that_turns_out_private_while_it_is_read_ends_the_reading()
    {
        var held = _store.Add("arriving"u8.ToArray());
        await using var reader = await _desk.OpenAsync(held, new SupplyRequest(ContentUri.ParseAll([held.ToString()]), []), Cancel);
        (await reader.ReadAtAsync(0, new byte[3], Cancel)).ShouldBe(3);

        _setting.Known.Put(Secret, new RepositoryAccess(IsPublic: false, DateTimeOffset.UnixEpoch, IsOurs: true), [held]);

        await Should.ThrowAsync<ContentDeniedException>(async () => await reader.ReadAtAsync(3, new byte[3], Cancel));
    }

    [Fact]
    public async Task A_digest_that_turns_out_private_while_it_arrives_for_others_is_not_given_by_itself()
    {
        var held = _store.Add("arriving"u8.ToArray());
        var request = new SupplyRequest(ContentUri.ParseAll([held.ToString()]), []);
        (await _desk.OpenAsync(held, request, Cancel)).Digest.ShouldBe(held);

        _meanwhile = records => records.Put(Secret, new RepositoryAccess(IsPublic: false, DateTimeOffset.UnixEpoch, IsOurs: true), [held]);

        await Should.ThrowAsync<ContentDeniedException>(() => _desk.OpenAsync(held, request, Cancel));
    }

    public async ValueTask DisposeAsync()
    {
        await _desk.StopAsync(Cancel);
        _desk.Dispose();
        _web.Dispose();
        await _folder.DisposeAsync();
        _logs.Dispose();
    }

    private SupplyRecords Records() => new(_options.SupplyFolder, _logs.CreateLogger<SupplyRecords>());

    /// <summary>A request that one of its sources answered in an earlier run; of which one earlier versions of the program did not say.</summary>
    private (SupplyRequest Request, Digest Held) Knows(int? source, params string[] uris)
    {
        var request = new SupplyRequest(ContentUri.ParseAll(uris), []);
        var held = _store.Add("a file"u8.ToArray());
        var blob = new SuppliedBlob(held, 6, IsTree: false, IsExecutable: false, "file");
        Records().Put(SupplyRecords.KeyOf(request), SupplyRecord.Of(request, blob, validator: null, source is { } index ? uris[index] : null));
        return (request, held);
    }

    /// <summary>Gives what the store has, after something else happened.</summary>
    private sealed class OneFetcher(Action meanwhile, MemoryContentStore store) : IContentFetcher
    {
        public async ValueTask<IContentReader> OpenAsync(BlobRequest request, CancellationToken cancellationToken)
        {
            meanwhile();
            return await store.OpenAsync(request.Digest, cancellationToken) ?? throw new ContentNotFoundException("nobody has it");
        }

        public ValueTask<long?> StatAsync(BlobRequest request, CancellationToken cancellationToken) => ValueTask.FromResult<long?>(null);
    }
}
