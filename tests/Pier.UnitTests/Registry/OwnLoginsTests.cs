using System.Net;
using Pier.Content;
using Pier.Content.Contracts;
using Pier.Content.References;
using Pier.Distribution.Credentials;
using Pier.Registry;
using Pier.TestKit.Registry;
using Pier.TestKit.Stores;
using Pier.TestKit.Time;

namespace Pier.UnitTests.Registry;

/// <summary>Logins that clients bring for the registry whose name they write before the repository's.</summary>
public sealed class OwnLoginsTests : IAsyncLifetime
{
    private const string Alice = "Basic YWxpY2U6czNjcmV0";

    private readonly MemoryContentStore _store = new(new ManualTimeProvider());
    private readonly Listening _delivery;
    private readonly Digest _blob;
    private RegistryServer _server = null!;

    public OwnLoginsTests()
    {
        _blob = _store.Add("private"u8.ToArray());
        _delivery = new Listening(_store);
    }

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync() => _server = await RegistryServer.StartAsync(_delivery, new MirrorOptions { AskLogin = true }, Cancel, _store);

    public ValueTask DisposeAsync() => _server.DisposeAsync();

    [Theory]
    [InlineData("/v2/ghcr.io/a/b/blobs/{0}", Alice, "alice:s3cret (user and password) for ghcr.io/a/b")]
    [InlineData("/v2/docker.io/library/b/blobs/{0}", Alice, "alice:s3cret (user and password) for docker.io/library/b")]
    [InlineData("/v2/a/b/blobs/{0}?ns=ghcr.io", Alice, "nobody")]
    [InlineData("/v2/a/b/blobs/{0}", Alice, "nobody")]
    [InlineData("/v2/ghcr.io/a/b/blobs/{0}", null, "nobody")]
    [InlineData("/v2/ghcr.io/a/b/blobs/{0}", "Basic Og==", "nobody")]
    [InlineData("/v2/ghcr.io/a/b/blobs/{0}", "Basic !!", "nobody")]
    [InlineData("/v2/ghcr.io/a/b/blobs/{0}", "Bearer abc.d-e_f~g+h/i=", ":abc.d-e_f~g+h/i= (bearer token) for ghcr.io/a/b")]
    [InlineData("/v2/ghcr.io/a/b/blobs/{0}", "bearer  abc ", ":abc (bearer token) for ghcr.io/a/b")]
    [InlineData("/v2/a/b/blobs/{0}?ns=ghcr.io", "Bearer abc", "nobody")]
    [InlineData("/v2/ghcr.io/a/b/blobs/{0}", "Bearer", "nobody")]
    [InlineData("/v2/ghcr.io/a/b/blobs/{0}", "Bearer a b", "nobody")]
    [InlineData("/v2/ghcr.io/a/b/blobs/{0}", "Bearer a,b", "nobody")]
    public async Task A_login_goes_with_a_name_that_begins_with_its_registry_and_with_no_other(string path, string? authorization, string heard)
    {
        using var answer = await GetAsync(path, authorization);

        answer.StatusCode.ShouldBe(HttpStatusCode.OK);
        _delivery.Heard.ShouldBe(heard);
        CallerLogin.Current.ShouldBeNull();
    }

    [Theory]
    [InlineData("/v2/ghcr.io/a/b/blobs/{0}", HttpStatusCode.Unauthorized, "UNAUTHORIZED")]
    [InlineData("/v2/a/b/blobs/{0}?ns=ghcr.io", HttpStatusCode.Forbidden, "DENIED")]
    public async Task Who_may_not_read_is_told_how_where_a_login_would_help(string path, HttpStatusCode status, string code)
    {
        _delivery.MayServe = false;

        using var answer = await GetAsync(path, Alice);

        answer.StatusCode.ShouldBe(status);
        answer.Headers.WwwAuthenticate.Any(challenge => challenge.Scheme == "Basic").ShouldBe(status == HttpStatusCode.Unauthorized);
        (await answer.Content.ReadAsStringAsync(Cancel)).ShouldSatisfyAllConditions(
            text => text.ShouldContain(code), text => text.ShouldContain("ghcr.io"), text => text.ShouldNotContain("s3cret"));
    }

    [Fact]
    public async Task Clients_that_send_no_login_unasked_are_asked_at_the_base()
    {
        using (var asked = await GetAsync("/v2/", null))
        {
            asked.StatusCode.ShouldBe(HttpStatusCode.Unauthorized);
            asked.Headers.WwwAuthenticate.ShouldHaveSingleItem().Scheme.ShouldBe("Basic");
        }

        using var given = await GetAsync("/v2/", Alice);
        given.StatusCode.ShouldBe(HttpStatusCode.OK);
    }

    private async Task<HttpResponseMessage> GetAsync(string path, string? authorization)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, string.Format(System.Globalization.CultureInfo.InvariantCulture, path, _blob));
        if (authorization is not null)
        {
            request.Headers.TryAddWithoutValidation("Authorization", authorization);
        }

        return await _server.Http.SendAsync(request, Cancel);
    }

    /// <summary>Hears with whose login a blob is opened.</summary>
    private sealed class Listening(MemoryContentStore store) : FakeDelivery(store), IContentFetcher
    {
        public string? Heard { get; private set; }

        ValueTask<IContentReader> IContentFetcher.OpenAsync(BlobRequest request, CancellationToken cancellationToken)
        {
            Heard = CallerLogin.For(request.Origin!) is { } login
                ? $"{login.Credential.User}:{login.Credential.Secret} ({login.Credential}) for {login.Repository}"
                : "nobody";
            return OpenAsync(request, cancellationToken);
        }
    }
}
