using System.Text.Json.Nodes;
using Pier.TestKit.Engines;

namespace Pier.EndToEndTests.Builds;

/// <summary>
/// PIER lines in every kind of surroundings that a Dockerfile has, against BuildKit's own parser: the same text with ADD in their
/// place, built without the frontend, has the same stages and makes the same files.
/// </summary>
public abstract class ParserComparisonSuite(BuildSetting setting, bool isModern) : BuildSuite(setting)
{
    private const int AtOnce = 4;
    private const string Fails = "fails";

    /// <summary>@PIER is the instruction, written so; every other PIER is text. @A is the address of a file.</summary>
    private static readonly string[] Dockerfiles =
    [
        "FROM scratch\n@PIER @A /f",
        "FROM scratch\n@pier @A /f",
        "FROM scratch\n@Pier @A /f\n",
        "FROM scratch\n  \t@PIER @A /f",
        "FROM scratch\n@PIER\t@A\t/f \t ",
        "FROM scratch\r\n@PIER @A /f\r\n",
        "FROM scratch\r\n@PIER @A \\\r\n  /f\r\nENV A=B\r\n",
        "FROM scratch\n@PIER @A \\\n    /f",
        "FROM scratch\n@PIER @A \\  \n /f",
        "FROM scratch\n@PIER \\\n# PIER x y\n  @A \\\n  # more\n /f",
        "FROM scratch\n@PIER @A \\\n\n /f",
        "FROM scratch\n@PIER @A /f\\\noo",
        "FROM scratch\n@PI\\\nER @A /f",
        "FROM scratch\n@PIER @A /f \\",
        "# escape=`\nFROM scratch\n@PIER @A `\n /f",
        "# Escape = `\nFROM scratch\n@PIER @A /a`\nb",
        "#escape=`\nFROM scratch\n@PIER @A /a\\b",
        "# escape=`\nFROM scratch\nENV X=1\n@PIER @A /a`$X",
        "# comment\n# escape=`\nFROM scratch\n@PIER @A \\\n /f",
        "\n# escape=`\nFROM scratch\n@PIER @A \\\n /f",
        "FROM scratch\n# PIER nonsense\n@PIER @A /f\n# PIER",
        "FROM scratch\n   # PIER x\n@PIER @A /f",
        "FROM scratch\nCOPY own \\\nPIER/\n@PIER @A /f",
        "FROM scratch\nENV A=1 \\\n PIER=two\n@PIER @A /$PIER",
        "FROM scratch\nLABEL x=\"a \\\nPIER b c\"\n@PIER @A /f",
        "FROM scratch\nLABEL x=a\\\\\n@PIER @A /f",
        "FROM scratch\n@PIER [\"@A\", \"/with space\"]",
        "FROM scratch\n@PIER [ \"@A\" ,\\\n \"/f\" ]",
        "FROM scratch\n@PIER \"@A\" \"/f\"",
        "FROM scratch\nENV X=1\n@PIER @A '/f$X'",
        "FROM scratch\nARG X=1\n@PIER @A /${X}/${Y:-none}/${X:+some}",
        "FROM scratch\n@PIER @A /a\\$X",
        "ARG T=/x\nFROM scratch\n@PIER @A /f$T",
        "ARG T=/x\nFROM scratch\nARG T\nENV T=/y\n@PIER @A $T",
        "FROM scratch AS a\n@PIER @A /f\nFROM scratch\nCOPY --from=a /f /g",
        "FROM scratch AS pier\n@PIER @A /f\nFROM pier\nCOPY --from=pier /f /g",
        "FROM scratch\n@PIER @A /f\nFROM scratch AS b\n@PIER @A /x\nFROM scratch\nCOPY --from=0 /f /g\nCOPY --from=b / /",
        "FROM scratch\nWORKDIR /w\n@PIER @A sub/\n@PIER @A .",
        "FROM scratch\nCOPY own /f\n@PIER @A /f",
        "FROM scratch\n@PIER --chown=1:2 @A /f",
        "FROM scratch\nCMD [\"PIER\", \"a\"]\nONBUILD COPY own /z\n@PIER @A /f",
        "FROM scratch\n \n\t\n@PIER @A /f\n\n\n",
        "\uFEFFFROM scratch\n@PIER @A /f",
    ];

    /// <summary>What BuildKit's own frontend refuses; so must ours.</summary>
    private static readonly string[] Refused =
    [
        "# escape=x\nFROM scratch\n@PIER @A /f",
        "FROM scratch\n@PIER @A \"/two words\"",
        "FROM scratch\n@PIER @A /f # no comment",
        "FROM scratch\n@PIER",
        "FROM scratch\n@PIERX A /f",
        "@PIER @A /f\nFROM scratch",
    ];

    /// <summary>With here-documents, which BuildKit knows since 0.10.</summary>
    private static readonly string[] ModernDockerfiles =
    [
        "FROM scratch\nCOPY <<EOF /h\nPIER x y\nEOF\n@PIER @A /f",
        "FROM scratch\nCOPY <<-EOF /h\n\tPIER x\n\tEOF\n@PIER @A /f",
        "FROM scratch\nARG X=1\nCOPY <<\"EOF\" /h\nPIER $X \\\nEOF\n@PIER @A /f",
        "FROM scratch\nCOPY <<one <<two /dir/\nPIER 1\none\nPIER 2\ntwo\n@PIER @A /f",
        "FROM scratch\nCOPY <<EOF /h\nPIER\n EOF\nEOF2\nEOF\n@PIER @A /f",
        "FROM scratch\nADD <<EOF /h\nPIER x y\nEOF\n@PIER @A /f",
        "FROM scratch AS x\nRUN <<EOF\nPIER a b\nEOF\nFROM scratch\n@PIER @A /f",
        "FROM scratch\nCOPY <<EOF \\\n /h\nPIER x\nEOF\n@PIER @A /f",
        "# escape=`\nFROM scratch\nCOPY <<EOF /h\nPIER a \\\nEOF\n@PIER @A `\n /f",
        "FROM scratch\n@PIER @A /a<<b",
        "FROM scratch\nLABEL x=\"<<EOF\"\n@PIER @A /f",
    ];

    /// <summary>And what BuildKit refuses besides; an older one has no here-documents, and takes the second for a pattern that no file fits.</summary>
    private static readonly string[] ModernRefused =
    [
        "FROM scratch\nCOPY <<EOF /h\nPIER x y\n@PIER @A /f",
        "FROM scratch\n@PIER [@A, /f]",
    ];

    [Fact]
    public async Task Stages_and_files_are_those_of_the_engines_own_parser()
    {
        Setting.Web["/a"] = "content"u8.ToArray();
        string[] builds = isModern ? [.. Dockerfiles, .. ModernDockerfiles] : Dockerfiles;
        string[] cases = isModern ? [.. builds, .. Refused, .. ModernRefused] : [.. builds, .. Refused];
        var different = new string?[cases.Length];
        await Parallel.ForEachAsync(Enumerable.Range(0, cases.Length), new ParallelOptions { MaxDegreeOfParallelism = AtOnce, CancellationToken = Cancel }, async (index, _) =>
        {
            var expected = await SeeAsync(Write(cases[index], "ADD"));
            var actual = await SeeAsync(Write(cases[index], "PIER"), "--build-arg", $"BUILDKIT_SYNTAX={FrontendImage.Name}");
            different[index] = actual != expected ? $"{cases[index]}\n--- expected\n{expected}\n--- actual\n{actual}\n"
                : expected == Fails != index >= builds.Length ? $"{cases[index]}\n--- the engine's own frontend {(expected == Fails ? "refuses" : "builds")} it\n"
                : null;
        });

        different.OfType<string>().ShouldBeEmpty();
        builds.Length.ShouldBeGreaterThanOrEqualTo(40);
    }

    private string Write(string dockerfile, string instruction) => dockerfile
        .Replace("@PIER", instruction, StringComparison.Ordinal)
        .Replace("@PI\\\nER", $"{instruction[..2]}\\\n{instruction[2..]}", StringComparison.Ordinal)
        .Replace("@pier", instruction.ToLowerInvariant(), StringComparison.Ordinal)
        .Replace("@Pier", instruction[..1] + instruction[1..].ToLowerInvariant(), StringComparison.Ordinal)
        .Replace("@A", Setting.At("/a"), StringComparison.Ordinal);

    /// <summary>The stages as the engine tells them, where it can, and the files by path.</summary>
    private async Task<string> SeeAsync(string dockerfile, params string[] arguments)
    {
        var output = Setting.Folder.Below(Path.GetRandomFileName());
        if ((await Setting.BuildAsItIsAsync(dockerfile, ["--output", $"type=tar,dest={output}", .. arguments], Cancel)).ExitCode != 0)
        {
            return Fails;
        }

        var files = string.Join('\n', (await BuildSetting.ReadAsync(output, Cancel)).Select(file => $"{file.Key}: {file.Value.Text}").Order(StringComparer.Ordinal));
        return isModern ? $"{await StagesAsync(dockerfile, arguments)}\n{files}" : files;
    }

    private async Task<string> StagesAsync(string dockerfile, string[] arguments)
    {
        var told = (await Setting.BuildAsItIsAsync(dockerfile, ["--call=targets,format=json", .. arguments], Cancel)).OrThrow().Output;
        return JsonNode.Parse(told)!["targets"]!.ToJsonString();
    }
}

/// <summary>By Docker 20.10.</summary>
[Collection(BuildTests.Name)]
[Trait("Run", "full")]
public sealed class ParserComparisonTests(BuildSetting setting) : ParserComparisonSuite(setting, isModern: false);

/// <summary>By Docker 28, classic store.</summary>
[Collection(ClassicBuildTests.Name)]
[Trait("Run", "full")]
public sealed class ParserComparisonOnClassicTests(ClassicBuildSetting setting) : ParserComparisonSuite(setting, isModern: true);

/// <summary>By Docker 28, containerd's store.</summary>
[Collection(ContainerdBuildTests.Name)]
public sealed class ParserComparisonOnContainerdTests(ContainerdBuildSetting setting) : ParserComparisonSuite(setting, isModern: true);
