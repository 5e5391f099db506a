using Pier.TestKit;
using Pier.TestKit.Files;
using Pier.TestKit.Processes;

namespace Pier.EndToEndTests.Builds;

/// <summary>Machines whose process 1 is an init daemon start pierdat like any other service, by the init script and by the unit of plugins/pierdat.</summary>
public abstract class InitDaemonSuite(BuildSetting setting) : ServingSuite(setting)
{
    /// <summary>Packs this machine's systemd, with the libraries that it needs, into the tar $1.</summary>
    private const string PackSystemd = """
        pack() { sort -u | tar --append --file "$archive" --directory / --no-recursion "$@" --files-from -; }
        archive=$1
        dpkg -L systemd | grep -v -e /share/ -e '^/etc/' | while read -r file; do if [ -f "$file" ]; then echo "$file"; fi; done | pack
        for program in /lib/systemd/systemd /lib/systemd/systemd-* /bin/systemctl /bin/journalctl /bin/mount /bin/umount; do
            ldd "$program" 2>/dev/null | grep -o '/[^ ]*'
        done | grep -v /ld-linux | pack --dereference
        printf '%s\n' /bin/mount /bin/umount | pack
        """;

    [Fact]
    public async Task The_init_script_starts_it()
    {
        var context = await PierdatContextAsync("init");
        File.Copy(RequiredTool.Path("/bin/busybox", "apt-get install busybox-static"), Path.Combine(context, "busybox"));
        File.Copy(SourceTree.At("plugins/pierdat/pierdat.init"), Path.Combine(context, "pierdat.init"));
        await File.WriteAllTextAsync(Path.Combine(context, "inittab"), "::sysinit:/etc/init.d/pierdat start\n::shutdown:/etc/init.d/pierdat stop\n", Cancel);
        await BuildWithPierdatAsync("with-init", context, """
            COPY busybox /sbin/init
            COPY inittab /etc/
            COPY pierdat.init /etc/init.d/pierdat
            RUN chmod 755 /etc/init.d/pierdat
            ENTRYPOINT ["/sbin/init"]
            """);

        var (container, port) = await Containers.RunAsync("with-init", Cancel);

        (await Containers.GetAsync(await Containers.TorrentAsync(container, Cancel), port, "init", Cancel)).ShouldBe(Setting.FileContent);
        (await InAsync(container, "/etc/init.d/pierdat", "status")).OrThrow().Output.ShouldContain("is running");
        (await InAsync(container, "/etc/init.d/pierdat", "stop")).OrThrow();
        (await InAsync(container, "/etc/init.d/pierdat", "status")).ExitCode.ShouldBe(3);
    }

    [Fact]
    public async Task Systemd_starts_it_keeps_it_running_and_ends_it()
    {
        var context = await PierdatContextAsync("systemd");
        (await Command.RunAsync("bash", ["-ec", PackSystemd, "bash", Path.Combine(context, "systemd.tar")], Cancel)).OrThrow();
        File.Copy(SourceTree.At("plugins/pierdat/pierdat.service"), Path.Combine(context, "pierdat.service"));
        var port = FreePort.Next(alsoUdp: true);
        // As systemctl edit writes it.
        await File.WriteAllTextAsync(Path.Combine(context, "override.conf"), $"[Service]\nEnvironment=PIERDAT_PORT={port} PIERDAT_DHT=off\n", Cancel);
        await BuildWithPierdatAsync("with-systemd", context, """
            ADD systemd.tar /
            COPY pierdat.service /etc/systemd/system/
            COPY override.conf /etc/systemd/system/pierdat.service.d/
            RUN systemctl enable pierdat && systemctl set-default multi-user.target && touch /etc/machine-id
            STOPSIGNAL SIGRTMIN+3
            ENTRYPOINT ["/lib/systemd/systemd"]
            """);

        // Of the host's control groups only those of systemd's own name: on the folder above it would mount controllers and leave that read-only.
        var container = await Containers.RunAsync(
            [
                "--cap-add", "SYS_ADMIN", "--security-opt", "seccomp=unconfined", "--cgroupns", "host",
                "--tmpfs", "/sys/fs/cgroup", "--volume", "/sys/fs/cgroup/systemd:/sys/fs/cgroup/systemd",
                "--tmpfs", "/run", "--tmpfs", "/tmp", "--env", "container=docker", "with-systemd",
            ],
            Cancel);

        var torrent = await Containers.TorrentAsync(container, Cancel);
        await ActiveAsync(container);
        (await Containers.GetAsync(torrent, port, "systemd", Cancel)).ShouldBe(Setting.FileContent);
        var first = await MainProcessAsync(container);
        (await InAsync(container, "systemctl", "kill", "--signal", "KILL", "pierdat")).OrThrow();
        await Eventually.TrueAsync(async () => await MainProcessAsync(container) is var now && now != first && now != "0", "systemd starts it again", Deadline, Cancel);
        (await Containers.GetAsync(torrent, port, "systemd-again", Cancel)).ShouldBe(Setting.FileContent);
        (await InAsync(container, "systemctl", "stop", "pierdat")).OrThrow();
        (await InAsync(container, "systemctl", "show", "--property", "ActiveState,Result", "pierdat")).OrThrow().Output.ShouldBe("Result=success\nActiveState=inactive\n");
    }

    private Task ActiveAsync(string container) => Eventually.TrueAsync(
        async () => (await InAsync(container, "systemctl", "is-active", "pierdat")).Output.Trim() == "active", "systemd has started it", Deadline, Cancel);

    private async Task<string> MainProcessAsync(string container) =>
        (await InAsync(container, "systemctl", "show", "--property", "MainPID", "--value", "pierdat")).OrThrow().Output.Trim();

    private Task<CommandResult> InAsync(string container, params string[] command) => Setting.Docker.DockerAsync(["exec", container, .. command], Cancel);
}

/// <summary>By Docker 20.10.</summary>
[Collection(BuildTests.Name)]
public sealed class InitDaemonTests(BuildSetting setting) : InitDaemonSuite(setting);

/// <summary>By Docker 28, classic store.</summary>
[Collection(ClassicBuildTests.Name)]
[Trait("Run", "full")]
public sealed class InitDaemonOnClassicTests(ClassicBuildSetting setting) : InitDaemonSuite(setting);

/// <summary>By Docker 28, containerd's store.</summary>
[Collection(ContainerdBuildTests.Name)]
[Trait("Run", "full")]
public sealed class InitDaemonOnContainerdTests(ContainerdBuildSetting setting) : InitDaemonSuite(setting);
