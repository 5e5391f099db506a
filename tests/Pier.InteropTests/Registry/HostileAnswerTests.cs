using System.Net;
using System.Text;
using Microsoft.AspNetCore.Http;
using Pier.Content;

namespace Pier.InteropTests.Registry;

/// <summary>Answers that lead elsewhere, want tokens, fail, or never come; and an image that does not fit.</summary>
public sealed class HostileAnswerTests : HostileUpstreamSetting
{
    [Fact]
    public async Task Credentials_stay_where_they_belong_when_a_blob_lies_on_another_host()
    {
        var blob = Random(MiB);
        await using var storage = await HostileRegistry.StartAsync(Cancel);
        var digest = storage.Add(blob);
        var seen = new List<string>();
        storage.Spoil = (context, _) =>
        {
            lock (seen)
            {
                seen.Add(context.Request.Headers.Authorization.ToString());
            }
            return Task.FromResult(false);
        };
        Upstream.Spoil = (context, _) =>
        {
            if (context.Request.Headers.Authorization.ToString() != Basic("robot", "secret"))
            {
                context.Response.StatusCode = 401;
                context.Response.Headers.WWWAuthenticate = "Basic realm=\"x\"";
            }
            else
            {
                context.Response.Redirect(new Uri(storage.Address, context.Request.Path + "?signature=1").ToString());
            }
            return Task.FromResult(true);
        };
        await StartAsync(user: "robot", secret: "secret");

        (await GetBlobAsync(digest)).ShouldBe(blob);

        seen.ShouldNotBeEmpty();
        seen.ShouldAllBe(authorization => authorization == "");
    }

    [Fact]
    public async Task Tokens_are_got_for_each_repository_and_again_when_they_expire()
    {
        var blob = Random(MiB);
        var digest = Upstream.Add(blob);
        var other = Upstream.Add(Random(1000));
        var issued = 0;
        var uses = 0;
        Upstream.Spoil = async (context, _) =>
        {
            var path = context.Request.Path.Value!;
            if (path == "/token")
            {
                var scope = context.Request.Query["scope"].ToString();
                await context.Response.WriteAsync($$"""{"token":"{{Convert.ToHexString(Encoding.UTF8.GetBytes(scope))}}-{{Interlocked.Increment(ref issued)}}","expires_in":3600}""");
                return true;
            }
            var repository = path.Split('/')[3];
            var wanted = $"Bearer {Convert.ToHexString(Encoding.UTF8.GetBytes($"repository:team/{repository}:pull"))}-";
            // Each token works once only, whatever it said of its life.
            if (context.Request.Headers.Authorization.ToString() is var sent && sent.StartsWith(wanted, StringComparison.Ordinal)
                && int.Parse(sent[wanted.Length..], System.Globalization.CultureInfo.InvariantCulture) == Volatile.Read(ref issued) && Interlocked.Increment(ref uses) == Volatile.Read(ref issued))
            {
                return false;
            }
            Interlocked.Exchange(ref uses, Volatile.Read(ref issued));
            context.Response.StatusCode = 401;
            context.Response.Headers.WWWAuthenticate = $"Bearer realm=\"{Upstream.Address}token\",service=\"x\",scope=\"repository:team/{repository}:pull\"";
            return true;
        };
        await StartAsync();

        (await GetBlobAsync(digest, "team/app")).ShouldBe(blob);
        (await GetBlobAsync(other, "team/other")).Length.ShouldBe(1000);

        issued.ShouldBeGreaterThanOrEqualTo(2);
    }

    [Fact]
    public async Task An_upstream_that_fails_every_second_time_costs_the_client_nothing()
    {
        var layers = new[] { Random(MiB), Random(MiB), Random(1000) };
        Upstream.Publish("v1", layers);
        Upstream.Spoil = (context, before) =>
        {
            if (before % 2 == 1 || context.Request.Path.Value == "/v2/")
            {
                return Task.FromResult(false);
            }
            context.Response.StatusCode = 500;
            return Task.FromResult(true);
        };
        await StartAsync();

        (await Http.GetAsync(Url("manifests/v1"), Cancel)).StatusCode.ShouldBe(HttpStatusCode.OK);
        foreach (var layer in layers)
        {
            (await GetBlobAsync(Digest.Compute(layer))).ShouldBe(layer);
        }
    }

    [Fact]
    public async Task An_upstream_that_never_answers_is_told_to_the_client_in_time()
    {
        Upstream.Spoil = async (context, _) =>
        {
            await Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, context.RequestAborted).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            return true;
        };
        await StartAsync(answerTimeout: "3s");

        using var answer = await Http.GetAsync(Url("manifests/v1"), Cancel);

        answer.StatusCode.ShouldBe(HttpStatusCode.ServiceUnavailable);
    }

    [Fact]
    public async Task An_image_larger_than_the_quota_is_delivered_all_the_same()
    {
        var layers = Enumerable.Range(0, 4).Select(_ => Random(MiB)).ToArray();
        Upstream.Publish("v1", layers);
        await StartAsync(quota: "1MiB");

        (await Http.GetAsync(Url("manifests/v1"), Cancel)).StatusCode.ShouldBe(HttpStatusCode.OK);
        foreach (var layer in layers)
        {
            (await GetBlobAsync(Digest.Compute(layer))).ShouldBe(layer);
        }
    }
}
