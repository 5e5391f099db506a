using Pier.Distribution.Credentials;
using Pier.TestKit;
using Pier.TestKit.Files;
using Pier.TestKit.Time;

namespace Pier.UnitTests.Distribution;

/// <summary>Real helper programs: shell scripts in a folder of the search path.</summary>
[Collection(nameof(CredentialHelperTests))]
public sealed class CredentialHelperTests : IAsyncLifetime
{
    private readonly TempFolder _folder = TempFolder.Create();
    private readonly string? _path = Environment.GetEnvironmentVariable("PATH");

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public ValueTask InitializeAsync()
    {
        Environment.SetEnvironmentVariable("PATH", $"{_folder.Path}:{_path}");
        return ValueTask.CompletedTask;
    }

    public ValueTask DisposeAsync()
    {
        Environment.SetEnvironmentVariable("PATH", _path);
        return _folder.DisposeAsync();
    }

    [Fact]
    public async Task The_server_goes_in_and_the_login_comes_out()
    {
        Install("good", $$"""read server; test "$1" = get || exit 9; printf '{"ServerURL":"%s","Username":"u-%s","Secret":"p"}' "$server" "$server" """);

        (await Helper().GetAsync("good", "ghcr.io", Cancel)).ShouldBe(new CredentialLookup(new RegistryCredential("u-ghcr.io", "p")));
    }

    [Fact]
    public async Task A_token_user_means_an_identity_token()
    {
        Install("token", """cat >/dev/null; echo '{"Username":"<token>","Secret":"t"}'""");

        (await Helper().GetAsync("token", "ghcr.io", Cancel)).Credential.ShouldBe(new RegistryCredential("", "t", IsIdentityToken: true));
    }

    [Fact]
    public async Task The_registry_s_own_helper_comes_before_the_common_store_and_file_entries_last()
    {
        Install("own", """cat >/dev/null; echo '{"Username":"own","Secret":"p"}'""");
        Install("store", """read server; test "$server" = https://index.docker.io/v1/ && echo '{"Username":"hub","Secret":"p"}' || { echo 'credentials not found in native keychain'; exit 1; }""");
        var config = _folder.Below("config.json");
        await File.WriteAllTextAsync(config, """{"credHelpers":{"ghcr.io":"own"},"credsStore":"store","auths":{"quay.io":{"auth":"dTpw"}}}""", Cancel);
        var source = new DockerCredentials([config], Helper());

        (await source.FindAsync("ghcr.io", Cancel)).Credential!.User.ShouldBe("own");
        (await source.FindAsync("docker.io", Cancel)).Credential!.User.ShouldBe("hub");
        (await source.FindAsync("quay.io", Cancel)).Credential!.User.ShouldBe("u");
        (await source.FindAsync("other.io", Cancel)).ShouldBe(CredentialLookup.None);
    }

    [Theory]
    [InlineData("""echo 'credentials not found in native keychain'; exit 1""", null)]
    [InlineData("""echo '{}'""", null)]
    [InlineData("""echo 'no keyring daemon' ; exit 3""", "ended with 3: no keyring daemon")]
    [InlineData("""echo 'p4ssw0rd without braces'""", "wrote no JSON")]
    [InlineData("""head -c 100000 /dev/zero""", "wrote more than 65536 bytes")]
    [InlineData("""head -c 100000 /dev/zero >&2; echo '{}'""", null)]
    public async Task What_a_helper_says_instead_of_a_login_is_told(string script, string? fault)
    {
        Install("odd", script);

        var found = await Helper().GetAsync("odd", "ghcr.io", Cancel);

        found.Credential.ShouldBeNull();
        (found.Fault ?? "").ShouldContain(fault ?? "");
        (found.Fault is null).ShouldBe(fault is null);
        (found.Fault ?? "").ShouldNotContain("p4ssw0rd");
    }

    [Fact]
    public async Task Any_program_with_arguments_can_stand_in()
    {
        Install("login", """read server; echo "{\"Username\":\"$1\",\"Secret\":\"for $server\"}" """);

        var found = await Helper().RunAsync([_folder.Below("docker-credential-login"), "robot"], "ghcr.io", Cancel);

        found.Credential.ShouldBe(new RegistryCredential("robot", "for ghcr.io"));
    }

    [Fact]
    public async Task A_helper_that_hangs_is_ended()
    {
        Install("slow", $"echo $$ > {_folder.Below("pid")}; exec sleep 1000");
        var clock = new ManualTimeProvider();

        var asking = new CredentialHelper(TimeSpan.FromSeconds(10), clock).GetAsync("slow", "ghcr.io", Cancel);
        await Eventually.TrueAsync(
            () => File.Exists(_folder.Below("pid")) && File.ReadAllText(_folder.Below("pid")).EndsWith('\n'), "it runs", Eventually.Patience, Cancel);
        clock.Advance(TimeSpan.FromSeconds(10));

        (await asking).Fault!.ShouldContain("no answer in 10 s");
        var pid = (await File.ReadAllTextAsync(_folder.Below("pid"), Cancel)).Trim();
        await Eventually.TrueAsync(() => !Directory.Exists($"/proc/{pid}"), "the helper is gone", Eventually.Patience, Cancel);
    }

    [Fact]
    public async Task The_caller_can_give_up()
    {
        Install("slow", $"echo x > {_folder.Below("started")}; exec sleep 1000");
        using var mine = new CancellationTokenSource();

        var asking = Helper().GetAsync("slow", "ghcr.io", mine.Token);
        await Eventually.TrueAsync(() => File.Exists(_folder.Below("started")), "it runs", Eventually.Patience, Cancel);
        await mine.CancelAsync();

        await Should.ThrowAsync<OperationCanceledException>(asking);
    }

    private static CredentialHelper Helper() => new(Eventually.Patience, TimeProvider.System);

    private void Install(string name, string script)
    {
        var file = _folder.Below($"docker-credential-{name}");
        File.WriteAllText(file, $"#!/bin/sh\n{script}\n");
        File.SetUnixFileMode(file, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
    }
}
