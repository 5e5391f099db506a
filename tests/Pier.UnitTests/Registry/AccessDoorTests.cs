using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using Pier.Api.Supplies;
using Pier.Content.Passwords;
using Pier.Content;
using Pier.Content.Contracts;
using Pier.Registry;
using Pier.Registry.Access;
using Pier.TestKit.Files;
using Pier.TestKit.Registry;
using Pier.TestKit.Stores;
using Pier.TestKit.Time;

namespace Pier.UnitTests.Registry;

/// <summary>Who gets through the registry door, with a password, with a token, or without.</summary>
public sealed class AccessDoorTests : IAsyncLifetime
{
    private const string Upload = "/v2/local/team/app/blobs/uploads/";

    private readonly TempFolder _folder = TempFolder.Create("access");
    private RegistryServer _server = null!;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    private static AuthenticationHeaderValue Alice { get; } = Basic("alice", "correct horse");

    private static AuthenticationHeaderValue Bob { get; } = Basic("bob", "battery staple");

    public async ValueTask InitializeAsync() => _server = await RegistryServer.StartAsync(
        new FakeDelivery(new MemoryContentStore(new ManualTimeProvider())),
        new MirrorOptions
        {
            Push = new PushOptions { Enabled = true },
            Access = new AccessOptions
            {
                Users = new Dictionary<string, PasswordHash>(StringComparer.Ordinal) { ["alice"] = PasswordHash.Create("correct horse", 1000), ["bob"] = PasswordHash.Create("battery staple", 1000) },
                Rules =
                [
                    new AccessRule(["local/team/**"], ["*"], RegistryActions.Pull),
                    new AccessRule(["local/team/**"], ["alice"], RegistryActions.Push),
                ],
                KeyFile = _folder.Below("tokens.pem"),
            },
        },
        Cancel);

    public async ValueTask DisposeAsync()
    {
        GC.SuppressFinalize(this);
        await _server.DisposeAsync();
        await _folder.DisposeAsync();
    }

    [Fact]
    public async Task Builds_have_no_name_and_get_what_nobody_needs_one_for()
    {
        var supply = new SupplyOfAll();
        await using var server = await RegistryServer.StartAsync(
            supply,
            new MirrorOptions
            {
                Access = new AccessOptions
                {
                    Users = new Dictionary<string, PasswordHash>(StringComparer.Ordinal) { ["alice"] = PasswordHash.Create("correct horse", 1000) },
                    Rules = [new AccessRule(["ghcr.io/team/**"], ["alice"], RegistryActions.Pull)],
                    KeyFile = _folder.Below("tokens2.pem"),
                },
            },
            Cancel,
            new MemoryContentStore(new ManualTimeProvider()));

        var kept = await server.Http.GetStringAsync(SupplyAddresses.ResolveAt("", ["oci://ghcr.io/team/app:1!/file"], [], withTorrent: false, attempt: 0), Cancel);
        var open = await server.Http.GetStringAsync(SupplyAddresses.ResolveAt("", ["oci://quay.io/open/app:1!/file"], [], withTorrent: false, attempt: 0), Cancel);
        using var bytes = await server.Http.GetAsync(SupplyAddresses.DataAt("", "sha256:" + new string('0', 64), false, ["oci://ghcr.io/team/app:1!/file"], []), Cancel);

        kept.ShouldContain("builds give no user name");
        open.ShouldContain("working");
        ((int)bytes.StatusCode).ShouldBe(403);
        supply.Asked.ShouldBe(["oci://quay.io/open/app:1!/file"]);
    }

    [Fact]
    public async Task The_base_wants_a_name_and_says_where_tokens_are()
    {
        using var nobody = await SendAsync("GET", "/v2/", null);
        using var wrong = await SendAsync("GET", "/v2/", Basic("alice", "nonsense"));
        using var alice = await SendAsync("GET", "/v2/", Alice);
        using var token = await SendAsync("GET", "/v2/", await TokenAsync(null, null));

        ((int)nobody.StatusCode, (int)wrong.StatusCode, (int)alice.StatusCode, (int)token.StatusCode).ShouldBe((401, 401, 200, 200));
        nobody.Headers.WwwAuthenticate.ToString().ShouldBe($"Bearer realm=\"{_server.Address}token\",service=\"pier\"");
        (await nobody.Content.ReadAsStringAsync(Cancel)).ShouldContain("UNAUTHORIZED");
    }

    [Fact]
    public async Task A_push_is_for_those_whom_a_rule_lets()
    {
        using var nobody = await SendAsync("POST", Upload, null);
        using var bob = await SendAsync("POST", Upload, Bob);
        using var alice = await SendAsync("POST", Upload, Alice);
        using var other = await SendAsync("POST", "/v2/local/other/blobs/uploads/", null);

        ((int)nobody.StatusCode, (int)bob.StatusCode, (int)alice.StatusCode, (int)other.StatusCode).ShouldBe((401, 403, 202, 401));
        nobody.Headers.WwwAuthenticate.ToString().ShouldEndWith("scope=\"repository:local/team/app:pull,push\"");
        (await bob.Content.ReadAsStringAsync(Cancel)).ShouldContain("DENIED");
    }

    [Fact]
    public async Task A_token_is_good_for_what_it_was_asked_for_and_its_user_may()
    {
        var push = await TokenAsync(Alice, "repository:local/team/app:pull,push");
        var pull = await TokenAsync(Alice, "repository:local/team/app:pull");
        var bobs = await TokenAsync(Bob, "repository:local/team/app:pull,push");
        var elsewhere = await TokenAsync(Alice, "repository:local/team/other:pull,push");

        using var good = await SendAsync("POST", Upload, push);
        using var tooLittle = await SendAsync("POST", Upload, pull);
        using var notHis = await SendAsync("POST", Upload, bobs);
        using var wrongPlace = await SendAsync("POST", Upload, elsewhere);
        using var noToken = await SendAsync("POST", Upload, new AuthenticationHeaderValue("Bearer", "a.b.c"));

        ((int)good.StatusCode, (int)tooLittle.StatusCode, (int)notHis.StatusCode, (int)wrongPlace.StatusCode, (int)noToken.StatusCode)
            .ShouldBe((202, 401, 403, 401, 401));
    }

    [Fact]
    public async Task What_is_private_is_pulled_mounted_and_listed_by_users_alone()
    {
        var digest = Digest.Compute("secret"u8);
        using var request = new HttpRequestMessage(HttpMethod.Post, $"{Upload}?digest={digest}") { Content = new ByteArrayContent("secret"u8.ToArray()) };
        request.Headers.Authorization = Alice;
        using var pushed = await _server.Http.SendAsync(request, Cancel);
        ((int)pushed.StatusCode).ShouldBe(201);

        using var nobody = await SendAsync("GET", $"/v2/local/team/app/blobs/{digest}", null);
        using var anonymous = await SendAsync("GET", $"/v2/local/team/app/blobs/{digest}", await TokenAsync(null, "repository:local/team/app:pull"));
        using var bob = await SendAsync("GET", $"/v2/local/team/app/blobs/{digest}", Bob);
        using var elsewhere = await SendAsync("GET", $"/v2/local/open/blobs/{digest}", null);
        using var listed = await SendAsync("GET", "/v2/_catalog", await TokenAsync(null, null));
        using var forBob = await SendAsync("GET", "/v2/_catalog", Bob);

        ((int)nobody.StatusCode, (int)anonymous.StatusCode, (int)bob.StatusCode, (int)elsewhere.StatusCode).ShouldBe((401, 401, 200, 404));
        (await listed.Content.ReadAsStringAsync(Cancel)).ShouldNotContain("team");
        (await forBob.Content.ReadAsStringAsync(Cancel)).ShouldContain("local/team/app");
    }

    [Fact]
    public async Task The_token_service_gives_nothing_for_a_wrong_password_or_another_token()
    {
        using var wrong = await SendAsync("GET", "/token?scope=repository:local/team/app:pull", Basic("alice", "nonsense"));
        using var garbled = await SendAsync("GET", "/token", new AuthenticationHeaderValue("Basic", "%%%"));
        using var renewed = await SendAsync("GET", "/token", await TokenAsync(Alice, null));

        ((int)wrong.StatusCode, (int)garbled.StatusCode, (int)renewed.StatusCode).ShouldBe((401, 401, 401));
    }

    private static AuthenticationHeaderValue Basic(string user, string password) =>
        new("Basic", Convert.ToBase64String(Encoding.UTF8.GetBytes($"{user}:{password}")));

    private async Task<AuthenticationHeaderValue> TokenAsync(AuthenticationHeaderValue? who, string? scope)
    {
        using var answer = await SendAsync("GET", $"/token?service=pier{(scope is null ? "" : $"&scope={scope}")}", who);
        ((int)answer.StatusCode).ShouldBe(200);
        using var document = JsonDocument.Parse(await answer.Content.ReadAsStringAsync(Cancel));
        return new AuthenticationHeaderValue("Bearer", document.RootElement.GetProperty("token").GetString());
    }

    private async Task<HttpResponseMessage> SendAsync(string method, string path, AuthenticationHeaderValue? who)
    {
        using var request = new HttpRequestMessage(new HttpMethod(method), path);
        request.Headers.Authorization = who;
        return await _server.Http.SendAsync(request, Cancel);
    }

    /// <summary>A supply that has begun whatever it is asked for.</summary>
    private sealed class SupplyOfAll() : FakeDelivery(new MemoryContentStore(new ManualTimeProvider())), IContentSupply
    {
        public List<string> Asked { get; } = [];

        public Task<SupplyStatus> ResolveAsync(SupplyRequest request, bool isFirst, TimeSpan patience, CancellationToken cancellationToken)
        {
            Asked.AddRange(request.Uris.Select(uri => uri.Text));
            return Task.FromResult(new SupplyStatus(IsMutable: true));
        }

        public Task<IContentReader> OpenAsync(Digest digest, SupplyRequest request, CancellationToken cancellationToken) => throw new ContentNotFoundException("nobody has it");
    }
}
