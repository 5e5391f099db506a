using System.IO.Compression;
using System.Security.Cryptography;
using Pier.TestKit.Processes;

namespace Pier.EndToEndTests.Builds;

/// <summary>PIER lines in builds of a real engine.</summary>
public abstract class PierLineSuite(BuildSetting setting) : IAsyncLifetime
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync() => await setting.StartAsync(Cancel);

    public ValueTask DisposeAsync()
    {
        GC.SuppressFinalize(this);
        return ValueTask.CompletedTask;
    }

    [Fact]
    public async Task A_torrents_file_and_folder_come_from_a_peer_and_a_rebuild_is_cached()
    {
        var dockerfile = $"""
            FROM scratch
            PIER {setting.FileMagnet} /f/
            PIER --chown=5:6 {setting.FolderMagnet} /tree
            PIER --include=text --chmod=0600 {setting.FolderMagnet} /some/
            """;

        var built = await setting.BuildAsync(dockerfile, Cancel);

        built.Files["f/file.bin"].Content.ShouldBe(setting.FileContent);
        (built.Files["f/file.bin"].Mode, built.Files["f/file.bin"].Owner).ShouldBe(("644", "0:0"));
        (built.Files["tree/bin/prog"].Mode, built.Files["tree/bin/prog"].Owner).ShouldBe(("755", "5:6"));
        built.Files["tree/text"].Text.ShouldBe("text");
        built.Files["tree/big"].Content.Length.ShouldBe(1_000_000);
        built.Files.Keys.Where(path => path.StartsWith("some/", StringComparison.Ordinal)).ShouldBe(["some/text"]);
        built.Files["some/text"].Mode.ShouldBe("600");
        (await setting.Cluster.Nodes[1].BytesGivenAsync(Cancel)).Swarm.ShouldBeGreaterThan(4_000_000);

        var again = await setting.BuildAsync(dockerfile, Cancel);

        again.Files["f/file.bin"].Content.ShouldBe(setting.FileContent);
        CachedSteps(again.Output).ShouldBe(3, again.Output);
    }

    [Fact]
    public async Task A_web_file_is_held_against_its_checksum_and_needs_no_node_while_it_is_cached()
    {
        var content = setting.Web["/sum.bin"] = RandomNumberGenerator.GetBytes(1000);
        var sum = Convert.ToHexStringLower(SHA256.HashData(content));
        var dockerfile = $"FROM scratch\nPIER --checksum=sha256:{sum} {setting.At("/sum.bin")} /f";

        (await setting.BuildAsync(dockerfile, Cancel)).Files["f"].Content.ShouldBe(content);
        var asked = setting.RequestsFor("/sum.bin");
        var again = await setting.BuildAsync(dockerfile, Cancel, "--build-arg", "PIER_ENDPOINT=http://127.0.0.1:1");

        again.Files["f"].Content.ShouldBe(content);
        setting.RequestsFor("/sum.bin").ShouldBe(asked);
    }

    [Fact]
    public async Task A_wrong_checksum_fails_and_names_the_line()
    {
        setting.Web["/wrong.bin"] = [1, 2, 3];
        var result = await setting.BuildAsync($"FROM scratch\n\nPIER --checksum=sha256:{new string('0', 64)} {setting.At("/wrong.bin")} /f", [], Cancel);

        result.ExitCode.ShouldNotBe(0);
        result.Error.ShouldContain("Dockerfile:4: wrong.bin");
    }

    [Fact]
    public async Task Changed_content_is_built_anew_and_the_output_says_how_to_keep_it()
    {
        setting.Web["/changing"] = "one"u8.ToArray();
        var dockerfile = $"FROM scratch\nPIER {setting.At("/dead")} {setting.At("/changing")} /f";

        var first = await setting.BuildAsync(dockerfile, Cancel);
        first.Files["f"].Text.ShouldBe("one");
        first.Output.ShouldContain($"may change, add --checksum=sha256:{Convert.ToHexStringLower(SHA256.HashData("one"u8))}");
        CachedSteps((await setting.BuildAsync(dockerfile, Cancel)).Output).ShouldBe(1);
        setting.Web["/changing"] = "two"u8.ToArray();

        (await setting.BuildAsync(dockerfile, Cancel)).Files["f"].Text.ShouldBe("two");
    }

    [Theory]
    [InlineData("http://WEB:1/refused")]
    [InlineData("magnet:?xt=urn:btih:0123456789012345678901234567890123456789", Traits = ["Run", "full"])] // The node waits a minute for peers.
    public async Task Of_three_sources_the_third_brings_it_when_the_others_are_dead(string second)
    {
        setting.Web["/alive"] = "alive"u8.ToArray();
        var refused = second.Replace("WEB", setting.WebHost.Address.ToString(), StringComparison.Ordinal);

        var built = await setting.BuildAsync($"FROM scratch\nPIER {setting.At("/dead")} {refused} {setting.At("/alive")} /f", Cancel);

        built.Files["f"].Text.ShouldBe("alive");
    }

    [Fact]
    public async Task Variables_are_expanded_and_stages_that_are_not_built_fetch_nothing()
    {
        setting.Web["/arg-one"] = "one"u8.ToArray();
        setting.Web["/unused"] = "unused"u8.ToArray();
        var dockerfile = $"""
            ARG WHAT=none
            FROM scratch AS data
            ARG WHAT
            ENV TO=/below
            pier "{setting.At("/arg-")}$WHAT" \
              # between
              $TO/
            FROM scratch AS unused
            PIER {setting.At("/unused")} /f
            FROM scratch AS final
            COPY --from=data / /data/
            FROM unused AS last
            """;

        var built = await setting.BuildAsync(dockerfile, Cancel, "--target", "final", "--build-arg", "WHAT=one");

        built.Files.Keys.ShouldBe(["data/below/arg-one"]);
        setting.RequestsFor("/unused").ShouldBe(0);
    }

    [Theory]
    [InlineData("tar", null)]
    [InlineData("tar.gz", null)]
    [InlineData("tar.xz", "xz")]
    [InlineData("tar.zst", "zstd")]
    public async Task An_archive_is_unpacked_where_that_is_said(string kind, string? program)
    {
        var path = "/archive." + kind;
        setting.Web[path] = await PackAsync(kind, program);
        var built = await setting.BuildAsync($"FROM scratch\nPIER --unpack {setting.At(path)} /in\nPIER {setting.At(path)} /as/", Cancel);

        built.Files["in/below/file"].Text.ShouldBe("packed");
        built.Files["as" + path].Content.ShouldBe(setting.Web[path]);
    }

    [Fact]
    public async Task A_file_of_an_image_comes_by_the_images_digest()
    {
        var image = setting.Cluster.Images.Debian;
        var built = await setting.BuildAsync($"FROM scratch\nPIER oci://{image.Repository}@{image.ManifestDigest}!/etc/debian_version /v", Cancel);

        built.Files["v"].Text.Trim().ShouldNotBeEmpty();
        built.Output.ShouldNotContain("may change");
    }

    [Fact]
    public async Task The_frontend_can_be_named_by_an_argument_and_the_Dockerfile_come_from_elsewhere()
    {
        setting.Web["/small"] = "small"u8.ToArray();
        var folder = setting.Folder.MakeFolder("plain");
        await File.WriteAllTextAsync(Path.Combine(folder, "own"), "own", Cancel);
        var elsewhere = setting.Folder.Below("Other");
        await File.WriteAllTextAsync(elsewhere, $"FROM scratch\nCOPY own /own\nPIER {setting.At("/small")} /f", Cancel);
        var output = setting.Folder.MakeFolder("plain-out");

        (await setting.Docker.BuildAsync(["--build-arg", "BUILDKIT_SYNTAX=pier/frontend", "-f", elsewhere, "--output", output, folder], Cancel)).OrThrow();

        (await File.ReadAllTextAsync(Path.Combine(output, "f"), Cancel)).ShouldBe("small");
        (await File.ReadAllTextAsync(Path.Combine(output, "own"), Cancel)).ShouldBe("own");
    }

    [Fact]
    public async Task A_context_by_address_is_built_too()
    {
        setting.Web["/small"] = "small"u8.ToArray();
        setting.Web["/context.tar"] = BuildContext.Tar(("Dockerfile", $"# syntax=pier/frontend\nFROM scratch\nCOPY own /own\nPIER {setting.At("/small")} /f"), ("own", "own"));
        var output = setting.Folder.MakeFolder("remote-out");

        (await setting.Docker.BuildAsync(["--output", output, setting.At("/context.tar")], Cancel)).OrThrow();

        (await File.ReadAllTextAsync(Path.Combine(output, "f"), Cancel)).ShouldBe("small");
        (await File.ReadAllTextAsync(Path.Combine(output, "own"), Cancel)).ShouldBe("own");
    }

    private static int CachedSteps(string output)
    {
        // "#7 [1/3] PIER …", and later "#7 CACHED".
        var steps = output.Split('\n').Where(line => line.Contains("] PIER ", StringComparison.Ordinal)).Select(line => line.Split(' ')[0]).ToHashSet(StringComparer.Ordinal);
        return steps.Count(step => output.Split('\n').Any(line => line.Trim() == step + " CACHED"));
    }

    private async Task<byte[]> PackAsync(string kind, string? program)
    {
        var tar = BuildContext.Tar(("below/file", "packed"));
        if (program is not null)
        {
            var path = setting.Folder.Below("packed");
            await File.WriteAllBytesAsync(path, tar, Cancel);
            (await Command.RunAsync(RequiredTool.Path(program, "apt-get install xz-utils zstd"), ["--force", "--keep", path], Cancel)).OrThrow();
            return await File.ReadAllBytesAsync($"{path}.{kind.Split('.')[^1]}", Cancel);
        }

        if (kind == "tar")
        {
            return tar;
        }

        using var buffer = new MemoryStream();
        await using (var gzip = new GZipStream(buffer, CompressionLevel.Fastest, leaveOpen: true))
        {
            await gzip.WriteAsync(tar, Cancel);
        }

        return buffer.ToArray();
    }
}

/// <summary>By Docker 20.10.</summary>
[Collection(BuildTests.Name)]
public sealed class PierLineTests(BuildSetting setting) : PierLineSuite(setting);

/// <summary>By Docker 28, classic store.</summary>
[Collection(ClassicBuildTests.Name)]
[Trait("Run", "full")]
public sealed class PierLineOnClassicTests(ClassicBuildSetting setting) : PierLineSuite(setting);

/// <summary>By Docker 28, containerd's store.</summary>
[Collection(ContainerdBuildTests.Name)]
public sealed class PierLineOnContainerdTests(ContainerdBuildSetting setting) : PierLineSuite(setting);
