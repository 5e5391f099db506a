using System.Formats.Tar;
using System.Text.Json;
using Pier.Content;
using Pier.Content.Manifests;
using Pier.Engines.Images;
using Pier.Store.Layout;
using Pier.TestKit.Stores;
using Pier.UnitTests.House;

namespace Pier.UnitTests.Installing;

/// <summary>The image that <c>pier install docker</c> loads is the one that plugins/buildkit-frontend describes.</summary>
public sealed class FrontendArchiveTests
{
    private static readonly byte[] Program = [1, 2, 3];
    private static readonly byte[] Seeder = [4, 5];

    [Fact]
    public void The_same_programs_give_the_same_image() =>
        Bytes(FrontendArchive.Make(Program, Seeder)).ShouldBe(Bytes(FrontendArchive.Make(Program, Seeder)));

    [Fact]
    public void Without_pierdat_the_image_has_the_frontend_alone()
    {
        var pack = FrontendArchive.Make(Program, seeder: null);
        var files = Files(pack.Archive);

        pack.Serves.ShouldBeFalse();
        Files(new MemoryStream(files[LayerOf(files)].Content)).Keys.ShouldBe(["pier-frontend"]);
    }

    [Fact]
    public void Its_parts_name_one_another_by_digest()
    {
        var pack = FrontendArchive.Make(Program, Seeder);
        pack.Serves.ShouldBeTrue();
        var files = Files(pack.Archive);
        using var saved = JsonDocument.Parse(files["manifest.json"].Content);
        var image = saved.RootElement[0];
        image.GetProperty("RepoTags")[0].GetString().ShouldBe("pier/frontend:latest");
        var config = image.GetProperty("Config").GetString()!;
        var layer = image.GetProperty("Layers")[0].GetString()!;

        config.ShouldBe("blobs/sha256/" + Digest.Compute(files[config].Content).Hex);
        using var described = JsonDocument.Parse(files[config].Content);
        described.RootElement.GetProperty("rootfs").GetProperty("diff_ids")[0].GetString().ShouldBe(Digest.Compute(files[layer].Content).ToString());
        described.RootElement.GetProperty("config").GetProperty("Entrypoint")[0].GetString().ShouldBe("/pier-frontend");
        var programs = Files(new MemoryStream(files[layer].Content));
        programs["pier-frontend"].Content.ShouldBe(Program);
        programs["pierdat"].Content.ShouldBe(Seeder);
        programs.Values.ShouldAllBe(program => program.Mode.HasFlag(UnixFileMode.OtherExecute));
    }

    [Fact]
    public async Task It_is_an_image_layout_that_the_store_imports()
    {
        var pack = FrontendArchive.Make(Program, Seeder);
        var store = new MemoryContentStore(TimeProvider.System);

        var image = (await new OciLayoutImporter(store, new LayoutLimits()).FromTarAsync(pack.Archive, TestContext.Current.CancellationToken)).ShouldHaveSingleItem();

        image.Digest.ToString().ShouldBe(pack.Digest);
        image.MediaType.ShouldBe(MediaTypes.OciManifest);
        pack.Archive.Position = 0;
        var files = Files(pack.Archive);
        using var manifest = JsonDocument.Parse(files["blobs/sha256/" + image.Digest.Hex].Content);
        manifest.RootElement.GetProperty("layers")[0].GetProperty("digest").GetString().ShouldBe(Digest.Compute(files[LayerOf(files)].Content).ToString());
        using var index = JsonDocument.Parse(files["index.json"].Content);
        index.RootElement.GetProperty("manifests")[0].GetProperty("annotations").GetProperty("io.containerd.image.name").GetString().ShouldBe("docker.io/pier/frontend:latest");
    }

    [Fact]
    public void Its_labels_are_those_of_the_Dockerfile()
    {
        var dockerfile = File.ReadAllText(Path.Combine(Tree.Root, "plugins", "buildkit-frontend", "Dockerfile"));

        foreach (var (name, value) in FrontendArchive.ImageLabels)
        {
            dockerfile.ShouldContain($"{name}=\"{value}\"");
        }
        dockerfile.Split("=\"").Length.ShouldBe(FrontendArchive.ImageLabels.Count + 1, "no label is left out");
    }

    private static byte[] Bytes(FrontendPack pack) => ((MemoryStream)pack.Archive).ToArray();

    private static string LayerOf(Dictionary<string, (byte[] Content, UnixFileMode Mode)> files)
    {
        using var saved = JsonDocument.Parse(files["manifest.json"].Content);
        return saved.RootElement[0].GetProperty("Layers")[0].GetString()!;
    }

    private static Dictionary<string, (byte[] Content, UnixFileMode Mode)> Files(Stream tar)
    {
        var files = new Dictionary<string, (byte[], UnixFileMode)>(StringComparer.Ordinal);
        using var reader = new TarReader(tar);
        while (reader.GetNextEntry(copyData: true) is { } entry)
        {
            using var content = new MemoryStream();
            entry.DataStream?.CopyTo(content);
            files[entry.Name] = (content.ToArray(), entry.Mode);
        }
        return files;
    }
}
