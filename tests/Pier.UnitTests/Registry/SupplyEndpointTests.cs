using System.Net;
using System.Net.Http.Json;
using Pier.Api;
using Pier.Api.Supplies;
using Pier.Content;
using Pier.Content.Contracts;
using Pier.Registry;
using Pier.TestKit.Registry;
using Pier.TestKit.Stores;
using Pier.TestKit.Time;

namespace Pier.UnitTests.Registry;

/// <summary>The doors for builds.</summary>
public sealed class SupplyEndpointTests : IAsyncLifetime
{
    private readonly MemoryContentStore _store = new(new ManualTimeProvider());
    private FakeSupply _supply = null!;
    private RegistryServer _server = null!;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        _supply = new FakeSupply(_store);
        _server = await RegistryServer.StartAsync(_supply, new MirrorOptions { Pseudonym = "pier-abc" }, Cancel, _store);
    }

    public ValueTask DisposeAsync() => _server.DisposeAsync();

    [Fact]
    public async Task A_question_is_answered_with_what_is_known()
    {
        var digest = _store.Add("bytes"u8.ToArray());
        _supply.Status = new SupplyStatus(IsMutable: true) { Blob = new SuppliedBlob(digest, 5, IsTree: true, IsExecutable: false, "name") };

        var answer = await AskAsync(SupplyAddresses.ResolveAt("", ["http://a/b?c&d", "sha256:" + new string('0', 64)], ["*.x"], withTorrent: false, attempt: 0));

        answer.ShouldBe(new SupplyAnswer(SupplyStates.Ready) { Digest = digest.ToString(), Size = 5, IsTree = true, Name = "name", IsMutable = true });
        var (request, isFirst) = _supply.Asked.ShouldHaveSingleItem();
        request.Uris.Select(uri => uri.Text).ShouldBe(["http://a/b?c&d", "sha256:" + new string('0', 64)]);
        request.Includes.ShouldBe(["*.x"]);
        isFirst.ShouldBeTrue();
    }

    [Fact]
    public async Task A_later_question_says_so_and_hears_how_far_it_is()
    {
        _supply.Status = new SupplyStatus(IsMutable: false) { Done = 3, Total = 10, Rate = 1.5, Sources = "swarm, upstream" };

        var answer = await AskAsync(SupplyAddresses.ResolveAt("", ["http://a/"], [], withTorrent: false, attempt: 7));

        answer.ShouldBe(new SupplyAnswer(SupplyStates.Working) { Done = 3, Total = 10, Rate = 1.5, Sources = "swarm, upstream" });
        _supply.Asked.ShouldHaveSingleItem().IsFirst.ShouldBeFalse();
    }

    [Theory]
    [InlineData("/pier/resolve", "Expected 1 to")]
    [InlineData("/pier/resolve?uri=nonsense", "is not a content URI")]
    [InlineData("/pier/resolve?uri=http%3A%2F%2Fa%2F&include=", "At most")]
    public async Task Nonsense_is_a_failure_that_a_build_can_show(string path, string message)
    {
        var answer = await AskAsync(path);

        answer.State.ShouldBe(SupplyStates.Failed);
        answer.Error.ShouldNotBeNull().ShouldContain(message);
    }

    [Fact]
    public async Task Bytes_come_by_their_digest()
    {
        var digest = _store.Add("bytes"u8.ToArray());

        using var answer = await _server.Http.GetAsync(SupplyAddresses.DataAt("", digest.ToString(), isTree: false, ["http://a/"], []), Cancel);

        (await answer.Content.ReadAsStringAsync(Cancel)).ShouldBe("bytes");
        answer.Headers.ETag.ShouldNotBeNull().Tag.ShouldContain(digest.Hex);
    }

    [Theory]
    [InlineData("/pier/data/nonsense?uri=http%3A%2F%2Fa%2F", 404)]
    [InlineData("/pier/data/sha256:0000000000000000000000000000000000000000000000000000000000000000?uri=http%3A%2F%2Fa%2F", 404)]
    [InlineData("/pier/data/sha256:0000000000000000000000000000000000000000000000000000000000000000", 400)]
    public async Task Bytes_that_nobody_has_are_refused(string path, int status)
    {
        using var answer = await _server.Http.GetAsync(path, Cancel);
        ((int)answer.StatusCode).ShouldBe(status);
    }

    [Theory]
    [InlineData("Origin", "http://evil.example")]
    [InlineData("Sec-Fetch-Site", "cross-site")]
    public async Task Web_pages_make_the_node_fetch_nothing(string header, string value)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, SupplyAddresses.ResolveAt("", ["http://a/"], [], withTorrent: false, attempt: 0));
        request.Headers.TryAddWithoutValidation(header, value);

        using var answer = await _server.Http.SendAsync(request, Cancel);

        answer.StatusCode.ShouldBe(HttpStatusCode.Forbidden);
        _supply.Asked.ShouldBeEmpty();
    }

    private async Task<SupplyAnswer> AskAsync(string path) =>
        (await _server.Http.GetFromJsonAsync(path, ApiJson.Default.SupplyAnswer, Cancel)).ShouldNotBeNull();

    /// <summary>A supply that answers as told and has what the store has.</summary>
    private sealed class FakeSupply(MemoryContentStore store) : FakeDelivery(store), IContentSupply
    {
        private readonly MemoryContentStore _held = store;

        public SupplyStatus Status { get; set; } = new(IsMutable: false);

        public List<(SupplyRequest Request, bool IsFirst)> Asked { get; } = [];

        public Task<SupplyStatus> ResolveAsync(SupplyRequest request, bool isFirst, TimeSpan patience, CancellationToken cancellationToken)
        {
            Asked.Add((request, isFirst));
            return Task.FromResult(Status);
        }

        public async Task<IContentReader> OpenAsync(Digest digest, SupplyRequest request, CancellationToken cancellationToken) =>
            await _held.OpenAsync(digest, cancellationToken) ?? throw new ContentNotFoundException("nobody has it");
    }
}
