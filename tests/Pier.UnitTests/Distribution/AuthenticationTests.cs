using System.Text;
using Microsoft.AspNetCore.Http;
using Pier.Content;
using Pier.Content.Contracts;
using Pier.Distribution;
using Pier.Distribution.Errors;
using Pier.TestKit.Files;
using Pier.TestKit.Time;

namespace Pier.UnitTests.Distribution;

/// <summary>Token and basic challenges against a registry that is its own token server, at <c>/token</c>.</summary>
public sealed class AuthenticationTests : IAsyncLifetime
{
    private static readonly byte[] Blob = [1, 2, 3];
    private static readonly Digest Name = Digest.Compute(Blob);

    private readonly TempFolder _folder = TempFolder.Create();
    private readonly ManualTimeProvider _clock = new();
    private FakeUpstream _upstream = null!;
    private string _scheme = "bearer";
    private Func<HttpContext, Task> _token = _ => Task.CompletedTask;
    private Func<string, bool> _accepts = _ => true;
    private int _issued;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    private string Config => _folder.Below("config.json");

    public async ValueTask InitializeAsync()
    {
        _upstream = await FakeUpstream.StartAsync(AnswerAsync, [Config]);
        _token = context => context.Response.WriteAsync($$"""{"token":"t{{Interlocked.Increment(ref _issued)}}","expires_in":300}""");
    }

    public async ValueTask DisposeAsync()
    {
        await _upstream.DisposeAsync();
        await _folder.DisposeAsync();
    }

    [Fact]
    public async Task An_anonymous_token_makes_a_repository_public()
    {
        var head = await HeadAsync(_upstream.Client(_clock));

        head.WasAnonymous.ShouldBeTrue();
        var token = _upstream.Asked.Single(asked => asked.Path.StartsWith("/token", StringComparison.Ordinal));
        token.Path.ShouldBe("/token?scope=repository%3Ateam%2Fapp%3Apull&service=fake");
        token.Headers.Keys.ShouldNotContain("Authorization");
        _upstream.Asked.Last().Headers["Authorization"].ShouldBe("Bearer t1");
    }

    [Fact]
    public async Task A_token_is_used_until_it_expires_without_asking_first()
    {
        var client = _upstream.Client(_clock);
        await HeadAsync(client);
        await HeadAsync(client);
        _upstream.Asked.Count.ShouldBe(4);

        _clock.Advance(TimeSpan.FromSeconds(271));
        await HeadAsync(client);

        _upstream.Asked.Last().Headers["Authorization"].ShouldBe("Bearer t2");
        _upstream.Asked.Count.ShouldBe(6);
    }

    [Fact]
    public async Task Many_at_once_ask_for_one_token()
    {
        var client = _upstream.Client(_clock);

        await Task.WhenAll(Enumerable.Range(0, 12).Select(_ => HeadAsync(client)));

        _issued.ShouldBe(1);
    }

    [Fact]
    public async Task A_token_that_is_refused_early_is_replaced()
    {
        var client = _upstream.Client(_clock);
        await HeadAsync(client);
        _accepts = header => header != "Bearer t1";

        await HeadAsync(client);

        _upstream.Asked.Last().Headers["Authorization"].ShouldBe("Bearer t2");
    }

    [Fact]
    public async Task A_repository_that_no_token_opens_is_denied_with_advice()
    {
        _accepts = _ => false;

        var denied = await Should.ThrowAsync<ContentDeniedException>(HeadAsync(_upstream.Client(_clock)));

        denied.Message.ShouldContain("docker login");
        _upstream.Asked.Count.ShouldBe(3);
    }

    [Fact]
    public async Task Credentials_go_to_the_token_server_and_are_no_proof_of_privacy()
    {
        Login("alice", "s3cret");
        var client = _upstream.Client(_clock);

        (await HeadAsync(client)).WasAnonymous.ShouldBeFalse();
        var asked = _upstream.Asked.Single(request => request.Path.StartsWith("/token", StringComparison.Ordinal));
        asked.Headers["Authorization"].ShouldBe($"Basic {Convert.ToBase64String("alice:s3cret"u8)}");
        asked.Path.ShouldEndWith("&account=alice");

        (await client.IsPublicAsync(_upstream.Repository, "v1", Cancel)).ShouldBeTrue();
        _accepts = header => header == "Bearer t1";
        (await client.IsPublicAsync(_upstream.Repository, "v1", Cancel)).ShouldBeFalse();
        _upstream.Logs.Entries.ShouldAllBe(entry => !entry.Message.Contains("s3cret", StringComparison.Ordinal));
    }

    [Fact]
    public async Task An_identity_token_is_exchanged_by_OAuth2()
    {
        await File.WriteAllTextAsync(Config, $$"""{"auths":{"{{_upstream.Name}}":{"identitytoken":"refresh-me"} } }""", Cancel);
        IFormCollection? form = null;
        _token = async context =>
        {
            form = await context.Request.ReadFormAsync();
            await context.Response.WriteAsync("""{"access_token":"oauth","expires_in":300}""");
        };

        await HeadAsync(_upstream.Client(_clock));

        _upstream.Asked.Last().Headers["Authorization"].ShouldBe("Bearer oauth");
        form!["grant_type"].ToString().ShouldBe("refresh_token");
        form["refresh_token"].ToString().ShouldBe("refresh-me");
        form["scope"].ToString().ShouldBe("repository:team/app:pull");
        form["service"].ToString().ShouldBe("fake");
    }

    [Fact]
    public async Task Basic_credentials_go_to_the_registry_itself()
    {
        _scheme = "basic";
        _accepts = header => header == $"Basic {Convert.ToBase64String("alice:pass:word"u8)}";
        var client = _upstream.Client(_clock);
        (await Should.ThrowAsync<ContentDeniedException>(HeadAsync(client))).Message.ShouldContain("needs a login");

        Login("alice", "pass:word");
        _clock.Advance(TimeSpan.FromSeconds(31));

        (await HeadAsync(client)).WasAnonymous.ShouldBeFalse();
        (await client.IsPublicAsync(_upstream.Repository, "v1", Cancel)).ShouldBeFalse();
        Login("alice", "wrong");
        _clock.Advance(TimeSpan.FromSeconds(31));
        (await Should.ThrowAsync<ContentDeniedException>(HeadAsync(client))).Message.ShouldContain("stored login was refused");
    }

    [Fact]
    public async Task Configured_credentials_come_before_Docker_s()
    {
        _scheme = "basic";
        Login("alice", "wrong");
        await File.WriteAllTextAsync(_folder.Below("secret"), "right\n", Cancel);
        _accepts = header => header == $"Basic {Convert.ToBase64String("bob:right"u8)}";
        var options = new UpstreamOptions
        {
            Registries = new Dictionary<string, RegistryOptions> { [_upstream.Name] = new() { User = "bob", SecretFile = _folder.Below("secret") } },
        };

        (await HeadAsync(_upstream.Client(_clock, options))).Digest.ShouldBe(Name);
    }

    [Theory]
    [InlineData("nonsense")]
    [InlineData("{}")]
    [InlineData("null")]
    [InlineData("""{"token":""}""")]
    [InlineData("""{"token":"with space"}""")]
    [InlineData("""{"token":"with\r\nX-Header: 1"}""")]
    [InlineData("""{"token":{"a":1}}""")]
    public async Task A_token_server_that_answers_nonsense_is_named(string answer)
    {
        _token = context => context.Response.WriteAsync(answer);

        var failed = await Should.ThrowAsync<ContentUnavailableException>(HeadAsync(_upstream.Client(_clock)));

        failed.Message.ShouldContain($"token server {_upstream.Name}");
    }

    [Theory]
    [InlineData(401, typeof(ContentDeniedException), "check the stored login")]
    [InlineData(403, typeof(ContentDeniedException), "denied")]
    [InlineData(503, typeof(ContentUnavailableException), "the upstream failed")]
    public async Task A_token_server_that_refuses_is_named(int status, Type exception, string words)
    {
        Login("alice", "wrong");
        _token = context =>
        {
            context.Response.StatusCode = status;
            return context.Response.WriteAsync("""{"details":"incorrect username or password"}""");
        };

        var refused = await Should.ThrowAsync(() => HeadAsync(_upstream.Client(_clock)), exception);

        refused.Message.ShouldContain($"token server {_upstream.Name} for team/app: {status}");
        refused.Message.ShouldContain(words);
    }

    [Theory]
    [InlineData("Bearer realm=\"not a url\"")]
    [InlineData("Bearer realm=\"http://user:pass@127.0.0.1/token\"")]
    [InlineData("Bearer realm=\"http://169.254.169.254/token\"")]
    public async Task A_challenge_that_names_no_usable_token_server_is_refused(string challenge)
    {
        _scheme = challenge;

        await Should.ThrowAsync<ContentUnavailableException>(HeadAsync(_upstream.Client(_clock)));
    }

    [Theory]
    [InlineData("Negotiate")]
    [InlineData("Bearer service=\"no realm\"")]
    public async Task A_challenge_that_nobody_here_knows_is_a_denial(string challenge)
    {
        _scheme = challenge;

        await Should.ThrowAsync<ContentDeniedException>(HeadAsync(_upstream.Client(_clock)));
    }

    [Fact]
    public async Task One_registry_s_token_never_goes_to_another()
    {
        // The second registry names the first one's token server and service, hoping for what is cached.
        await HeadAsync(_upstream.Client(_clock));
        await using var thief = await FakeUpstream.StartAsync(context =>
        {
            context.Response.StatusCode = 401;
            context.Response.Headers.WWWAuthenticate = $"Bearer realm=\"{_upstream.Address}token\",service=\"fake\"";
            return Task.CompletedTask;
        });
        var clients = _upstream.Clients(_clock);
        await clients.For(_upstream.Name).HeadManifestAsync(_upstream.Repository, "v1", Cancel);

        await Should.ThrowAsync<ContentDeniedException>(clients.For(thief.Name).HeadManifestAsync(thief.Repository, "v1", Cancel));

        var held = _upstream.Asked.Select(asked => asked.Headers.GetValueOrDefault("Authorization")).Where(header => header is not null).ToHashSet();
        thief.Asked.Select(asked => asked.Headers.GetValueOrDefault("Authorization")).Where(header => header is not null).ShouldAllBe(header => !held.Contains(header));
    }

    private async Task<ManifestHead> HeadAsync(UpstreamClient client) => await client.HeadManifestAsync(_upstream.Repository, "v1", Cancel);

    private void Login(string user, string password) =>
        File.WriteAllText(Config, $$"""{"auths":{"{{_upstream.Name}}":{"auth":"{{Convert.ToBase64String(Encoding.UTF8.GetBytes($"{user}:{password}"))}}"} } }""");

    private async Task AnswerAsync(HttpContext context)
    {
        if (context.Request.Path == "/token")
        {
            await _token(context);
            return;
        }

        var authorization = context.Request.Headers.Authorization.ToString();
        if (authorization.Length == 0 || !_accepts(authorization))
        {
            context.Response.StatusCode = 401;
            context.Response.Headers.WWWAuthenticate = _scheme switch
            {
                "bearer" => $"Bearer realm=\"{_upstream.Address}token\",service=\"fake\",scope=\"repository:team/app:pull\"",
                "basic" => "Basic realm=\"fake\"",
                var other => other,
            };
            return;
        }

        context.Response.Headers["Docker-Content-Digest"] = Name.ToString();
        context.Response.ContentType = "application/vnd.oci.image.manifest.v1+json";
        context.Response.ContentLength = Blob.Length;
    }
}
