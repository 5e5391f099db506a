using System.Text;
using Microsoft.AspNetCore.Http;
using Pier.Content;
using Pier.Content.Contracts;
using Pier.Content.Manifests;
using Pier.Content.References;
using Pier.Distribution;
using Pier.Distribution.Errors;
using Pier.TestKit.Files;

namespace Pier.UnitTests.Distribution;

/// <summary>A registry that is asked at other addresses than its own: names, credentials, and limits of each.</summary>
public sealed class MirrorTests : IAsyncDisposable
{
    private const string Registry = "registry.test";

    private static readonly RepositoryName Repository = new(Registry, "team/app");
    private static readonly byte[] Manifest = Encoding.UTF8.GetBytes($$"""{"schemaVersion":2,"mediaType":"{{MediaTypes.OciIndex}}","manifests":[]}""");

    private readonly TempFolder _folder = TempFolder.Create("mirrors");

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public ValueTask DisposeAsync() => _folder.DisposeAsync();

    [Fact]
    public async Task Mirrors_are_asked_in_order_and_under_their_own_names()
    {
        await using var broken = await FakeUpstream.StartAsync(context =>
        {
            context.Response.StatusCode = 502;
            return Task.CompletedTask;
        });
        await using var harbor = await FakeUpstream.StartAsync(AnswerAsync);
        using var clients = Clients(harbor, new RegistryOptions
        {
            Endpoints = [broken.Address, new Uri(harbor.Address, "/v2/cache")],
            Rewrites = new Dictionary<string, string>(StringComparer.Ordinal) { ["team/"] = "squad/" },
        });

        (await clients.For(Repository).GetManifestAsync(Repository, "v1", Cancel)).Document.Content.ToArray().ShouldBe(Manifest);

        broken.Asked.ShouldHaveSingleItem().Path.ShouldBe("/v2/squad/app/manifests/v1");
        harbor.Asked.ShouldHaveSingleItem().Path.ShouldBe("/v2/cache/squad/app/manifests/v1");
    }

    [Fact]
    public async Task A_mirror_never_sees_the_login_of_the_registry_it_stands_for()
    {
        var login = Convert.ToBase64String("me:secret"u8.ToArray());
        var file = _folder.Below("config.json");
        await using var mirror = await FakeUpstream.StartAsync(ChallengeAsync, [file]);
        await File.WriteAllTextAsync(file, $$$"""{"auths":{"{{{Registry}}}":{"auth":"{{{login}}}"} } }""", Cancel);
        using var clients = Clients(mirror, new RegistryOptions { Endpoints = [mirror.Address] });

        await Should.ThrowAsync<ContentDeniedException>(() => clients.For(Repository).HeadManifestAsync(Repository, "v1", Cancel));

        mirror.Asked.ShouldAllBe(asked => !asked.Headers.ContainsKey("Authorization"));
    }

    [Fact]
    public async Task A_mirror_with_an_entry_of_its_own_brings_its_own_login()
    {
        await using var mirror = await FakeUpstream.StartAsync(ChallengeAsync);
        var secret = _folder.Below("secret");
        await File.WriteAllTextAsync(secret, "other\n", Cancel);
        using var clients = Clients(mirror, new RegistryOptions { Endpoints = [mirror.Address] }, new RegistryOptions { User = "robot", SecretFile = secret });

        await clients.For(Repository).HeadManifestAsync(Repository, "v1", Cancel);

        mirror.Asked.Last().Headers["Authorization"].ShouldBe("Basic " + Convert.ToBase64String("robot:other"u8.ToArray()));
    }

    [Fact]
    public async Task A_short_wait_that_the_registry_asks_for_is_waited_out()
    {
        var refused = 0;
        await using var upstream = await FakeUpstream.StartAsync(context =>
        {
            if (Interlocked.Increment(ref refused) > 1)
            {
                return AnswerAsync(context);
            }
            context.Response.StatusCode = 429;
            context.Response.Headers.RetryAfter = "1";
            return Task.CompletedTask;
        });

        (await upstream.Client().HeadManifestAsync(upstream.Repository, "v1", Cancel)).Digest.ShouldBe(Digest.Compute(Manifest));
        upstream.Asked.Count.ShouldBe(2);
    }

    [Fact]
    public async Task A_registry_that_wants_a_long_rest_gets_it_and_the_next_address_is_asked()
    {
        await using var tired = await FakeUpstream.StartAsync(context =>
        {
            context.Response.StatusCode = 429;
            context.Response.Headers.RetryAfter = "3600";
            return Task.CompletedTask;
        });
        await using var mirror = await FakeUpstream.StartAsync(AnswerAsync);
        using var clients = Clients(mirror, new RegistryOptions { Endpoints = [tired.Address, mirror.Address] });

        await clients.For(Repository).HeadManifestAsync(Repository, "v1", Cancel);
        await clients.For(Repository).HeadManifestAsync(Repository, "v2", Cancel);

        tired.Asked.Count.ShouldBe(1);
        mirror.Asked.Count.ShouldBe(2);
    }

    [Fact]
    public async Task More_requests_than_its_rate_are_not_sent()
    {
        await using var upstream = await FakeUpstream.StartAsync(AnswerAsync);
        using var clients = Clients(upstream, new RegistryOptions
        {
            Endpoints = [upstream.Address],
            Rate = new RequestRate(2, TimeSpan.FromHours(1)),
        });
        for (var request = 0; request < 2; request++)
        {
            await clients.For(Repository).HeadManifestAsync(Repository, "v1", Cancel);
        }

        var refused = await Should.ThrowAsync<ContentUnavailableException>(() => clients.For(Repository).HeadManifestAsync(Repository, "v1", Cancel));

        refused.InnerException.ShouldBeOfType<UpstreamException>().Failure.ShouldBe(UpstreamFailure.RateLimited);
        upstream.Asked.Count.ShouldBe(2);
    }

    private static UpstreamClients Clients(FakeUpstream upstream, RegistryOptions registry, RegistryOptions? mirror = null)
    {
        var registries = new Dictionary<string, RegistryOptions>(StringComparer.Ordinal) { [Registry] = registry };
        if (mirror is not null)
        {
            registries[upstream.Name] = mirror;
        }
        return upstream.Clients(options: new UpstreamOptions { Registries = registries });
    }

    private static Task ChallengeAsync(HttpContext context)
    {
        if (context.Request.Headers.Authorization.Count > 0)
        {
            return AnswerAsync(context);
        }
        context.Response.StatusCode = 401;
        context.Response.Headers.WWWAuthenticate = "Basic realm=\"x\"";
        return Task.CompletedTask;
    }

    private static async Task AnswerAsync(HttpContext context)
    {
        context.Response.ContentType = MediaTypes.OciIndex;
        context.Response.ContentLength = Manifest.Length;
        context.Response.Headers["Docker-Content-Digest"] = Digest.Compute(Manifest).ToString();
        if (HttpMethods.IsGet(context.Request.Method))
        {
            await context.Response.Body.WriteAsync(Manifest, context.RequestAborted);
        }
    }
}
