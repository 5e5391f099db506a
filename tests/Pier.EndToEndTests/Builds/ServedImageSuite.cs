using System.Net;
using System.Security.Cryptography;
using Pier.TestKit;
using Pier.TestKit.Engines;
using Pier.TestKit.Processes;

namespace Pier.EndToEndTests.Builds;

/// <summary>Images that serve what their PIER lines brought: another machine's libtorrent gets it from the running container alone.</summary>
public abstract class ServedImageSuite(BuildSetting setting) : BuildSuite(setting)
{
    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(60);

    private readonly List<string> _containers = [];

    public override async ValueTask DisposeAsync()
    {
        foreach (var container in _containers)
        {
            await Setting.Docker.DockerAsync(["rm", "--force", container], CancellationToken.None);
        }

        GC.SuppressFinalize(this);
        await base.DisposeAsync();
    }

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

        var (container, port) = await RunAsync("served-" + form);

        await Eventually.TrueAsync(async () => await ProgramAsync(container) == $"sleep {user}", "the program took process 1", Deadline, Cancel);
        var torrent = await TorrentAsync(container);
        (await GetAsync(torrent, port, form)).ShouldBe(content);
        if (form != "exec")
        {
            return;
        }

        (await Setting.Docker.DockerAsync(["kill", container], Cancel)).OrThrow();
        (await Setting.Docker.DockerAsync(["start", container], Cancel)).OrThrow();
        (await GetAsync(torrent, port, "again")).ShouldBe(content);
        (await Setting.Docker.DockerAsync(["run", "--rm", "--network", "none", "--entrypoint", "/usr/bin/pierdat", "served-exec", "exec", "--", "sh", "-c", "exit 7"], Cancel)).ExitCode.ShouldBe(7);
    }

    [Fact]
    public async Task A_folder_is_served_by_the_torrent_it_came_by_from_an_image_that_has_nothing_else()
    {
        await BuildAsync("served-folder", $"FROM scratch\nPIER --serve {Setting.FolderMagnet} /tree");
        var (container, port) = await RunAsync("served-folder");
        var torrent = await TorrentAsync(container);

        var got = await FolderAsync(torrent, port, "tree");

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
        var context = Setting.Folder.MakeFolder("run-pierdat");
        File.Copy(await PierdatProgram.MakeAsync(Cancel), Path.Combine(context, "pierdat"));
        await File.WriteAllTextAsync(Path.Combine(context, "Dockerfile"), $"""
            FROM {await DebianAsync()}
            COPY pierdat /usr/bin/
            ENV PIERDAT_DHT=off
            RUN pierdat '{Setting.FileMagnet}' /data/
            ENTRYPOINT ["pierdat", "exec", "--", "sleep", "1000"]
            """, Cancel);
        (await Setting.Docker.BuildAsync(["--network", "host", "--tag", "run-pierdat", context], Cancel)).OrThrow();

        var (container, port) = await RunAsync("run-pierdat");

        (await GetAsync(await TorrentAsync(container), port, "run")).ShouldBe(Setting.FileContent);
        await Eventually.TrueAsync(async () => await ProgramAsync(container) == "sleep 0", "the program took process 1", Deadline, Cancel);
    }

    [Fact]
    public async Task An_image_with_an_init_daemon_starts_pierdat_like_any_other_service()
    {
        var context = Setting.Folder.MakeFolder("init");
        File.Copy(await PierdatProgram.MakeAsync(Cancel), Path.Combine(context, "pierdat"));
        File.Copy(RequiredTool.Path("/bin/busybox", "apt-get install busybox-static"), Path.Combine(context, "busybox"));
        File.Copy(Path.Combine(AppContext.BaseDirectory.Split("/tests/")[0], "plugins", "pierdat", "pierdat.init"), Path.Combine(context, "pierdat.init"));
        await File.WriteAllTextAsync(Path.Combine(context, "inittab"), "::sysinit:/etc/init.d/pierdat start\n::shutdown:/etc/init.d/pierdat stop\n", Cancel);
        await File.WriteAllTextAsync(Path.Combine(context, "Dockerfile"), $"""
            FROM {await DebianAsync()}
            COPY pierdat /usr/bin/
            COPY busybox /sbin/init
            COPY inittab /etc/
            COPY pierdat.init /etc/init.d/pierdat
            ENV PIERDAT_DHT=off
            RUN chmod 755 /etc/init.d/pierdat && pierdat '{Setting.FileMagnet}' /data/
            ENTRYPOINT ["/sbin/init"]
            """, Cancel);
        (await Setting.Docker.BuildAsync(["--network", "host", "--tag", "with-init", context], Cancel)).OrThrow();

        var (container, port) = await RunAsync("with-init");

        (await GetAsync(await TorrentAsync(container), port, "init")).ShouldBe(Setting.FileContent);
        (await Setting.Docker.DockerAsync(["exec", container, "/etc/init.d/pierdat", "status"], Cancel)).OrThrow().Output.ShouldContain("is running");
        (await Setting.Docker.DockerAsync(["exec", container, "/etc/init.d/pierdat", "stop"], Cancel)).OrThrow();
        (await Setting.Docker.DockerAsync(["exec", container, "/etc/init.d/pierdat", "status"], Cancel)).ExitCode.ShouldBe(3);
    }

    private async Task<string> DebianAsync()
    {
        await Setting.Docker.PullAsync(Setting.Cluster.Images.Debian.Name, Cancel);
        return Setting.Cluster.Images.Debian.Name;
    }

    private async Task BuildAsync(string tag, string dockerfile) => (await Setting.BuildAsync(dockerfile, ["--tag", tag], Cancel)).OrThrow();

    private async Task<(string Container, int Port)> RunAsync(string image)
    {
        var port = FreePort.Next(alsoUdp: true);
        var container = (await Setting.Docker.DockerAsync(
            ["run", "--detach", "--network", "host", "--env", $"PIERDAT_PORT={port}", "--env", "PIERDAT_DHT=off", image], Cancel)).OrThrow().Output.Trim();
        _containers.Add(container);
        return (container, port);
    }

    private async Task<string> ProgramAsync(string container) =>
        (await Setting.Docker.DockerAsync(["exec", container, "sh", "-c", "echo $(cat /proc/1/comm) $(id -u)"], Cancel)).Output.Trim();

    /// <summary>The only torrent that a container serves, as a file of ours.</summary>
    private async Task<string> TorrentAsync(string container)
    {
        var folder = Setting.Folder.Below(Path.GetRandomFileName());
        (await Setting.Docker.DockerAsync(["cp", $"{container}:/etc/pier.dat.d", folder], Cancel)).OrThrow();
        return Directory.EnumerateFiles(folder, "*.torrent").ShouldHaveSingleItem();
    }

    private async Task<string> ReadAsync(string image, string path)
    {
        var container = (await Setting.Docker.DockerAsync(["create", image], Cancel)).OrThrow().Output.Trim();
        _containers.Add(container);
        var file = Setting.Folder.Below(Path.GetRandomFileName());
        (await Setting.Docker.DockerAsync(["cp", $"{container}:{path}", file], Cancel)).OrThrow();
        return await File.ReadAllTextAsync(file, Cancel);
    }

    private async Task<byte[]> GetAsync(string torrent, int port, string name) =>
        await File.ReadAllBytesAsync(Directory.EnumerateFiles(await FolderAsync(torrent, port, name)).ShouldHaveSingleItem(), Cancel);

    /// <summary>Has libtorrent on another machine fetch a torrent, knowing nobody but the container.</summary>
    private Task<string> FolderAsync(string torrent, int port, string name) =>
        SwarmFetch.RunAsync(Setting, torrent, new IPEndPoint(Setting.Cluster.Nodes[0].Host.Address, port), "got-" + name, Deadline, Cancel);
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
