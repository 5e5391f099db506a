using System.Text.Json.Nodes;
using Pier.TestKit.Engines;

namespace Pier.EndToEndTests.Builds;

/// <summary>Dockerfiles without PIER lines give the images that BuildKit's own frontend makes of them.</summary>
public abstract class OrdinaryDockerfileSuite(BuildSetting setting) : BuildSuite(setting)
{
    private static readonly string[] Dockerfiles =
    [
        "FROM scratch\nCOPY own /",
        "FROM scratch\nCOPY own /a\nCOPY own /b",
        "FROM scratch\nADD own /a/",
        "FROM scratch\nCOPY --chown=1:2 own /a",
        "FROM scratch AS a\nCOPY own /x\nFROM scratch\nCOPY --from=a /x /y",
        "FROM scratch AS a\nCOPY own /x\nFROM a\nCOPY own /y",
        "FROM scratch\nCOPY [\"own\", \"/with space\"]",
        "FROM scratch\nCOPY own \\\n  /a",
        "FROM scratch\nCOPY own \\\n# comment\n  /a",
        "ARG TO=/x\nFROM scratch\nARG TO\nCOPY own $TO",
        "FROM scratch\nARG A=b\nENV C=$A\nCOPY own /$C",
        "FROM scratch\nENV A=1 B=\"two words\"\nCOPY own /",
        "FROM scratch\nENV A one two\nCOPY own /",
        "FROM scratch\nLABEL a=b \"c d\"='e f'\nCOPY own /",
        "FROM scratch\nENTRYPOINT [\"/own\"]\nCMD [\"a\"]\nCOPY own /",
        "FROM scratch\nENTRYPOINT /own a\nCOPY own /",
        "FROM scratch\nCMD echo PIER a b\nCOPY own /",
        "FROM scratch\nWORKDIR /a\nWORKDIR b\nCOPY own .",
        "FROM scratch\nUSER 12:34\nCOPY own /",
        "FROM scratch\nEXPOSE 80 81/udp\nCOPY own /",
        "FROM scratch\nVOLUME /data [\"x\"]\nCOPY own /",
        "FROM scratch\nVOLUME [\"/data\"]\nCOPY own /",
        "FROM scratch\nSTOPSIGNAL SIGINT\nCOPY own /",
        "FROM scratch\nSHELL [\"/x\", \"-c\"]\nCOPY own /",
        "FROM scratch\nHEALTHCHECK --interval=5s CMD [\"/own\"]\nCOPY own /",
        "FROM scratch\nHEALTHCHECK NONE\nCOPY own /",
        "FROM scratch\nONBUILD COPY own /z\nCOPY own /",
        "FROM scratch\nMAINTAINER somebody\nCOPY own /",
        "FROM --platform=$BUILDPLATFORM scratch\nARG TARGETARCH\nENV ARCH=$TARGETARCH\nCOPY own /",
        "FROM scratch\n# PIER a b\nLABEL pier=\"PIER a b\"\nCOPY own /PIER",
        "FROM scratch AS one\nCOPY own /1\nFROM scratch AS two\nCOPY --from=one /1 /2\nFROM two\nCOPY --from=0 /1 /3",
    ];

    [Fact]
    public async Task Thirty_Dockerfiles_give_equal_images()
    {
        var context = Setting.Folder.MakeFolder("ordinary");
        await File.WriteAllTextAsync(Path.Combine(context, "own"), "own", Cancel);
        var different = new List<string>();
        foreach (var dockerfile in Dockerfiles)
        {
            await File.WriteAllTextAsync(Path.Combine(context, "Dockerfile"), dockerfile, Cancel);
            var expected = await BuildAsync("builtin", context);
            var actual = await BuildAsync("pier", context, "--build-arg", $"BUILDKIT_SYNTAX={FrontendImage.Name}");
            if (actual != expected)
            {
                different.Add($"{dockerfile}\n{expected}\n{actual}");
            }
        }

        Dockerfiles.Length.ShouldBeGreaterThan(30);
        different.ShouldBeEmpty();
    }

    /// <summary>What an image is, but for when it was made.</summary>
    private async Task<string> BuildAsync(string tag, string context, params string[] arguments)
    {
        (await Setting.Docker.BuildAsync(["--tag", tag, .. arguments, context], Cancel)).OrThrow();
        var inspected = JsonNode.Parse((await Setting.Docker.DockerAsync(["image", "inspect", tag], Cancel)).OrThrow().Output)![0]!;
        var history = (await Setting.Docker.DockerAsync(["history", "--no-trunc", "--format", "{{.CreatedBy}}|{{.Size}}", tag], Cancel)).OrThrow().Output;
        return $"{inspected["Config"]!.ToJsonString()} {inspected["RootFS"]!.ToJsonString()} {inspected["Architecture"]} {inspected["Os"]}\n{history}";
    }
}

/// <summary>By Docker 20.10.</summary>
[Collection(BuildTests.Name)]
public sealed class OrdinaryDockerfileTests(BuildSetting setting) : OrdinaryDockerfileSuite(setting);

/// <summary>By Docker 28, classic store.</summary>
[Collection(ClassicBuildTests.Name)]
[Trait("Run", "full")]
public sealed class OrdinaryDockerfileOnClassicTests(ClassicBuildSetting setting) : OrdinaryDockerfileSuite(setting);

/// <summary>By Docker 28, containerd's store.</summary>
[Collection(ContainerdBuildTests.Name)]
[Trait("Run", "full")]
public sealed class OrdinaryDockerfileOnContainerdTests(ContainerdBuildSetting setting) : OrdinaryDockerfileSuite(setting);
