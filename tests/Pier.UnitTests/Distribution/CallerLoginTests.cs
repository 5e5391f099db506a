using System.Text;
using Microsoft.AspNetCore.Http;
using Pier.Content;
using Pier.Content.Contracts;
using Pier.Content.Manifests;
using Pier.Content.References;
using Pier.Distribution;
using Pier.Distribution.Credentials;
using Pier.TestKit.Files;

namespace Pier.UnitTests.Distribution;

/// <summary>Logins that clients bring: used in place of this node's, for their own repository, at their own registry.</summary>
public sealed class CallerLoginTests : IAsyncDisposable
{
    private static readonly byte[] Manifest = Encoding.UTF8.GetBytes($$"""{"schemaVersion":2,"mediaType":"{{MediaTypes.OciIndex}}","manifests":[]}""");

    private readonly TempFolder _folder = TempFolder.Create("callers");

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public ValueTask DisposeAsync() => _folder.DisposeAsync();

    [Fact]
    public async Task A_client_s_own_login_stands_in_for_this_node_s_and_its_token_is_nobody_else_s()
    {
        var config = _folder.Below("config.json");
        await using var upstream = await FakeUpstream.StartAsync(AnswerAsync, [config]);
        await File.WriteAllTextAsync(config, $$$"""{"auths":{"{{{upstream.Name}}}":{"auth":"{{{Basic("node:own")}}}"} } }""", Cancel);
        var client = upstream.Client();
        var other = new RepositoryName(upstream.Name, "another/app");
        await client.HeadManifestAsync(upstream.Repository, "v1", Cancel);

        foreach (var (repository, login) in new[] { (upstream.Repository, "alice:s3cret"), (upstream.Repository, "bob:other"), (upstream.Repository, "alice:s3cret"), (other, "eve:evil") })
        {
            CallerLogin.Current = Login(repository, login);
            await client.HeadManifestAsync(upstream.Repository, "v1", Cancel);
        }
        CallerLogin.Current = null;
        await client.HeadManifestAsync(upstream.Repository, "v1", Cancel);

        upstream.Asked.Where(asked => asked.Path.StartsWith("/token", StringComparison.Ordinal)).Select(asked => asked.Headers["Authorization"])
            .ShouldBe([.. new[] { "node:own", "alice:s3cret", "bob:other" }.Select(login => $"Basic {Basic(login)}")]);
        upstream.Asked.Where(asked => asked.Method == "HEAD").Select(asked => asked.Headers.GetValueOrDefault("Authorization")).TakeLast(5)
            .ShouldBe(["Bearer for-alice", "Bearer for-bob", "Bearer for-alice", "Bearer for-node", "Bearer for-node"]);
    }

    [Theory]
    [InlineData("for-alice", true)]
    [InlineData("for-nobody", false)]
    public async Task A_client_s_own_token_is_shown_to_the_registry_and_exchanged_for_no_other(string token, bool isGood)
    {
        await using var upstream = await FakeUpstream.StartAsync(AnswerAsync);
        CallerLogin.Current = new CallerLogin(upstream.Repository, new RegistryCredential("", token) { IsBearerToken = true });

        var asking = upstream.Client().HeadManifestAsync(upstream.Repository, "v1", Cancel);

        if (isGood)
        {
            (await asking).WasAnonymous.ShouldBeFalse();
        }
        else
        {
            await Should.ThrowAsync<ContentDeniedException>(asking);
        }
        CallerLogin.Current = null;
        upstream.Asked.ShouldAllBe(asked => asked.Path.StartsWith("/v2/", StringComparison.Ordinal), "the token server is not asked");
        upstream.Asked.Last().Headers["Authorization"].ShouldBe($"Bearer {token}");
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task An_endpoint_of_another_name_sees_it_only_where_the_configuration_says_so(bool takesLogins)
    {
        await using var mirror = await FakeUpstream.StartAsync(AnswerAsync);
        var repository = new RepositoryName("registry.test", "team/app");
        using var clients = mirror.Clients(options: new UpstreamOptions
        {
            Registries = new Dictionary<string, RegistryOptions>(StringComparer.Ordinal)
            {
                [repository.Registry] = new RegistryOptions { Endpoints = [mirror.Address], TakesLogins = takesLogins },
            },
        });
        CallerLogin.Current = Login(repository, "alice:s3cret");

        var asking = clients.For(repository).HeadManifestAsync(repository, "v1", Cancel);

        if (takesLogins)
        {
            (await asking).WasAnonymous.ShouldBeFalse();
        }
        else
        {
            await Should.ThrowAsync<ContentDeniedException>(asking);
            mirror.Asked.ShouldAllBe(asked => !asked.Headers.GetValueOrDefault("Authorization", "").StartsWith("Basic", StringComparison.Ordinal));
        }
        CallerLogin.Current = null;
    }

    [Fact]
    public void A_login_is_never_written_out()
    {
        Login(new RepositoryName("registry.test", "team/app"), "alice:s3cret").ToString().ShouldBe("a login for registry.test/team/app");
    }

    private static string Basic(string login) => Convert.ToBase64String(Encoding.UTF8.GetBytes(login));

    private static CallerLogin Login(RepositoryName repository, string login) =>
        new(repository, new RegistryCredential(login.Split(':')[0], login.Split(':')[1]));

    /// <summary>Wants a token, and gives one to everybody by name; nobody's opens nothing.</summary>
    private static async Task AnswerAsync(HttpContext context)
    {
        var authorization = context.Request.Headers.Authorization.ToString();
        if (context.Request.Path == "/token")
        {
            var name = authorization.Length == 0 ? "nobody" : Encoding.UTF8.GetString(Convert.FromBase64String(authorization["Basic ".Length..])).Split(':')[0];
            await context.Response.WriteAsync($$"""{"token":"for-{{name}}","expires_in":300}""", Cancel);
            return;
        }
        if (!authorization.StartsWith("Bearer for-", StringComparison.Ordinal) || authorization.EndsWith("nobody", StringComparison.Ordinal))
        {
            context.Response.StatusCode = 401;
            context.Response.Headers.WWWAuthenticate = $"Bearer realm=\"http://{context.Request.Host}/token\",service=\"fake\"";
            return;
        }
        context.Response.ContentType = MediaTypes.OciIndex;
        context.Response.ContentLength = Manifest.Length;
        context.Response.Headers["Docker-Content-Digest"] = Digest.Compute(Manifest).ToString();
    }
}
