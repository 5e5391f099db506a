using System.Security.Cryptography.X509Certificates;
using Pier.Content.Passwords;
using Pier.InteropTests.Distribution;
using Pier.InteropTests.Programs;
using Pier.InteropTests.Store;
using Pier.Store.Layout;
using Pier.TestKit.Files;
using Pier.TestKit.Processes;
using Pier.TestKit.Stores;
using Pier.TestKit.Time;

namespace Pier.InteropTests.Registry;

/// <summary>Users, rules, TLS and tokens of a real <c>pierd</c>, as skopeo and a docker-registry see them.</summary>
public sealed class AccessTests : IAsyncLifetime
{
    private const string Alice = "alice:correct horse";
    private const string Bob = "bob:battery staple";

    private readonly TempFolder _folder = TempFolder.Create("access");
    private readonly MemoryContentStore _store = new(new ManualTimeProvider());
    private readonly StoredImage _image;
    private readonly int _tlsPort = FreePort.Next();
    private PierProgram _pier = null!;

    public AccessTests() => _image = new StoredImage(_store);

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    private string Image => $"oci:{_folder.Below("layout")}:{StoredImage.Name}";

    private string TlsDoor => $"localhost:{_tlsPort}";

    public async ValueTask InitializeAsync()
    {
        await new OciLayoutExporter(_store).ToFolderAsync([_image.Entry], _folder.Below("layout"), Cancel);
        var users = _folder.Below("users");
        await File.WriteAllLinesAsync(users, ["# who may push", .. new[] { Alice, Bob }.Select(user => user.Split(':')).Select(user => new UserLine(user[0], PasswordHash.Create(user[1])).ToString())], Cancel);
        File.SetUnixFileMode(users, UnixFileMode.UserRead | UnixFileMode.UserWrite);
        _pier = await PierProgram.StartAsync(Cancel, new Dictionary<string, object>(StringComparer.Ordinal)
        {
            ["push"] = true,
            ["users"] = users,
            ["registryTls"] = $"127.0.0.1:{_tlsPort}",
            ["access"] = new Dictionary<string, object>(StringComparer.Ordinal)
            {
                ["local/team/**"] = new { pull = "*", push = "alice" },
                ["team/*"] = new { pull = "*", push = "alice" },
            },
        });
    }

    public async ValueTask DisposeAsync()
    {
        await _pier.DisposeAsync();
        await _folder.DisposeAsync();
    }

    [Fact]
    public async Task Skopeo_pushes_and_pulls_over_TLS_as_the_rules_let_it()
    {
        var trust = _folder.MakeFolder("certificates");
        File.Copy(_pier.StateFile("registry-ca.crt"), Path.Combine(trust, "ca.crt"));
        var reference = $"docker://{TlsDoor}/local/team/app:1";

        (await CopyToAsync(reference, trust, Bob)).ExitCode.ShouldNotBe(0);
        (await CopyToAsync(reference, trust, "alice:nonsense")).ExitCode.ShouldNotBe(0);
        (await CopyToAsync(reference, _folder.MakeFolder("no-certificates"), Alice)).Error.ShouldContain("certificate");
        (await CopyToAsync(reference, trust, Alice)).OrThrow();

        (await SkopeoAsync("inspect", "--cert-dir", trust, reference)).ExitCode.ShouldNotBe(0);
        (await SkopeoAsync("inspect", "--cert-dir", trust, "--creds", Bob, reference)).OrThrow();
        var logins = _folder.Below("auth.json");
        (await SkopeoAsync("login", "--authfile", logins, "--cert-dir", trust, "--username", "bob", "--password", "nonsense", TlsDoor)).ExitCode.ShouldNotBe(0);
        (await SkopeoAsync("login", "--authfile", logins, "--cert-dir", trust, "--username", "bob", "--password", "battery staple", TlsDoor)).OrThrow();
        (await SkopeoAsync("copy", "--src-authfile", logins, "--src-cert-dir", trust, reference, $"oci:{_folder.Below("back")}:x")).OrThrow();
        (await SkopeoAsync("delete", "--authfile", logins, "--cert-dir", trust, reference)).ExitCode.ShouldNotBe(0);
    }

    [Fact]
    public async Task What_is_private_is_in_no_swarm_and_what_is_public_is()
    {
        var door = $"docker://127.0.0.1:{_pier.RegistryPort}/local";
        (await SkopeoAsync("copy", "--dest-tls-verify=false", "--dest-creds", Alice, Image, $"{door}/team/app:1")).OrThrow();
        using var http = new HttpClient(new SocketsHttpHandler { UseProxy = false });
        var seed = new Uri($"http://127.0.0.1:{_pier.RegistryPort}/webseed/{_image.LargeLayer.Hex}");
        using (var hidden = await http.GetAsync(seed, Cancel))
        {
            ((int)hidden.StatusCode).ShouldBe(404);
        }

        (await SkopeoAsync("copy", "--dest-tls-verify=false", "--dest-creds", Alice, Image, $"{door}/open/app:1")).OrThrow();

        using var shown = await http.GetAsync(seed, Cancel);
        ((int)shown.StatusCode).ShouldBe(200);
        await _pier.SeedsAsync(_image.LargeLayer.Hex, Cancel);
    }

    [Fact]
    public async Task A_docker_registry_trusts_the_tokens_of_Pier()
    {
        var realm = $"http://127.0.0.1:{_pier.RegistryPort}/token";
        using (var http = new HttpClient(new SocketsHttpHandler { UseProxy = false }))
        {
            // The key is made when the first token is asked for.
            (await http.GetStringAsync(new Uri(realm), Cancel)).ShouldContain("token");
        }

        var bundle = _folder.Below("bundle.pem");
        using (var certificate = X509Certificate2.CreateFromPem(await File.ReadAllTextAsync(_pier.StateFile("tokens.pem"), Cancel)))
        {
            await File.WriteAllTextAsync(bundle, certificate.ExportCertificatePem(), Cancel);
        }

        await using var registry = await LoopbackRegistry.StartAsync(
            _folder.MakeFolder("storage"), $"  token: {{realm: \"{realm}\", service: pier, issuer: pier, rootcertbundle: \"{bundle}\"}}", "", Cancel);
        var reference = $"docker://{registry.Name}/team/app:1";

        (await SkopeoAsync("copy", "--dest-tls-verify=false", "--dest-creds", Bob, Image, reference)).ExitCode.ShouldNotBe(0);
        (await SkopeoAsync("copy", "--dest-tls-verify=false", "--dest-creds", Alice, Image, reference)).OrThrow();
        (await SkopeoAsync("inspect", "--tls-verify=false", reference)).ExitCode.ShouldNotBe(0);
        (await SkopeoAsync("inspect", "--tls-verify=false", "--creds", Bob, reference)).OrThrow();
    }

    private Task<CommandResult> CopyToAsync(string reference, string certificates, string credentials) =>
        SkopeoAsync("copy", "--dest-cert-dir", certificates, "--dest-creds", credentials, Image, reference);

    private static Task<CommandResult> SkopeoAsync(params string[] arguments) =>
        Command.RunAsync(RequiredTool.Path("skopeo", "apt-get install skopeo"), ["--insecure-policy", .. arguments], Cancel);
}
