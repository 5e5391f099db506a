using System.Security.Cryptography;
using Pier.TestKit;

namespace Pier.EndToEndTests.Builds;

/// <summary>Images that serve what their PIER lines brought: another machine's libtorrent gets it from the running container alone.</summary>
public abstract class ServedImageSuite(BuildSetting setting) : ServingSuite(setting)
{
    [Theory]
    [InlineData("exec", "ENTRYPOINT [\"sleep\"]\nCMD [\"1000\"]", "0")]
    [InlineData("shell", "ENTRYPOINT exec sleep 1000", "0")]
    [InlineData("none", "CMD [\"sleep\", \"1000\"]", "0")]
    [InlineData("user", "USER 1234:1234\nENTRYPOINT [\"sleep\", \"1000\"]", "1234")]
    public async Task The_container_serves_and_its_program_is_process_1(string form, string entryPoint, string user)
    {
        var content = Setting.Web[$"/served-{form}.bin"] = RandomNumberGenerator.GetBytes(2_000_000);
        await BuildAsync("served-" + form, $"""
            FROM {await DebianAsync()}
            PIER --serve --chown=5:6 {Setting.At($"/served-{form}.bin")} /data/
            {entryPoint}
            """);

        var (container, port) = await Containers.RunAsync("served-" + form, Cancel);

        await Eventually.TrueAsync(async () => await ProgramAsync(container) == $"sleep {user}", "the program took process 1", Deadline, Cancel);
        var torrent = await Containers.TorrentAsync(container, Cancel);
        (await Containers.GetAsync(torrent, port, form, Cancel)).ShouldBe(content);
        if (form != "exec")
        {
            return;
        }

        (await Setting.Docker.DockerAsync(["kill", container], Cancel)).OrThrow();
        (await Setting.Docker.DockerAsync(["start", container], Cancel)).OrThrow();
        (await Containers.GetAsync(torrent, port, "again", Cancel)).ShouldBe(content);
        (await Setting.Docker.DockerAsync(["run", "--rm", "--network", "none", "--entrypoint", "/usr/bin/pierdat", "served-exec", "exec", "--", "sh", "-c", "exit 7"], Cancel)).ExitCode.ShouldBe(7);
    }

    [Fact]
    public async Task A_folder_is_served_by_the_torrent_it_came_by_from_an_image_that_has_nothing_else()
    {
        await BuildAsync("served-folder", $"FROM scratch\nPIER --serve {Setting.FolderMagnet} /tree");
        var (container, port) = await Containers.RunAsync("served-folder", Cancel);
        var torrent = await Containers.TorrentAsync(container, Cancel);

        var got = await Containers.FolderAsync(torrent, port, "tree", Cancel);

        (await File.ReadAllTextAsync(Path.Combine(got, "tree", "text"), Cancel)).ShouldBe("text");
        new FileInfo(Path.Combine(got, "tree", "big")).Length.ShouldBe(1_000_000);
    }

    [Fact]
    public async Task An_image_on_an_image_that_serves_serves_both()
    {
        Setting.Web["/first.bin"] = RandomNumberGenerator.GetBytes(100_000);
        Setting.Web["/second.bin"] = RandomNumberGenerator.GetBytes(100_000);
        await BuildAsync("served-first", $"FROM scratch\nPIER --serve {Setting.At("/first.bin")} /first");
        await BuildAsync("served-second", $"FROM served-first\nPIER --serve {Setting.At("/second.bin")} /second");

        var lines = await ReadAsync("served-second", "/etc/pier.dat");

        lines.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => line.Split(' ')[2]).ShouldBe(["/first", "/second"]);
        var inspected = (await Setting.Docker.DockerAsync(["image", "inspect", "--format", "{{json .Config.Entrypoint}}", "served-second"], Cancel)).OrThrow().Output.Trim();
        inspected.ShouldBe("""["/usr/bin/pierdat","exec","--"]""");
    }

    [Fact]
    public async Task What_stays_behind_in_another_stage_cannot_be_served()
    {
        Setting.Web["/lost.bin"] = [1, 2, 3];
        var result = await Setting.BuildAsync($"FROM scratch AS one\nPIER --serve {Setting.At("/lost.bin")} /f\nFROM scratch\nCOPY --from=one /f /g", [], Cancel);

        result.ExitCode.ShouldNotBe(0);
        result.Error.ShouldContain("Dockerfile:3: PIER: --serve stands in a stage that the image is not built on");
    }

    [Fact]
    public async Task RUN_pierdat_in_an_ordinary_Dockerfile_fetches_and_serves()
    {
        await BuildWithPierdatAsync("run-pierdat", await PierdatContextAsync("run-pierdat"), """ENTRYPOINT ["pierdat", "exec", "--", "sleep", "1000"]""");

        var (container, port) = await Containers.RunAsync("run-pierdat", Cancel);

        (await Containers.GetAsync(await Containers.TorrentAsync(container, Cancel), port, "run", Cancel)).ShouldBe(Setting.FileContent);
        await Eventually.TrueAsync(async () => await ProgramAsync(container) == "sleep 0", "the program took process 1", Deadline, Cancel);
    }

    private async Task BuildAsync(string tag, string dockerfile) => (await Setting.BuildAsync(dockerfile, ["--tag", tag], Cancel)).OrThrow();

    private async Task<string> ProgramAsync(string container) =>
        (await Setting.Docker.DockerAsync(["exec", container, "sh", "-c", "echo $(cat /proc/1/comm) $(id -u)"], Cancel)).Output.Trim();

    private async Task<string> ReadAsync(string image, string path)
    {
        var container = (await Setting.Docker.DockerAsync(["create", image], Cancel)).OrThrow().Output.Trim();
        Containers.Add(container);
        var file = Setting.Folder.Below(Path.GetRandomFileName());
        (await Setting.Docker.DockerAsync(["cp", $"{container}:{path}", file], Cancel)).OrThrow();
        return await File.ReadAllTextAsync(file, Cancel);
    }
}

/// <summary>By Docker 20.10.</summary>
[Collection(BuildTests.Name)]
public sealed class ServedImageTests(BuildSetting setting) : ServedImageSuite(setting);

/// <summary>By Docker 28, classic store.</summary>
[Collection(ClassicBuildTests.Name)]
[Trait("Run", "full")]
public sealed class ServedImageOnClassicTests(ClassicBuildSetting setting) : ServedImageSuite(setting);

/// <summary>By Docker 28, containerd's store.</summary>
[Collection(ContainerdBuildTests.Name)]
[Trait("Run", "full")]
public sealed class ServedImageOnContainerdTests(ContainerdBuildSetting setting) : ServedImageSuite(setting);
