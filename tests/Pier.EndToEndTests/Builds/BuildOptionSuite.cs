using System.Text;
using Pier.TestKit.Engines;

namespace Pier.EndToEndTests.Builds;

/// <summary>Ways to start a build that every engine has: Dockerfiles and contexts from a pipe, secrets. The frontend passes them through.</summary>
public abstract class BuildOptionSuite(BuildSetting setting) : IAsyncLifetime
{
    private const string Small = "/option-small";

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        await setting.StartAsync(Cancel);
        setting.Web[Small] = "small"u8.ToArray();
    }

    public ValueTask DisposeAsync()
    {
        GC.SuppressFinalize(this);
        return ValueTask.CompletedTask;
    }

    [Fact]
    public async Task The_Dockerfile_comes_from_a_pipe()
    {
        var context = setting.Folder.MakeFolder("piped");
        await File.WriteAllTextAsync(Path.Combine(context, "own"), "own", Cancel);
        await File.WriteAllTextAsync(Path.Combine(context, "Dockerfile"), "nonsense", Cancel);

        var files = await BuildAsync(["-f", "-", context], Encoding.UTF8.GetBytes(Dockerfile("COPY own /own")));

        (files["own"].Text, files["f"].Text).ShouldBe(("own", "small"));
    }

    [Fact]
    public async Task The_context_comes_from_a_pipe()
    {
        var files = await BuildAsync(["-"], BuildContext.Tar(("Dockerfile", Dockerfile("COPY . /all/")), ("own", "own"), ("left", "left"), (".dockerignore", "left\n")));

        (files["all/own"].Text, files["f"].Text).ShouldBe(("own", "small"));
        files.Keys.ShouldNotContain("all/left");
    }

    [Fact]
    public async Task A_Dockerfile_alone_comes_from_a_pipe()
    {
        var files = await BuildAsync(["-"], Encoding.UTF8.GetBytes(Dockerfile("")));

        files.Keys.ShouldBe(["f"]);
    }

    [Fact]
    public async Task Secrets_reach_build_steps_and_nothing_else()
    {
        await setting.Docker.PullAsync(setting.Cluster.Images.Debian.Name, Cancel);
        var secret = setting.Folder.Below("secret");
        await File.WriteAllTextAsync(secret, "hush", Cancel);
        var dockerfile = $"""
            # syntax={FrontendImage.Name}
            FROM {setting.Cluster.Images.Debian.Name} AS step
            PIER {setting.At(Small)} /f
            RUN --mount=type=secret,id=word cat /f /run/secrets/word > /both
            FROM scratch
            COPY --from=step /both /
            """;

        var files = await BuildAsync(["--network", "host", "--secret", $"id=word,src={secret}", "-f", "-", setting.Folder.MakeFolder("secret-context")], Encoding.UTF8.GetBytes(dockerfile));

        files["both"].Text.ShouldBe("smallhush");
        files.Count.ShouldBe(1);
    }

    private string Dockerfile(string line) => $"# syntax={FrontendImage.Name}\nFROM scratch\n{line}\nPIER {setting.At(Small)} /f\n";

    private async Task<IReadOnlyDictionary<string, BuiltFile>> BuildAsync(IEnumerable<string> arguments, byte[] input)
    {
        var output = setting.Folder.Below(Path.GetRandomFileName());
        (await setting.Docker.BuildAsync(["--output", $"type=tar,dest={output}", .. arguments], input, Cancel)).OrThrow();
        return await BuildSetting.ReadAsync(output, Cancel);
    }
}

/// <summary>By Docker 20.10.</summary>
[Collection(BuildTests.Name)]
public sealed class BuildOptionTests(BuildSetting setting) : BuildOptionSuite(setting);

/// <summary>By Docker 28, classic store.</summary>
[Collection(ClassicBuildTests.Name)]
[Trait("Run", "full")]
public sealed class BuildOptionOnClassicTests(ClassicBuildSetting setting) : BuildOptionSuite(setting);

/// <summary>By Docker 28, containerd's store.</summary>
[Collection(ContainerdBuildTests.Name)]
[Trait("Run", "full")]
public sealed class BuildOptionOnContainerdTests(ContainerdBuildSetting setting) : BuildOptionSuite(setting);
