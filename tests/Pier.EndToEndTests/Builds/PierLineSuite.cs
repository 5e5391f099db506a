using System.IO.Compression;
using System.Security.Cryptography;
using System.Text.RegularExpressions;
using Pier.TestKit.Images;
using Pier.TestKit.Processes;

namespace Pier.EndToEndTests.Builds;

/// <summary>PIER lines in builds of a real engine.</summary>
public abstract class PierLineSuite(BuildSetting setting) : BuildSuite(setting)
{
    [Fact]
    public async Task A_torrents_file_and_folder_come_from_a_peer_and_a_rebuild_is_cached()
    {
        var dockerfile = $"""
            FROM scratch
            PIER {Setting.FileMagnet} /f/
            PIER --chown=5:6 {Setting.FolderMagnet} /tree
            PIER --include=text --chmod=0600 {Setting.FolderMagnet} /some/
            """;

        var built = await Setting.BuildAsync(dockerfile, Cancel);

        built.Files["f/file.bin"].Content.ShouldBe(Setting.FileContent);
        (built.Files["f/file.bin"].Mode, built.Files["f/file.bin"].Owner).ShouldBe(("644", "0:0"));
        (built.Files["tree/bin/prog"].Mode, built.Files["tree/bin/prog"].Owner).ShouldBe(("755", "5:6"));
        built.Files["tree/text"].Text.ShouldBe("text");
        built.Files["tree/big"].Content.Length.ShouldBe(1_000_000);
        built.Files.Keys.Where(path => path.StartsWith("some/", StringComparison.Ordinal)).ShouldBe(["some/text"]);
        built.Files["some/text"].Mode.ShouldBe("600");
        (await Setting.Cluster.Nodes[1].BytesGivenAsync(Cancel)).Swarm.ShouldBeGreaterThan(4_000_000);

        var again = await Setting.BuildAsync(dockerfile, Cancel);

        again.Files["f/file.bin"].Content.ShouldBe(Setting.FileContent);
        CachedSteps(again.Output).ShouldBe(3, again.Output);
    }

    [Fact]
    public async Task A_web_file_is_held_against_its_checksum_and_needs_no_node_while_it_is_cached()
    {
        var content = Setting.Web["/sum.bin"] = RandomNumberGenerator.GetBytes(1000);
        var sum = Convert.ToHexStringLower(SHA256.HashData(content));
        var dockerfile = $"FROM scratch\nPIER --checksum=sha256:{sum} {Setting.At("/sum.bin")} /f";

        (await Setting.BuildAsync(dockerfile, Cancel)).Files["f"].Content.ShouldBe(content);
        var asked = Setting.RequestsFor("/sum.bin");
        var again = await Setting.BuildAsync(dockerfile, Cancel, "--build-arg", "PIER_ENDPOINT=http://127.0.0.1:1");

        again.Files["f"].Content.ShouldBe(content);
        Setting.RequestsFor("/sum.bin").ShouldBe(asked);
    }

    [Fact]
    public async Task A_wrong_checksum_fails_and_names_the_line()
    {
        Setting.Web["/wrong.bin"] = [1, 2, 3];
        var result = await Setting.BuildAsync($"FROM scratch\n\nPIER --checksum=sha256:{new string('0', 64)} {Setting.At("/wrong.bin")} /f", [], Cancel);

        result.ExitCode.ShouldNotBe(0);
        result.Error.ShouldContain("Dockerfile:4: wrong.bin");
    }

    [Fact]
    public async Task Changed_content_is_built_anew_and_the_output_says_how_to_keep_it()
    {
        Setting.Web["/changing"] = "one"u8.ToArray();
        var dockerfile = $"FROM scratch\nPIER {Setting.At("/dead")} {Setting.At("/changing")} /f";

        var first = await Setting.BuildAsync(dockerfile, Cancel);
        first.Files["f"].Text.ShouldBe("one");
        first.Output.ShouldContain($"may change, add --checksum=sha256:{Convert.ToHexStringLower(SHA256.HashData("one"u8))}");
        CachedSteps((await Setting.BuildAsync(dockerfile, Cancel)).Output).ShouldBe(1);
        Setting.Web["/changing"] = "two"u8.ToArray();

        (await Setting.BuildAsync(dockerfile, Cancel)).Files["f"].Text.ShouldBe("two");
    }

    [Theory]
    [InlineData("http://WEB:1/refused")]
    [InlineData("magnet:?xt=urn:btih:0123456789012345678901234567890123456789", Traits = ["Run", "full"])] // The node waits a minute for peers.
    public async Task Of_three_sources_the_third_brings_it_when_the_others_are_dead(string second)
    {
        Setting.Web["/alive"] = "alive"u8.ToArray();
        var refused = second.Replace("WEB", Setting.WebHost.Address.ToString(), StringComparison.Ordinal);

        var built = await Setting.BuildAsync($"FROM scratch\nPIER {Setting.At("/dead")} {refused} {Setting.At("/alive")} /f", Cancel);

        built.Files["f"].Text.ShouldBe("alive");
    }

    [Fact]
    public async Task Variables_are_expanded_and_stages_that_are_not_built_fetch_nothing()
    {
        Setting.Web["/arg-one"] = "one"u8.ToArray();
        Setting.Web["/unused"] = "unused"u8.ToArray();
        var dockerfile = $"""
            ARG WHAT=none
            FROM scratch AS data
            ARG WHAT
            ENV TO=/below
            pier "{Setting.At("/arg-")}$WHAT" \
              # between
              $TO/
            FROM scratch AS unused
            PIER {Setting.At("/unused")} /f
            FROM scratch AS final
            COPY --from=data / /data/
            FROM unused AS last
            """;

        var built = await Setting.BuildAsync(dockerfile, Cancel, "--target", "final", "--build-arg", "WHAT=one");

        built.Files.Keys.ShouldBe(["data/below/arg-one"]);
        Setting.RequestsFor("/unused").ShouldBe(0);
    }

    [Theory]
    [InlineData("tar", null)]
    [InlineData("tar.gz", null)]
    [InlineData("tar.xz", "xz")]
    [InlineData("tar.zst", "zstd")]
    public async Task An_archive_is_unpacked_where_that_is_said(string kind, string? program)
    {
        var path = "/archive." + kind;
        Setting.Web[path] = await PackAsync(kind, program);
        var built = await Setting.BuildAsync($"FROM scratch\nPIER --unpack {Setting.At(path)} /in\nPIER {Setting.At(path)} /as/", Cancel);

        built.Files["in/below/file"].Text.ShouldBe("packed");
        built.Files["as" + path].Content.ShouldBe(Setting.Web[path]);
    }

    [Fact]
    public async Task A_file_of_an_image_comes_by_the_images_digest()
    {
        var image = Setting.Cluster.Images.Debian;
        var built = await Setting.BuildAsync($"FROM scratch\nPIER oci://{image.Repository}@{image.ManifestDigest}!/etc/debian_version /v", Cancel);

        built.Files["v"].Text.Trim().ShouldNotBeEmpty();
        built.Output.ShouldNotContain("may change");
        var named = await Setting.BuildAsync($"FROM scratch\nPIER oci://{image.Name}!/etc/debian_version /v", Cancel);
        named.Files["v"].Content.ShouldBe(built.Files["v"].Content);
        named.Output.ShouldContain("may change, add --checksum=sha256:");
    }

    [Fact]
    public async Task A_blob_comes_by_its_digest_which_is_its_checksum()
    {
        var image = Setting.Cluster.Images.Debian;
        var layer = image.Layers[^1];
        var dockerfile = $"FROM scratch\nPIER {layer.Digest} oci://{image.Repository}@{layer.Digest} /layer";

        var built = await Setting.BuildAsync(dockerfile, Cancel);
        ImagePublisher.DigestOf(built.Files["layer"].Content).ShouldBe(layer.Digest);

        (await Setting.BuildAsync(dockerfile, Cancel, "--build-arg", "PIER_ENDPOINT=http://127.0.0.1:1")).Files["layer"].Content.Length.ShouldBe(built.Files["layer"].Content.Length);
    }

    [Fact]
    public async Task A_folder_by_its_torrent_file_may_change_until_its_own_checksum_is_given()
    {
        var torrent = Setting.At(BuildSetting.FolderTorrent);
        var built = await Setting.BuildAsync($"FROM scratch\nPIER {torrent} /t", Cancel);
        built.Files["t/text"].Text.ShouldBe("text");
        var flag = Regex.Match(built.Output, "may change, add (?<flag>--checksum=tree:sha256:[0-9a-f]{64})", RegexOptions.None, Regex.InfiniteMatchTimeout).Groups["flag"].Value;

        (await Setting.BuildAsync($"FROM scratch\nPIER {flag} {torrent} /t", Cancel)).Files["t/bin/prog"].Mode.ShouldBe("755");
        var wrong = await Setting.BuildAsync($"FROM scratch\nPIER {flag[..^64]}{new string('0', 64)} {torrent} /t", [], Cancel);
        wrong.ExitCode.ShouldNotBe(0);
        wrong.Error.ShouldContain("Dockerfile:3");
    }

    [Fact]
    [Trait("Run", "full")] // The web server keeps the second half back.
    public async Task The_output_tells_bytes_speed_and_sources_while_it_waits()
    {
        var built = await Setting.BuildAsync($"FROM scratch\nPIER {Setting.At(BuildSetting.Halting)} /f", Cancel);

        built.Files["f"].Content.Length.ShouldBe(1 << 20);
        built.Output.ShouldMatch(@"\[pier\] Dockerfile:3: halting: [0-9]+ % of 1 MiB, [0-9.]+ [KM]?i?B/s, from upstream");
    }

    [Fact]
    public async Task The_frontend_can_be_named_by_an_argument_and_the_Dockerfile_come_from_elsewhere()
    {
        Setting.Web["/small"] = "small"u8.ToArray();
        var folder = Setting.Folder.MakeFolder("plain");
        await File.WriteAllTextAsync(Path.Combine(folder, "own"), "own", Cancel);
        var elsewhere = Setting.Folder.Below("Other");
        await File.WriteAllTextAsync(elsewhere, $"FROM scratch\nCOPY own /own\nPIER {Setting.At("/small")} /f", Cancel);
        var output = Setting.Folder.MakeFolder("plain-out");

        (await Setting.Docker.BuildAsync(["--build-arg", "BUILDKIT_SYNTAX=pier/frontend", "-f", elsewhere, "--output", output, folder], Cancel)).OrThrow();

        (await File.ReadAllTextAsync(Path.Combine(output, "f"), Cancel)).ShouldBe("small");
        (await File.ReadAllTextAsync(Path.Combine(output, "own"), Cancel)).ShouldBe("own");
    }

    [Fact]
    public async Task A_context_by_address_is_built_too()
    {
        Setting.Web["/small"] = "small"u8.ToArray();
        Setting.Web["/context.tar"] = BuildContext.Tar(("Dockerfile", $"# syntax=pier/frontend\nFROM scratch\nCOPY own /own\nPIER {Setting.At("/small")} /f"), ("own", "own"));
        var output = Setting.Folder.MakeFolder("remote-out");

        (await Setting.Docker.BuildAsync(["--output", output, Setting.At("/context.tar")], Cancel)).OrThrow();

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
            var path = Setting.Folder.Below("packed");
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
