using System.Formats.Tar;
using System.Text.Json;
using Pier.Content;
using Pier.Engines.Images;
using Pier.UnitTests.House;

namespace Pier.UnitTests.Installing;

/// <summary>The image that <c>pier install docker</c> loads is the one that plugins/buildkit-frontend describes.</summary>
public sealed class FrontendArchiveTests
{
    private static readonly byte[] Program = [1, 2, 3];
    private static readonly byte[] Seeder = [4, 5];

    [Fact]
    public void The_same_programs_give_the_same_image() =>
        FrontendArchive.Make(Program, Seeder).ToArray().ShouldBe(FrontendArchive.Make(Program, Seeder).ToArray());

    [Fact]
    public void Without_pierdat_the_image_has_the_frontend_alone()
    {
        var files = Files(FrontendArchive.Make(Program, seeder: null));

        Files(new MemoryStream(files.Single(file => file.Key.EndsWith("layer.tar", StringComparison.Ordinal)).Value.Content)).Keys.ShouldBe(["pier-frontend"]);
    }

    [Fact]
    public void Its_parts_name_one_another_by_digest()
    {
        var files = Files(FrontendArchive.Make(Program, Seeder));
        using var manifest = JsonDocument.Parse(files["manifest.json"].Content);
        var image = manifest.RootElement[0];
        image.GetProperty("RepoTags")[0].GetString().ShouldBe("pier/frontend:latest");
        var config = image.GetProperty("Config").GetString()!;
        var layer = image.GetProperty("Layers")[0].GetString()!;

        config.ShouldBe(Digest.Compute(files[config].Content).Hex + ".json");
        using var described = JsonDocument.Parse(files[config].Content);
        described.RootElement.GetProperty("rootfs").GetProperty("diff_ids")[0].GetString().ShouldBe(Digest.Compute(files[layer].Content).ToString());
        described.RootElement.GetProperty("config").GetProperty("Entrypoint")[0].GetString().ShouldBe("/pier-frontend");
        var programs = Files(new MemoryStream(files[layer].Content));
        programs["pier-frontend"].Content.ShouldBe(Program);
        programs["pierdat"].Content.ShouldBe(Seeder);
        programs.Values.ShouldAllBe(program => program.Mode.HasFlag(UnixFileMode.OtherExecute));
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
