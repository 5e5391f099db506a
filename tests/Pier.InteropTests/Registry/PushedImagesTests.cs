using Pier.Content;
using Pier.Content.Manifests;
using Pier.InteropTests.Conformance;
using Pier.InteropTests.Programs;
using Pier.InteropTests.Store;
using Pier.Store.Layout;
using Pier.TestKit.Files;
using Pier.TestKit.Processes;
using Pier.TestKit.Stores;
using Pier.TestKit.Time;

namespace Pier.InteropTests.Registry;

/// <summary>Images that real clients push to a real <c>pierd</c>, and what becomes of them.</summary>
public sealed class PushedImagesTests : IAsyncLifetime
{
    private readonly TempFolder _folder = TempFolder.Create("pushed");
    private readonly MemoryContentStore _store = new(new ManualTimeProvider());
    private readonly StoredImage _image;
    private PierProgram _pier = null!;

    public PushedImagesTests() => _image = new StoredImage(_store);

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    private string Door => $"127.0.0.1:{_pier.RegistryPort}";

    private string Layout => $"oci:{_folder.Below("layout")}:{StoredImage.Name}";

    public async ValueTask InitializeAsync()
    {
        await new OciLayoutExporter(_store).ToFolderAsync([_image.Entry], _folder.Below("layout"), Cancel);
        _pier = await PierProgram.StartAsync(Cancel, flags: ["--push"]);
    }

    public async ValueTask DisposeAsync()
    {
        await _pier.DisposeAsync();
        await _folder.DisposeAsync();
    }

    [Fact]
    public async Task Skopeo_pushes_lists_copies_back_and_deletes()
    {
        await SkopeoAsync("copy", "--dest-tls-verify=false", Layout, $"docker://{Door}/local/app:1");
        await SkopeoAsync("copy", "--src-tls-verify=false", "--dest-tls-verify=false", $"docker://{Door}/local/app:1", $"docker://{Door}/local/copy:2");

        (await SkopeoAsync("list-tags", "--tls-verify=false", $"docker://{Door}/local/copy")).Output.ShouldContain("\"2\"");
        await SkopeoAsync("copy", "--src-tls-verify=false", $"docker://{Door}/local/copy:2", $"oci:{_folder.Below("back")}:{StoredImage.Name}");
        var back = new MemoryContentStore(new ManualTimeProvider());
        (await new OciLayoutImporter(back, new LayoutLimits()).FromFolderAsync(_folder.Below("back"), Cancel)).ShouldBe([_image.Entry]);

        await SkopeoAsync("delete", "--tls-verify=false", $"docker://{Door}/local/app:1");
        (await RunSkopeoAsync("inspect", "--tls-verify=false", $"docker://{Door}/local/app:1")).ExitCode.ShouldNotBe(0);
        await SkopeoAsync("inspect", "--tls-verify=false", $"docker://{Door}/local/copy:2");
    }

    [Fact]
    public async Task Skopeo_pushes_Docker_s_own_format()
    {
        await SkopeoAsync("copy", "--format", "v2s2", "--dest-tls-verify=false", Layout, $"docker://{Door}/local/app:docker");

        (await SkopeoAsync("inspect", "--raw", "--tls-verify=false", $"docker://{Door}/local/app:docker")).Output.ShouldContain(MediaTypes.DockerManifest);
    }

    [Fact]
    public async Task Pier_knows_what_was_pushed_shares_it_and_removes_it()
    {
        await SkopeoAsync("copy", "--dest-tls-verify=false", Layout, $"docker://{Door}/local/app:1");

        (await _pier.LinesAsync(Cancel, "images")).ShouldContain(line => line.StartsWith("local/app:1", StringComparison.Ordinal));
        await _pier.SeedsAsync(_image.LargeLayer.Hex, Cancel);
        (await _pier.RunAsync(Cancel, "rm", _image.LargeLayer.ToString())).Error.ShouldContain("local/app");

        await _pier.LinesAsync(Cancel, "rm", "local/app:1");

        using var registry = new RegistryUnderTest(new Uri($"http://{Door}/"), "local/app");
        (await registry.GetAsync(registry.At("manifests/1"))).Is(404);
        (await registry.GetAsync(registry.At($"blobs/{_image.LargeLayer}"))).Is(404);
        (await _pier.RunAsync(Cancel, "blobs")).OrThrow().Output.ShouldNotContain(_image.LargeLayer.Hex[..12]);
    }

    [Fact]
    public async Task An_imported_image_can_be_pulled_and_no_upstream_is_asked()
    {
        var tar = _folder.Below("image.tar");
        await using (var output = File.Create(tar))
        {
            await new OciLayoutExporter(_store).ToTarAsync([_image.Entry], output, Cancel);
        }

        await _pier.LinesAsync(Cancel, "import", tar, "--name", "local/imported:1");
        await _pier.RestartAsync(Cancel);

        await SkopeoAsync("copy", "--src-tls-verify=false", $"docker://{Door}/local/imported:1", $"oci:{_folder.Below("back")}:x");
        using var registry = new RegistryUnderTest(new Uri($"http://{Door}/"), "local/imported");
        (await registry.GetAsync(registry.At("manifests/2"))).IsError(404, "MANIFEST_UNKNOWN");
        (await registry.GetAsync($"/v2/local/none/manifests/1")).IsError(404, "NAME_UNKNOWN");
        (await _pier.RunAsync(Cancel, "pull", "local/none:1")).Error.ShouldContain("repository of one node");
    }

    [Fact]
    public async Task A_push_goes_on_after_a_crash()
    {
        var content = Documents.Random(3_000_000);
        string location;
        using (var before = new RegistryUnderTest(new Uri($"http://{Door}/"), "local/app"))
        {
            location = await before.StartUploadAsync();
            (await before.PatchAsync(location, content[..2_000_000], 0)).Is(202);
        }

        await _pier.CrashAsync(Cancel);

        using var registry = new RegistryUnderTest(new Uri($"http://{Door}/"), "local/app");
        (await registry.GetAsync(location)).Is(204)["Range"].ShouldBe("0-1999999");
        location = (await registry.PatchAsync(location, content[2_000_000..], 2_000_000)).Is(202)["Location"].ShouldNotBeNull();
        var digest = Digest.Compute(content);
        (await registry.SendAsync(HttpMethod.Put, RegistryUnderTest.With(location, $"digest={digest}"), [])).Is(201);
        (await registry.GetAsync(registry.At($"blobs/{digest}"))).Is(200).Body.ShouldBe(content);
    }

    [Theory]
    [InlineData("buildah")]
    [InlineData("podman")]
    public async Task Buildah_and_podman_push_and_pull(string program)
    {
        var tool = RequiredTool.Path(program, $"apt-get install {program}");
        string[] storage = ["--root", _folder.Below("root"), "--runroot", _folder.Below("run"), "--storage-driver", "vfs"];
        var reference = $"{Door}/local/{program}:1";
        var id = (await RunAsync("pull", "--quiet", $"oci:{_folder.Below("layout")}:{StoredImage.Name}")).Trim().Split('\n')[^1];

        await RunAsync("push", "--tls-verify=false", id, $"docker://{reference}");
        await RunAsync("rmi", "--force", id);
        var pulled = (await RunAsync("pull", "--quiet", "--tls-verify=false", $"docker://{reference}")).Trim().Split('\n')[^1];

        // An image goes by the digest of its configuration here.
        pulled.ShouldBe(id);

        async Task<string> RunAsync(params string[] arguments) => (await Command.RunAsync(tool, [.. storage, .. arguments], Cancel)).OrThrow().Output;
    }

    private static async Task<CommandResult> SkopeoAsync(params string[] arguments) => (await RunSkopeoAsync(arguments)).OrThrow();

    private static Task<CommandResult> RunSkopeoAsync(params string[] arguments) =>
        Command.RunAsync(RequiredTool.Path("skopeo", "apt-get install skopeo"), ["--insecure-policy", .. arguments], Cancel);
}
