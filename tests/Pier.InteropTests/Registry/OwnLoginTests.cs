using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Pier.InteropTests.Distribution;
using Pier.InteropTests.Programs;
using Pier.TestKit;
using Pier.TestKit.Files;
using Pier.TestKit.Processes;

namespace Pier.InteropTests.Registry;

/// <summary>A real <c>pierd</c> before a <c>docker-registry</c> that wants a password; curl and skopeo with the right one, a wrong one, and none, or with a token.</summary>
public sealed class OwnLoginTests(PublishedImage published) : IClassFixture<PublishedImage>, IAsyncLifetime
{
    private const string Right = "alice:s3cret";
    private const string Wrong = "alice:guess";

    // htpasswd -nbB alice s3cret
    private const string Users = "alice:$2y$05$EchuTv7zChhnFusX3NZ62eLYpPlrE3X3sCHfKuXLiDkSoUrfd5x0q\n";

    // What clients take for a registry's name at the start of a path has no port.
    private const string Upstream = "registry.test";

    private readonly TempFolder _folder = TempFolder.Create("own-login");
    private LoopbackRegistry _upstream = null!;
    private PierProgram _pier = null!;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    private string Layer => published.Image.Layers[0].Digest;

    private string Door => $"127.0.0.1:{_pier.RegistryPort}";

    public async ValueTask InitializeAsync()
    {
        await File.WriteAllTextAsync(_folder.Below("htpasswd"), Users, Cancel);
        _upstream = await LoopbackRegistry.StartAsync(published.Storage, $"  htpasswd: {{realm: pier, path: \"{_folder.Below("htpasswd")}\"}}", "", Cancel);
        _pier = await StartAsync(_upstream.Address);
    }

    public async ValueTask DisposeAsync()
    {
        await _pier.DisposeAsync();
        await _upstream.DisposeAsync();
        await _folder.DisposeAsync();
    }

    [Fact]
    public async Task Curl_gets_private_bytes_with_the_right_login_alone_also_once_they_are_here()
    {
        var (manifest, blob) = ($"/v2/{Upstream}/team/app/manifests/v1", $"/v2/{Upstream}/team/app/blobs/{Layer}");
        var byDigest = $"/v2/{Upstream}/team/app/manifests/{published.Image.ManifestDigest}";
        string[] all = [manifest, byDigest, blob];
        foreach (var path in all)
        {
            await RefusedAsync(path, null);
            await RefusedAsync(path, Wrong);
        }

        foreach (var path in all)
        {
            await GivenAsync(path);
        }

        // Now the node has every byte of it.
        (await File.ReadAllBytesAsync(_folder.Below("body"), Cancel)).ShouldBe(published.Layer);
        File.Exists(Path.Combine(_pier.StateFolder, "blobs", "sha256", Layer["sha256:".Length..][..2], Layer["sha256:".Length..])).ShouldBeTrue();
        foreach (var path in all)
        {
            await RefusedAsync(path, null);
            await RefusedAsync(path, Wrong);
            await GivenAsync(path);
        }

        // Nor by any other name or door of the same host.
        (await StatusAsync($"/v2/team/app/blobs/{Layer}?ns={Upstream}", Right)).ShouldBe(403, "a mirror's request carries nobody's login");
        (await StatusAsync($"/v2/{Upstream}/team/other/blobs/{Layer}", Right)).ShouldBeOneOf([401, 404], "the digest is not that repository's");
        (await StatusAsync($"/v2/local/app/blobs/{Layer}", Right)).ShouldBe(404);
        (await StatusAsync($"/webseed/{Layer["sha256:".Length..]}", Right)).ShouldBe(404);
        (await StatusAsync($"/pier/data/{Layer}?uri={Layer}", Right)).ShouldBe(403);
        await CurlAsync($"/pier/resolve?uri=oci://{Upstream}/team/app@{published.Image.ManifestDigest}!/x", Right);
        JsonDocument.Parse(await File.ReadAllTextAsync(_folder.Below("body"), Cancel)).RootElement.GetProperty("state").GetString().ShouldBe("failed");
    }

    [Fact]
    public async Task Curl_gets_private_bytes_with_a_token_of_the_registry_s_own_token_server()
    {
        await using var tokens = await TokenServer.StartAsync(Cancel);
        await using var registry = await LoopbackRegistry.StartAsync(published.Storage, await tokens.ConfigureAsync(_folder.Below("bundle.pem"), Cancel), "", Cancel);
        await _pier.DisposeAsync();
        _pier = await StartAsync(registry.Address);
        var (good, other) = ($"Bearer {tokens.Issue("repository:team/app:pull")}", $"Bearer {tokens.Issue("repository:team/other:pull")}");
        string[] paths = [$"/v2/{Upstream}/team/app/manifests/v1", $"/v2/{Upstream}/team/app/blobs/{Layer}"];
        foreach (var path in paths)
        {
            await RefusedAsync(path, other);
            await Eventually.TrueAsync(async () => await StatusAsync(path, good) == 200, $"200 for {path}", TimeSpan.FromSeconds(60), Cancel);
        }

        (await File.ReadAllBytesAsync(_folder.Below("body"), Cancel)).ShouldBe(published.Layer);
        foreach (var path in paths)
        {
            await RefusedAsync(path, null);
            await RefusedAsync(path, other);
            await RefusedAsync(path, "Bearer made-up");
        }
    }

    [Fact]
    public async Task While_the_upstream_is_down_a_login_that_was_proved_a_moment_ago_is_served_and_no_other()
    {
        var blob = $"/v2/{Upstream}/team/app/blobs/{Layer}";
        await GivenAsync(blob);
        // Anew, so that most of the minute is left.
        await GivenAsync($"/v2/{Upstream}/team/app/manifests/v1");
        await _upstream.DisposeAsync();

        (await StatusAsync(blob, Right)).ShouldBe(200, "within the minute");
        (await StatusAsync(blob, Wrong)).ShouldBe(503);
        await RefusedAsync(blob, null);
        await _pier.RestartAsync(Cancel);
        (await StatusAsync(blob, Right)).ShouldBe(503, "nobody can prove it any more");
        await RefusedAsync(blob, null);
    }

    [Fact]
    public async Task Curl_gets_private_bytes_with_the_right_login_while_a_wrong_one_waits_for_the_same_blob()
    {
        await using var registry = await HostileRegistry.StartAsync(Cancel);
        var bytes = RandomNumberGenerator.GetBytes(1 << 20);
        var blob = $"/v2/{Upstream}/team/app/blobs/{registry.Add(bytes)}";
        var (asked, answer) = (new TaskCompletionSource(), new TaskCompletionSource());
        registry.Spoil = async (context, _) =>
        {
            var login = context.Request.Headers.Authorization.ToString();
            if (login == "Basic " + Convert.ToBase64String(Encoding.UTF8.GetBytes(Right)))
            {
                return false;
            }
            if (login.Length > 0)
            {
                asked.TrySetResult();
                await answer.Task.WaitAsync(context.RequestAborted);
            }
            context.Response.StatusCode = 401;
            context.Response.Headers.WWWAuthenticate = "Basic realm=\"x\"";
            return true;
        };
        await _pier.DisposeAsync();
        _pier = await StartAsync(registry.Address);

        var first = StatusAsync(blob, Wrong, "wrong");
        await asked.Task.WaitAsync(TimeSpan.FromSeconds(180), Cancel);
        var second = StatusAsync(blob, Right, "right");
        // Both stand at the door then; whether the second has joined already or does so now, it must get the bytes.
        await Eventually.TrueAsync(() => Connections() == 2, "both clients to be connected", TimeSpan.FromSeconds(60), Cancel);
        answer.SetResult();

        (await second).ShouldBe(200);
        (await File.ReadAllBytesAsync(_folder.Below("right"), Cancel)).ShouldBe(bytes);
        (await first).ShouldBeOneOf([401, 503], "on a loaded machine the answer may come too late");
        await RefusedAsync(blob, Wrong);
    }

    [Fact]
    public async Task Skopeo_copies_with_the_right_login_alone()
    {
        var reference = $"docker://{Door}/{Upstream}/team/app:v1";
        (await SkopeoAsync("inspect", "--no-creds", reference)).ExitCode.ShouldNotBe(0);
        (await SkopeoAsync("inspect", "--creds", Wrong, reference)).ExitCode.ShouldNotBe(0);

        (await SkopeoAsync("copy", "--src-creds", Right, "--src-tls-verify=false", reference, $"dir:{_folder.Below("image")}")).OrThrow();

        (await File.ReadAllBytesAsync(_folder.Below("image", Layer["sha256:".Length..]), Cancel)).ShouldBe(published.Layer);
        (await SkopeoAsync("inspect", "--no-creds", reference)).ExitCode.ShouldNotBe(0);
        (await SkopeoAsync("inspect", "--creds", Wrong, reference)).ExitCode.ShouldNotBe(0);
        (await SkopeoAsync("inspect", "--creds", Right, reference)).OrThrow().Output.ShouldContain(published.Image.ManifestDigest);
    }

    private Task<PierProgram> StartAsync(Uri upstream) => PierProgram.StartAsync(Cancel, new(StringComparer.Ordinal)
    {
        ["askLogin"] = true,
        ["dockerConfig"] = _folder.MakeFolder("no-logins"),
        ["upstreams"] = new Dictionary<string, object>(StringComparer.Ordinal)
        {
            [Upstream] = new { endpoints = new[] { upstream.ToString() }, takesLogins = true },
        },
    });

    /// <summary>Never given, and said why: 401, but for moments in which a loaded machine's upstream is too slow to say anything.</summary>
    private Task RefusedAsync(string path, string? login) => Eventually.TrueAsync(
        async () =>
        {
            var status = await StatusAsync(path, login);
            status.ShouldBeOneOf([401, 503], path);
            return status == 401;
        },
        $"401 for {path}", TimeSpan.FromSeconds(60), Cancel);

    private Task GivenAsync(string path) =>
        Eventually.TrueAsync(async () => await StatusAsync(path, Right) == 200, $"200 for {path}", TimeSpan.FromSeconds(60), Cancel);

    /// <summary>Connections at pierd's door (proc(5), <c>net/tcp</c>: local address, remote address, state).</summary>
    private int Connections() => File.ReadLines("/proc/net/tcp").Count(line =>
        line.Split(' ', StringSplitOptions.RemoveEmptyEntries) is [_, var local, _, "01", ..] && local.EndsWith($":{_pier.RegistryPort:X4}", StringComparison.Ordinal));

    private async Task<int> StatusAsync(string path, string? login, string file = "body") =>
        int.Parse(await CurlAsync(path, login, file), System.Globalization.CultureInfo.InvariantCulture);

    private async Task<string> CurlAsync(string path, string? login, string file = "body") => (await Command.RunAsync(
        RequiredTool.Path("curl", "apt-get install curl"),
        [
            "--silent", "--noproxy", "*", "--globoff", "--path-as-is", "--max-time", "180", "--output", _folder.Below(file), "--write-out", "%{http_code}",
            "--header", "Accept: */*", .. login is null ? Array.Empty<string>()
                : login.StartsWith("Bearer ", StringComparison.Ordinal) ? ["--header", $"Authorization: {login}"] : ["--user", login],
            $"http://{Door}{path}",
        ],
        Cancel)).OrThrow().Output;

    private Task<CommandResult> SkopeoAsync(string verb, params IReadOnlyList<string> arguments) => Command.RunAsync(
        RequiredTool.Path("skopeo", "apt-get install skopeo"),
        [verb, .. verb == "inspect" ? ["--tls-verify=false"] : Array.Empty<string>(), .. arguments],
        Cancel);
}
