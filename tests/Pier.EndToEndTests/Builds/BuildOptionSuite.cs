using System.Text;
using Pier.TestKit.Engines;

namespace Pier.EndToEndTests.Builds;

/// <summary>Ways to start a build that every engine has: Dockerfiles and contexts from a pipe, secrets. The frontend passes them through.</summary>
public abstract class BuildOptionSuite(BuildSetting setting) : BuildSuite(setting)
{
    private const string Small = "/option-small";

    public override async ValueTask InitializeAsync()
    {
        await base.InitializeAsync();
        Setting.Web[Small] = "small"u8.ToArray();
    }

    [Fact]
    public async Task The_Dockerfile_comes_from_a_pipe()
    {
        var context = Setting.Folder.MakeFolder("piped");
        await File.WriteAllTextAsync(Path.Combine(context, "own"), "own", Cancel);
        await File.WriteAllTextAsync(Path.Combine(context, "Dockerfile"), "nonsense", Cancel);

        var files = await BuildAsync(["-f", "-", context], Encoding.UTF8.GetBytes(Dockerfile("COPY own /own")));

        (files["own"].Text, files["f"].Text).ShouldBe(("own", "small"));
    }

    [Fact]
    public async Task The_context_comes_from_a_pipe()
    {
        byte[] Context(string dockerfile) => BuildContext.Tar(("Dockerfile", dockerfile), ("own", "own"), ("left", "left"), (".dockerignore", "left\n"));
        var expected = await BuildAsync(["-"], Context("FROM scratch\nCOPY . /all/"));

        var files = await BuildAsync(["-"], Context(Dockerfile("COPY . /all/")));

        (files["all/own"].Text, files["f"].Text).ShouldBe(("own", "small"));
        files.Keys.Where(path => path != "f").ShouldBe(expected.Keys, ignoreOrder: true);
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
        var secret = Setting.Folder.Below("secret");
        await File.WriteAllTextAsync(secret, "hush", Cancel);
        var dockerfile = $"""
            # syntax={FrontendImage.Name}
            FROM {await DebianAsync()} AS step
            PIER {Setting.At(Small)} /f
            RUN --mount=type=secret,id=word cat /f /run/secrets/word > /both
            FROM scratch
            COPY --from=step /both /
            """;

        var files = await BuildAsync(["--network", "host", "--secret", $"id=word,src={secret}", "-f", "-", Setting.Folder.MakeFolder("secret-context")], Encoding.UTF8.GetBytes(dockerfile));

        files["both"].Text.ShouldBe("smallhush");
        files.Count.ShouldBe(1);
    }

    private string Dockerfile(string line) => $"# syntax={FrontendImage.Name}\nFROM scratch\n{line}\nPIER {Setting.At(Small)} /f\n";

    private async Task<IReadOnlyDictionary<string, BuiltFile>> BuildAsync(IEnumerable<string> arguments, byte[] input)
    {
        var output = Setting.Folder.Below(Path.GetRandomFileName());
        (await Setting.Docker.BuildAsync(["--output", $"type=tar,dest={output}", .. arguments], input, Cancel)).OrThrow();
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
