using System.Formats.Tar;
using System.Globalization;
using System.Text;

namespace Pier.EndToEndTests.Builds;

/// <summary>Sources that mean harm: the build fails with the line, or the image has what lay inside its own root, and this machine has nothing of it.</summary>
public abstract class HostileSourceSuite(BuildSetting setting) : BuildSuite(setting)
{
    private const string Outside = "pier-hostile-escaped";

    /// <summary>More steps than any engine unpacks below the root.</summary>
    private static readonly string Up = string.Concat(Enumerable.Repeat("../", 30));

    [Theory]
    [InlineData("..", "up", "'..' leads out of the folder")]
    [InlineData("a/b", "in", "a name with character U+002F")]
    [InlineData("", "none", "an empty name")]
    public async Task A_torrent_whose_paths_leave_its_folder_is_refused(string part, string name, string problem)
    {
        var path = $"/{name}.torrent";
        Setting.Web[path] = Torrent(part, Outside);

        var result = await Setting.BuildAsync($"FROM scratch\nPIER {Setting.At(path)} /x/", [], Cancel);

        result.ExitCode.ShouldNotBe(0);
        result.Error.ShouldContain("Dockerfile:3: PIER: ");
        result.Error.ShouldContain(problem);
    }

    [Fact]
    public async Task A_source_of_ten_gigabytes_ends_at_the_nodes_limit_before_it_has_come()
    {
        var result = await Setting.BuildAsync($"FROM scratch\nPIER {Setting.At(BuildSetting.TenGigabytes)} /x", [], Cancel);

        result.ExitCode.ShouldNotBe(0);
        result.Error.ShouldContain("Dockerfile:3: PIER: ");
        result.Error.ShouldContain("larger than the 1073741824 bytes that this node fetches for builds");
    }

    [Fact]
    public async Task Archives_unpack_inside_the_image_or_not_at_all()
    {
        var folder = Setting.Folder.MakeFolder("outside");
        Setting.Web["/up.tar"] = Tar(tar => Add(tar, Up + folder + "/up"));
        Setting.Web["/absolute.tar"] = Tar(tar => Add(tar, folder + "/absolute"));
        Setting.Web["/linked.tar"] = Tar(tar =>
        {
            tar.WriteEntry(new PaxTarEntry(TarEntryType.SymbolicLink, "out") { LinkName = folder });
            Add(tar, "out/linked");
        });
        Setting.Web["/hard.tar"] = Tar(tar => tar.WriteEntry(new PaxTarEntry(TarEntryType.HardLink, "stolen") { LinkName = "../../../../../../etc/hostname" }));
        Setting.Web["/harmless.tar"] = Tar(tar => Add(tar, "also"));
        foreach (var name in (string[])["harmless", "up", "absolute", "linked", "hard"])
        {
            var output = Setting.Folder.Below(Path.GetRandomFileName());
            var result = await Setting.BuildAsync($"FROM scratch\nPIER --unpack {Setting.At($"/{name}.tar")} /in/", ["--output", $"type=tar,dest={output}"], Cancel);
            if (result.ExitCode != 0)
            {
                name.ShouldNotBe("harmless", result.Error);
                $"{result.Output}{result.Error}".ShouldContain($"{name}.tar", Case.Sensitive, "it says which archive it was");
                continue;
            }

            var unpacked = await BuildSetting.ReadAsync(output, Cancel);
            unpacked.Keys.ShouldContain("in/ok", name);
            unpacked.Keys.ShouldAllBe(path => path.StartsWith("in/", StringComparison.Ordinal));
            await using var reader = new TarReader(File.OpenRead(output));
            while (await reader.GetNextEntryAsync(copyData: false, Cancel) is { } entry)
            {
                entry.Name.ShouldNotContain("stolen");
            }
        }

        Directory.EnumerateFileSystemEntries(folder).ShouldBeEmpty();
    }

    [Fact]
    public async Task Links_and_devices_of_an_images_folder_stay_what_they_are_or_are_left_out()
    {
        var image = Setting.Cluster.Images.Debian;
        var output = Setting.Folder.Below("image-tree");
        (await Setting.BuildAsync($"FROM scratch\nPIER oci://{image.Repository}@{image.ManifestDigest}!/etc /in/", ["--output", $"type=tar,dest={output}"], Cancel)).OrThrow();

        await using var reader = new TarReader(File.OpenRead(output));
        var kinds = new HashSet<TarEntryType>();
        while (await reader.GetNextEntryAsync(copyData: false, Cancel) is { } entry)
        {
            kinds.Add(entry.EntryType);
        }

        kinds.ShouldBeSubsetOf([TarEntryType.RegularFile, TarEntryType.Directory, TarEntryType.SymbolicLink]);
        kinds.ShouldContain(TarEntryType.RegularFile);
        (await BuildSetting.ReadAsync(output, Cancel)).Keys.ShouldAllBe(path => path.StartsWith("in/", StringComparison.Ordinal));
    }

    private static byte[] Torrent(string part, string last)
    {
        var path = $"{Word(part)}{Word(last)}";
        return [.. Encoding.ASCII.GetBytes($"d4:infod5:filesld6:lengthi1e4:pathl{path}eee4:name4:evil12:piece lengthi16384e6:pieces20:"), .. new byte[20], .. "ee"u8];
    }

    private static string Word(string text) => string.Create(CultureInfo.InvariantCulture, $"{text.Length}:{text}");

    private static byte[] Tar(Action<TarWriter> write)
    {
        using var buffer = new MemoryStream();
        using (var tar = new TarWriter(buffer, leaveOpen: true))
        {
            Add(tar, "ok");
            write(tar);
        }

        return buffer.ToArray();
    }

    private static void Add(TarWriter tar, string path) =>
        tar.WriteEntry(new PaxTarEntry(TarEntryType.RegularFile, path) { DataStream = new MemoryStream([1]) });
}

/// <summary>By Docker 20.10.</summary>
[Collection(BuildTests.Name)]
public sealed class HostileSourceTests(BuildSetting setting) : HostileSourceSuite(setting);

/// <summary>By Docker 28, classic store.</summary>
[Collection(ClassicBuildTests.Name)]
[Trait("Run", "full")]
public sealed class HostileSourceOnClassicTests(ClassicBuildSetting setting) : HostileSourceSuite(setting);

/// <summary>By Docker 28, containerd's store.</summary>
[Collection(ContainerdBuildTests.Name)]
[Trait("Run", "full")]
public sealed class HostileSourceOnContainerdTests(ContainerdBuildSetting setting) : HostileSourceSuite(setting);
