using Microsoft.AspNetCore.Http;
using Pier.Content;
using Pier.Content.Contracts;
using Pier.Distribution;
using Pier.Distribution.Errors;
using Pier.TestKit.Files;
using Pier.TestKit.Logging;

namespace Pier.UnitTests.Distribution;

public sealed class RedirectTests
{
    private static readonly byte[] Blob = [1, 2, 3];
    private static readonly Digest Name = Digest.Compute(Blob);

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(301)]
    [InlineData(302)]
    [InlineData(303)]
    [InlineData(307)]
    [InlineData(308)]
    public async Task Another_host_gets_the_range_but_no_credentials(int status)
    {
        await using var folder = TempFolder.Create();
        await using var storage = await FakeUpstream.StartAsync(context => Results.Bytes(Blob, enableRangeProcessing: true).ExecuteAsync(context));
        var config = folder.Below("config.json");
        await using var upstream = await FakeUpstream.StartAsync(
            context =>
            {
                if (context.Request.Headers.Authorization.Count == 0)
                {
                    context.Response.StatusCode = 401;
                    context.Response.Headers.WWWAuthenticate = "Basic realm=\"x\"";
                    return Task.CompletedTask;
                }

                context.Response.StatusCode = status;
                context.Response.Headers.Location = context.Request.Path.Value!.StartsWith("/same", StringComparison.Ordinal) ? $"{storage.Address}data?signature=secret" : "/same";
                return Task.CompletedTask;
            },
            [config]);
        await File.WriteAllTextAsync(config, $$"""{"auths":{"{{upstream.Name}}":{"auth":"dTpw"} } }""", Cancel);

        await using var blob = await upstream.Client().OpenBlobAsync(upstream.Repository, Name, 1, null, Cancel);

        (await blob.Stream.ReadAsync(new byte[10], Cancel)).ShouldBe(2);
        blob.WasAnonymous.ShouldBeFalse();
        upstream.Asked.Count(asked => asked.Headers.GetValueOrDefault("Authorization") == "Basic dTpw").ShouldBe(2);
        var sent = storage.Asked.Single();
        sent.Headers.Keys.ShouldNotContain("Authorization");
        sent.Headers["Range"].ShouldBe("bytes=1-");
        upstream.Logs.Entries.ShouldAllBe(entry => !entry.Message.Contains("secret", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_loop_ends_after_ten()
    {
        await using var upstream = await FakeUpstream.StartAsync(Redirect(context => context.Request.Path));

        var refused = await Should.ThrowAsync<ContentUnavailableException>(upstream.Client().OpenBlobAsync(upstream.Repository, Name, 0, null, Cancel));

        refused.InnerException.ShouldBeOfType<UpstreamException>().Failure.ShouldBe(UpstreamFailure.BadRedirect);
        upstream.Asked.Count.ShouldBe(11);
    }

    [Theory]
    [InlineData("http://169.254.169.254/latest/meta-data", UpstreamFailure.ForbiddenTarget)]
    [InlineData("http://[fe80::1]/", UpstreamFailure.ForbiddenTarget)]
    [InlineData("ftp://example.com/", UpstreamFailure.BadRedirect)]
    [InlineData("", UpstreamFailure.BadRedirect)]
    public async Task A_redirect_to_where_Pier_never_goes_is_not_followed(string location, UpstreamFailure failure)
    {
        await using var upstream = await FakeUpstream.StartAsync(Redirect(_ => location));

        var refused = await Should.ThrowAsync<ContentUnavailableException>(upstream.Client().OpenBlobAsync(upstream.Repository, Name, 0, null, Cancel));

        refused.InnerException.ShouldBeOfType<UpstreamException>().Failure.ShouldBe(failure);
    }

    [Fact]
    public void A_registry_at_a_metadata_address_has_no_client()
    {
        using var clients = new UpstreamClients(new UpstreamOptions(), TimeProvider.System, new CollectedLogs().CreateLogger("x"), _ => null);

        Should.Throw<ContentDeniedException>(() => clients.For("169.254.169.254")).Message.ShouldContain("metadata");
    }

    [Fact]
    public async Task The_next_address_is_asked_when_one_fails_and_the_last_decides()
    {
        await using var mirror = await FakeUpstream.StartAsync(context => Results.StatusCode(500).ExecuteAsync(context));
        await using var origin = await FakeUpstream.StartAsync(context =>
            context.Request.Path.Value!.EndsWith(Name.ToString(), StringComparison.Ordinal) ? Results.Bytes(Blob).ExecuteAsync(context) : Results.NotFound().ExecuteAsync(context));
        var options = new UpstreamOptions
        {
            Registries = new Dictionary<string, RegistryOptions> { ["registry.example"] = new() { Endpoints = [mirror.Address, origin.Address] } },
        };
        var client = origin.Clients(options: options).For("registry.example");
        var repository = new Pier.Content.References.RepositoryName("registry.example", "team/app");

        (await client.HeadBlobAsync(repository, Name, Cancel)).Size.ShouldBe(3);
        var missing = await Should.ThrowAsync<ContentNotFoundException>(client.HeadBlobAsync(repository, Digest.Compute("other"u8), Cancel));

        missing.Message.ShouldContain(mirror.Name);
        missing.Message.ShouldContain(origin.Name);
        origin.Logs.Has(4004).ShouldBeTrue();
    }

    private static Func<HttpContext, Task> Redirect(Func<HttpContext, string> to) => context =>
    {
        context.Response.StatusCode = 307;
        context.Response.Headers.Location = to(context);
        return Task.CompletedTask;
    };
}
