using Pier.TestKit.Engines;
using Pier.TestKit.Processes;

namespace Pier.EndToEndTests.Builds;

/// <summary>PIER lines of a Dockerfile in a git repository that the engine fetches itself.</summary>
public abstract class GitContextSuite(BuildSetting setting, bool knowsFolders) : BuildSuite(setting)
{
    [Fact]
    public async Task A_repository_is_a_context_with_a_branch_and_a_folder()
    {
        Setting.Web["/git-small"] = "small"u8.ToArray();
        var folder = Setting.Folder.MakeFolder("git");
        var repository = Setting.Folder.MakeFolder("git", "one.git");
        await WriteAsync(repository, "Dockerfile", $"# syntax={FrontendImage.Name}\nFROM scratch\nCOPY own /own\nPIER {Setting.At("/git-small")} /f\n");
        await WriteAsync(repository, "own", "own");
        await WriteAsync(Setting.Folder.MakeFolder("git", "one.git", "below"), "Dockerfile", $"# syntax={FrontendImage.Name}\nFROM scratch\nPIER {Setting.At("/git-small")} /below/\nCOPY . /all/\n");
        foreach (var words in (string[][])[["init", "-q", "-b", "master"], ["add", "."], ["-c", "user.name=a", "-c", "user.email=a@b", "commit", "-q", "-m", "all"]])
        {
            (await Command.RunAsync(RequiredTool.Path("git", "apt-get install git"), ["-C", repository, .. words], Cancel)).OrThrow();
        }

        await using var daemon = await ExternalProcess.StartAsync(
            new ProcessPlan(
                "git daemon",
                RequiredTool.Path("nsenter", "apt-get install util-linux"),
                Setting.WebHost.Namespace.Enter("/usr/bin/git", ["daemon", "--verbose", "--export-all", "--reuseaddr", $"--base-path={folder}", $"--listen={Setting.WebHost.Address}", folder]))
            {
                Ready = Readiness.WhenLogSays("Ready to rumble"),
            },
            Cancel);

        var whole = await BuildAsync("one.git");
        whole["own"].Text.ShouldBe("own");
        whole["f"].Text.ShouldBe("small");
        if (!knowsFolders)
        {
            return;
        }

        var below = await BuildAsync("one.git#master:below");
        below.Keys.Order(StringComparer.Ordinal).ShouldBe(["all/Dockerfile", "below/git-small"]);
    }

    private static Task WriteAsync(string folder, string name, string text) => File.WriteAllTextAsync(Path.Combine(folder, name), text, Cancel);

    private async Task<IReadOnlyDictionary<string, BuiltFile>> BuildAsync(string repository)
    {
        var output = Setting.Folder.Below(Path.GetRandomFileName());
        (await Setting.Docker.BuildAsync(["--output", $"type=tar,dest={output}", $"git://{Setting.WebHost.Address}/{repository}"], Cancel)).OrThrow();
        return await BuildSetting.ReadAsync(output, Cancel);
    }
}

/// <summary>By Docker 20.10, which takes no folder of a repository.</summary>
[Collection(BuildTests.Name)]
public sealed class GitContextTests(BuildSetting setting) : GitContextSuite(setting, knowsFolders: false);

/// <summary>By Docker 28, classic store.</summary>
[Collection(ClassicBuildTests.Name)]
[Trait("Run", "full")]
public sealed class GitContextOnClassicTests(ClassicBuildSetting setting) : GitContextSuite(setting, knowsFolders: true);

/// <summary>By Docker 28, containerd's store.</summary>
[Collection(ContainerdBuildTests.Name)]
[Trait("Run", "full")]
public sealed class GitContextOnContainerdTests(ContainerdBuildSetting setting) : GitContextSuite(setting, knowsFolders: true);
