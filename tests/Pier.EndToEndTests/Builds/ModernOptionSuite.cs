using System.Formats.Tar;
using System.Text.Json.Nodes;
using Pier.TestKit.Engines;

namespace Pier.EndToEndTests.Builds;

/// <summary>Ways to build that BuildKit has had since Docker 23 and later: named contexts, several platforms, descriptions instead of images, attestations.</summary>
public abstract class ModernOptionSuite(BuildSetting setting, bool isContainerd) : BuildSuite(setting)
{
    [Fact]
    public async Task A_named_context_is_there_beside_a_PIER_line()
    {
        Setting.Web["/named"] = "named"u8.ToArray();
        var extra = Setting.Folder.MakeFolder("extra");
        await File.WriteAllTextAsync(Path.Combine(extra, "other"), "other", Cancel);
        var ground = Setting.Folder.MakeFolder("base");
        await File.WriteAllTextAsync(Path.Combine(ground, "below"), "below", Cancel);

        var built = await Setting.BuildAsync(
            $"FROM base\nCOPY --from=extra other /other\nPIER {Setting.At("/named")} /f", Cancel, "--build-context", $"extra={extra}", "--build-context", $"base={ground}");

        (built.Files["f"].Text, built.Files["other"].Text, built.Files["below"].Text).ShouldBe(("named", "other", "below"));
    }

    [Fact]
    public async Task Each_platform_gets_what_its_own_variables_name()
    {
        Setting.Web["/for-amd64"] = "for amd64"u8.ToArray();
        Setting.Web["/for-arm64"] = "for arm64"u8.ToArray();

        if (!isContainerd)
        {
            // The client of the classic store does not even ask.
            (await Setting.BuildAsync("FROM scratch\nCOPY own /", ["--platform", "linux/amd64,linux/arm64"], Cancel)).Error.ShouldContain("Multi-platform build is not supported");
            return;
        }

        var built = await Setting.BuildAsync($"FROM scratch\nARG TARGETARCH\nPIER {Setting.At("/for-")}$TARGETARCH /f", Cancel, "--platform", "linux/amd64,linux/arm64");

        (built.Files["linux_amd64/f"].Text, built.Files["linux_arm64/f"].Text).ShouldBe(("for amd64", "for arm64"));
    }

    [Theory]
    [InlineData("targets")]
    [InlineData("outline")]
    [InlineData("check")]
    public async Task A_description_is_the_one_of_the_engines_own_frontend(string call)
    {
        // A stage's name that is written twice in two ways is what the check warns of.
        var dockerfile = $"# of the file\nARG VERSION=1\nFROM scratch AS first\nINSTRUCTION {Setting.At("/never")} /f\nfrom first as second\nARG WHAT=no\nCOPY own /$WHAT\n";

        var expected = await DescribeAsync(call, dockerfile.Replace("INSTRUCTION", "ADD", StringComparison.Ordinal));
        var actual = await DescribeAsync(call, dockerfile.Replace("INSTRUCTION", "PIER", StringComparison.Ordinal), "--build-arg", $"BUILDKIT_SYNTAX={FrontendImage.Name}");

        actual.ShouldBe(expected);
        actual.ShouldContain(call == "check" ? "ruleName" : "second");
        Setting.RequestsFor("/never").ShouldBe(0);
    }

    [Fact]
    public async Task Provenance_names_the_frontend_and_what_a_PIER_line_brought()
    {
        if (!isContainerd)
        {
            // The classic store keeps no attestations; the client says so.
            (await Setting.BuildAsync("FROM scratch\nCOPY own /", ["--provenance", "mode=max"], Cancel)).Error.ShouldContain("ttestation");
            return;
        }

        Setting.Web["/proved"] = "proved"u8.ToArray();
        var output = Setting.Folder.Below("proved.oci");
        (await Setting.BuildAsync($"FROM scratch\nPIER {Setting.At("/proved")} /f", ["--provenance", "mode=max", "--output", $"type=oci,dest={output}"], Cancel)).OrThrow();

        var blobs = await BlobsAsync(output);

        var statement = blobs.Select(Parse).OfType<JsonObject>().Single(document => document["predicateType"]?.GetValue<string>().Contains("provenance", StringComparison.Ordinal) == true);
        statement.ToJsonString().ShouldSatisfyAllConditions(
            text => text.ShouldContain(FrontendImage.Name),
            text => text.ShouldContain("/pier/data/"),
            text => text.ShouldNotContain("pier.invalid"));
    }

    /// <summary>What the engine tells of a Dockerfile, without what is only its text.</summary>
    private async Task<string> DescribeAsync(string call, string dockerfile, params string[] arguments)
    {
        var told = JsonNode.Parse((await Setting.BuildAsItIsAsync(dockerfile, [$"--call={call},format=json", .. arguments], Cancel)).Output)!.AsObject();
        told.Remove("sources");
        return told.ToJsonString();
    }

    private static JsonNode? Parse(byte[] blob)
    {
        try
        {
            return JsonNode.Parse(blob);
        }
        catch (System.Text.Json.JsonException)
        {
            return null;
        }
    }

    private static async Task<IReadOnlyList<byte[]>> BlobsAsync(string layout)
    {
        var blobs = new List<byte[]>();
        await using var reader = new TarReader(File.OpenRead(layout));
        while (await reader.GetNextEntryAsync(copyData: true, Cancel) is { } entry)
        {
            if (entry.DataStream is { } stream && entry.Name.StartsWith("blobs/", StringComparison.Ordinal))
            {
                using var content = new MemoryStream();
                await stream.CopyToAsync(content, Cancel);
                blobs.Add(content.ToArray());
            }
        }

        return blobs;
    }
}

/// <summary>By Docker 28, classic store.</summary>
[Collection(ClassicBuildTests.Name)]
[Trait("Run", "full")]
public sealed class ModernOptionOnClassicTests(ClassicBuildSetting setting) : ModernOptionSuite(setting, isContainerd: false);

/// <summary>By Docker 28, containerd's store.</summary>
[Collection(ContainerdBuildTests.Name)]
public sealed class ModernOptionOnContainerdTests(ContainerdBuildSetting setting) : ModernOptionSuite(setting, isContainerd: true);
