using Pier.Distribution.Credentials;
using Pier.TestKit;
using Pier.TestKit.Files;

namespace Pier.UnitTests.Distribution;

public sealed class DockerCredentialsTests : IAsyncLifetime
{
    private readonly TempFolder _folder = TempFolder.Create();

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    private string Config => _folder.Below("config.json");

    public ValueTask InitializeAsync() => ValueTask.CompletedTask;

    public ValueTask DisposeAsync() => _folder.DisposeAsync();

    [Theory]
    [InlineData("docker.io", """{"auths":{"https://index.docker.io/v1/":{"auth":"dTpw"}}}""", "u", "p")]
    [InlineData("docker.io", """{"auths":{"registry-1.docker.io":{"auth":"dTpw"}}}""", "u", "p")]
    [InlineData("ghcr.io", """{"auths":{"ghcr.io":{"auth":"dTpw"}},"HttpHeaders":{"X":"y"}}""", "u", "p")]
    [InlineData("ghcr.io", """{"auths":{"https://ghcr.io/v2/":{"auth":"dTpw"}}}""", "u", "p")]
    [InlineData("reg.lan:5000", """{"auths":{"reg.lan":{"auth":"eDp5"},"reg.lan:5000":{"auth":"dTpw"}}}""", "u", "p")]
    [InlineData("ghcr.io", """{"auths":{"ghcr.io":{"auth":"dTpwOnE="}}}""", "u", "p:q")]
    [InlineData("ghcr.io", """{"auths":{"ghcr.io":{"auth":"dTpwAAA="}}}""", "u", "p")]
    [InlineData("ghcr.io", """{"auths":{"ghcr.io":{"username":"u","password":"p"}}}""", "u", "p")]
    [InlineData("ghcr.io", """{"auths":{"ghcr.io":{"username":"u"}}}""", "u", "")]
    public async Task Logins_are_found_under_every_key_that_Docker_writes(string registry, string json, string user, string secret)
    {
        await File.WriteAllTextAsync(Config, json, Cancel);

        var found = await FindAsync(registry);

        found.ShouldBe(new CredentialLookup(new RegistryCredential(user, secret)));
    }

    [Fact]
    public async Task An_identity_token_comes_before_a_password()
    {
        await File.WriteAllTextAsync(Config, """{"auths":{"ghcr.io":{"auth":"dTpw","identitytoken":"t"}}}""", Cancel);

        (await FindAsync("ghcr.io")).Credential.ShouldBe(new RegistryCredential("", "t", IsIdentityToken: true));
    }

    [Theory]
    [InlineData("""{}""")]
    [InlineData("null")]
    [InlineData("""{"auths":null}""")]
    [InlineData("""{"auths":{"ghcr.io":{}}}""")]
    [InlineData("""{"auths":{"ghcr.io":null}}""")]
    [InlineData("""{"auths":{"other.io":{"auth":"dTpw"}}}""")]
    public async Task No_login_is_no_fault(string json)
    {
        await File.WriteAllTextAsync(Config, json, Cancel);

        (await FindAsync("ghcr.io")).ShouldBe(new CredentialLookup(null));
    }

    [Theory]
    [InlineData("""{"auths":{"ghcr.io":{"auth":"!"}}}""", "not base64")]
    [InlineData("""{"auths":{"ghcr.io":{"auth":"dQ=="}}}""", "user:password")]
    [InlineData("""{"auths":{"ghcr.io":{"auth":"OnA="}}}""", "user:password")]
    [InlineData("""{"auths":{"ghcr.io":{"auth":"dTpwX3NlY3JldA==",}}}""", "not valid JSON")]
    [InlineData("""{"auths":[]}""", "not valid JSON")]
    [InlineData("""{"credsStore":"../evil"}""", "no program name")]
    [InlineData("""{"credsStore":"does-not-exist"}""", "docker-credential-does-not-exist cannot be started")]
    public async Task A_broken_file_is_told_and_not_thrown(string json, string fault)
    {
        await File.WriteAllTextAsync(Config, json, Cancel);

        var found = await FindAsync("ghcr.io");

        found.Credential.ShouldBeNull();
        found.Fault!.ShouldContain(fault);
        found.Fault!.ShouldNotContain("secret");
    }

    [Fact]
    public async Task A_missing_file_is_no_fault_and_a_folder_or_a_giant_is()
    {
        (await FindAsync("ghcr.io")).ShouldBe(new CredentialLookup(null));

        await File.WriteAllTextAsync(Config, new string(' ', (1024 * 1024) + 1), Cancel);
        (await FindAsync("ghcr.io")).Fault!.ShouldContain("more than");
    }

    [Fact]
    public async Task The_next_file_is_read_when_the_first_has_no_login()
    {
        var second = _folder.Below("second.json");
        await File.WriteAllTextAsync(Config, "broken", Cancel);
        await File.WriteAllTextAsync(second, """{"auths":{"ghcr.io":{"auth":"dTpw"}}}""", Cancel);
        var source = new DockerCredentials([Config, second], Helper());

        (await source.FindAsync("ghcr.io", Cancel)).Credential.ShouldBe(new RegistryCredential("u", "p"));
        (await source.FindAsync("other.io", Cancel)).Fault!.ShouldContain("not valid JSON");
    }

    [Theory]
    [InlineData("/cfg", "/home/u", "/cfg/config.json")]
    [InlineData(null, "/home/u", "/home/u/.docker/config.json,/root/.docker/config.json")]
    [InlineData("", "/root", "/root/.docker/config.json")]
    [InlineData(null, null, "/root/.docker/config.json")]
    public void Docker_s_places_are_searched(string? dockerConfig, string? home, string expected) =>
        string.Join(',', DockerCredentials.DefaultFiles(name => name switch { "DOCKER_CONFIG" => dockerConfig, "HOME" => home, _ => null })).ShouldBe(expected);

    [Fact]
    public void Secrets_are_never_printed()
    {
        var credential = new RegistryCredential("alice", "s3cret");

        $"{credential} {new CredentialLookup(credential)}".ShouldNotContain("s3cret");
        new HelperAnswer("alice", "s3cret").ToString().ShouldNotContain("s3cret");
        new DockerAuth("s3cret", "alice", "s3cret", "s3cret").ToString().ShouldNotContain("s3cret");
    }

    private static CredentialHelper Helper() => new(Eventually.Patience, TimeProvider.System);

    private ValueTask<CredentialLookup> FindAsync(string registry) => new DockerCredentials([Config], Helper()).FindAsync(registry, Cancel);
}
