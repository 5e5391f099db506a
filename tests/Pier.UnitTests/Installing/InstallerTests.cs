using Pier.Engines;
using Pier.Engines.Files;
using Pier.Engines.Install;
using Pier.Engines.Mirrors;
using Pier.TestKit.Files;

namespace Pier.UnitTests.Installing;

/// <summary>Telling engines of Pier on real files, and taking it back byte for byte.</summary>
public sealed class InstallerTests
{
    private const string DaemonJson = "/etc/docker/daemon.json";
    private const string Containerd = "/etc/containerd/config.toml";
    private static MirrorRequest Everything => InstallHost.Everything;

    public static TheoryData<string, string, string> Originals => new()
    {
        { "docker", DaemonJson, "{\n    \"log-driver\" : \"local\",\r\n\t\"registry-mirrors\":[ \"https://mirror.example\" ]\n}" },
        { "docker", DaemonJson, "{\"proxies\":{\"http-proxy\":\"http://me:secret@proxy\"}}" },
        { "docker", "/etc/docker/certs.d/_default/hosts.toml", "[host.\"https://mirror.example\"]\n  capabilities = [\"pull\"]" },
        { "containerd", Containerd, "version = 2\n\n[plugins.\"io.containerd.grpc.v1.cri\".registry]\n  config_path = \"\"  # none\n" },
        { "containerd", Containerd, "version = 3\n[plugins.'io.containerd.cri.v1.images'.registry]\n  other = 1" },
        { "containerd", Containerd, "version = 3\nroot = '/x'" },
        { "podman", "/etc/containers/registries.conf.d/50-pier.conf", "# somebody else's\n" },
        { "buildkit", "/etc/buildkit/buildkitd.toml", "debug = true\n[registry.\"quay.io\"]\n  mirrors = [\"mine\"]" },
    };

    [Theory]
    [MemberData(nameof(Originals))]
    public async Task Uninstalling_gives_back_every_byte(string engine, string path, string original)
    {
        await using var host = new InstallHost();
        host.Write(path, original);

        host.Install(engine).IsEmpty.ShouldBeFalse();
        host.Install(engine).IsEmpty.ShouldBeTrue("a second run has nothing to change");
        host.Uninstall(engine);

        host.AllFiles.ShouldBe([path]);
        host.Read(path).ShouldBe(original);
    }

    [Theory]
    [InlineData("docker")]
    [InlineData("docker-rootless")]
    [InlineData("containerd")]
    [InlineData("podman")]
    [InlineData("crio")]
    [InlineData("buildkit")]
    [InlineData("buildx")]
    [InlineData("kind")]
    public async Task On_a_host_without_files_nothing_is_left_behind(string engine)
    {
        await using var host = new InstallHost();
        var request = Everything with { Address = new MirrorAddress(new Uri("http://192.0.2.1:5055")) };

        host.Install(engine, request);
        host.AllFiles.ShouldNotBeEmpty();
        host.Uninstall(engine);

        host.AllFiles.ShouldBeEmpty();
        host.Folders.ShouldBe([host.Below("/etc")], "folders that were made go too");
    }

    [Fact]
    public async Task Edits_made_in_between_stay_and_what_pier_wrote_goes()
    {
        await using var host = new InstallHost();
        host.Write(DaemonJson, "{\n  \"debug\": false\n}\n");
        host.Install("docker");
        host.Write(DaemonJson, host.Read(DaemonJson).Replace("false", "true", StringComparison.Ordinal));
        const string hosts = "/etc/docker/certs.d/_default/hosts.toml";
        host.Write(hosts, host.Read(hosts) + "[host.\"https://other\"]\n");

        host.Install("docker").IsEmpty.ShouldBeTrue();
        host.Uninstall("docker").Remarks.Count(remark => remark.Contains("was edited since", StringComparison.Ordinal)).ShouldBe(2);

        host.Read(DaemonJson).ShouldBe("{\n  \"debug\": true\n}\n");
        host.Read(hosts).ShouldBe("[host.\"https://other\"]\n");
    }

    [Theory]
    [InlineData("{ \"debug\": true }", true)]
    [InlineData("{ \"registry-mirrors\": [] }", false)]
    [InlineData("{ \"registry-mirrors\": [\"http://192.0.2.9\"] }", false)]
    [InlineData(null, true)]
    public async Task A_dockerd_that_passes_over_a_list_that_is_gone_is_told_of(string? original, bool expected)
    {
        await using var host = new InstallHost();
        if (original is not null)
        {
            host.Write(DaemonJson, original);
        }
        host.Install("docker");

        host.Uninstall("docker").Remarks.Any(remark => remark.Contains("until it is started again", StringComparison.Ordinal)).ShouldBe(expected);
    }

    [Fact]
    public async Task A_symbolic_link_stays_one_and_its_target_changes()
    {
        await using var host = new InstallHost();
        host.Write("/srv/docker.json", "{}");
        Directory.CreateDirectory(host.Below("/etc/docker"));
        File.CreateSymbolicLink(host.Below(DaemonJson), "/srv/docker.json");

        host.Install("docker");
        new FileInfo(host.Below(DaemonJson)).LinkTarget.ShouldBe("/srv/docker.json");
        host.Read("/srv/docker.json").ShouldBe("{\"registry-mirrors\": [\"http://127.0.0.1:5055\"]}");

        host.Uninstall("docker");
        new FileInfo(host.Below(DaemonJson)).LinkTarget.ShouldBe("/srv/docker.json");
        host.Read("/srv/docker.json").ShouldBe("{}");
    }

    [Theory]
    [InlineData("docker", DaemonJson, "# no JSON\n", "line 1")]
    [InlineData("docker", DaemonJson, "{\"registry-mirrors\": \"x\"}", "is no list")]
    [InlineData("containerd", Containerd, "version = 2\n[plugins.\"io.containerd.grpc.v1.cri\".registry.mirrors.\"docker.io\"]\n  endpoint = []\n", "mirrors")]
    public async Task What_is_not_understood_is_left_untouched_and_said_so(string engine, string path, string original, string said)
    {
        await using var host = new InstallHost();
        host.Write(path, original);

        var refused = Should.Throw<EngineException>(() => host.Install(engine));

        refused.Message.ShouldContain("left untouched");
        refused.Message.ShouldContain(said);
        refused.Hint.ShouldNotBeNull();
        host.AllFiles.ShouldBe([path]);
        host.Read(path).ShouldBe(original);
    }

    [Fact]
    public async Task A_mirror_that_was_there_before_is_not_piers_to_take_out()
    {
        await using var host = new InstallHost();
        const string own = "{\"registry-mirrors\": [\"http://127.0.0.1:5055/\", \"https://a\"]}";
        host.Write(DaemonJson, own);

        host.Install("docker");
        host.Read(DaemonJson).ShouldBe(own);
        host.Uninstall("docker");
        host.Read(DaemonJson).ShouldBe(own);
    }

    [Fact]
    public async Task Another_address_takes_the_place_of_the_first()
    {
        await using var host = new InstallHost();
        host.Write(DaemonJson, "{\"registry-mirrors\": [\"https://a\"]}");
        host.Install("docker");

        host.Install("docker", Everything with { Address = new MirrorAddress(new Uri("http://192.0.2.7:5055")) });
        host.Read(DaemonJson).ShouldBe("{\"registry-mirrors\": [\"http://192.0.2.7:5055\", \"https://a\"]}");
        host.Read("/etc/docker/certs.d/_default/hosts.toml").ShouldNotContain("127.0.0.1");

        host.Uninstall("docker");
        host.Read(DaemonJson).ShouldBe("{\"registry-mirrors\": [\"https://a\"]}");
    }

    [Fact]
    public async Task Registries_by_name_leave_the_others_alone()
    {
        await using var host = new InstallHost();
        host.Install("docker", Everything with { Registries = ["ghcr.io"] });
        host.AllFiles.ShouldBe(["/etc/docker/certs.d/ghcr.io/hosts.toml", InstallHost.Ledger]);

        host.Write("/etc/containers/registries.conf.d/10-mine.conf", "[[registry]]\nlocation = \"quay.io\"\n");
        host.Install("podman").Remarks.ShouldContain(remark => remark.Contains("quay.io", StringComparison.Ordinal));
        host.Read("/etc/containers/registries.conf.d/50-pier.conf").ShouldNotContain("quay.io");
    }

    [Fact]
    public async Task An_engine_with_a_network_of_its_own_needs_a_reachable_address_and_may_have_a_token()
    {
        await using var host = new InstallHost();
        Should.Throw<EngineException>(() => host.Install("kind")).Hint!.ShouldContain("--address");

        var plan = host.Install("kind", new MirrorRequest(new MirrorAddress(new Uri("http://172.18.0.1:5055"), "node:secret"), []));

        var file = plan.Edits.ShouldHaveSingleItem().Path;
        host.Read(file).ShouldContain("Authorization = [\"Basic bm9kZTpzZWNyZXQ=\"]");
        plan.Diff.ShouldNotContain("bm9kZTpzZWNyZXQ=");
        (File.GetUnixFileMode(host.Below(file)) & UnixFileMode.OtherRead).ShouldBe(UnixFileMode.None);
    }

    [Fact]
    public async Task The_modes_of_files_stay_and_what_was_there_is_kept_secret()
    {
        await using var host = new InstallHost();
        host.Write(DaemonJson, "{}");
        File.SetUnixFileMode(host.Below(DaemonJson), FileModes.Secret);

        host.Install("docker");

        File.GetUnixFileMode(host.Below(DaemonJson)).ShouldBe(FileModes.Secret);
        File.GetUnixFileMode(host.Below(InstallHost.Ledger)).ShouldBe(FileModes.Secret);
    }

    [Fact]
    public async Task Folders_that_are_links_lead_nowhere_out_of_the_root()
    {
        await using var host = new InstallHost();
        await using var elsewhere = TempFolder.Create("elsewhere");
        Directory.CreateDirectory(host.Below(elsewhere.Path));
        Directory.CreateSymbolicLink(host.Below("/etc/docker"), elsewhere.Path);
        Directory.CreateSymbolicLink(host.Below("/etc/containers"), "../../../../../../../../srv");

        host.Install("docker", Everything with { DockerVersion = 20 });
        host.Install("podman");

        Directory.EnumerateFileSystemEntries(elsewhere.Path).ShouldBeEmpty("that folder is of the host that runs the command");
        File.Exists(host.Below(elsewhere.Path + "/daemon.json")).ShouldBeTrue();
        File.Exists(host.Below("/srv/registries.conf.d/50-pier.conf")).ShouldBeTrue();
        host.Uninstall("docker");
        host.Uninstall("podman");
        host.AllFiles.ShouldBeEmpty();
    }

    [Theory]
    [InlineData("podman", "crio")]
    [InlineData("crio", "podman")]
    public async Task A_file_that_two_engines_read_stays_until_the_second_goes_too(string first, string second)
    {
        await using var host = new InstallHost();
        const string file = "/etc/containers/registries.conf.d/50-pier.conf";
        host.Install(first);
        host.Install(second);

        host.Uninstall(first).Remarks.ShouldHaveSingleItem().ShouldContain(second);
        host.Read(file).ShouldContain("127.0.0.1:5055");
        new Installer(new HostRoot(host.Below("/"), "/root"), privileged: true).Installed.ShouldBe([second]);

        host.Uninstall(second);
        host.AllFiles.ShouldBeEmpty();
    }

    [Fact]
    public async Task A_file_that_gets_a_password_is_closed_to_others_and_opened_again_when_it_goes()
    {
        await using var host = new InstallHost();
        const string hosts = "/etc/docker/certs.d/_default/hosts.toml";
        host.Write(hosts, "[host.\"https://mirror.example\"]\n");
        File.SetUnixFileMode(host.Below(hosts), FileModes.Readable);

        host.Install("docker", new MirrorRequest(new MirrorAddress(new Uri("http://127.0.0.1:5055"), "node:secret"), []));
        host.Read(hosts).ShouldContain("Authorization");
        File.GetUnixFileMode(host.Below(hosts)).ShouldBe(FileModes.Secret);

        host.Uninstall("docker");
        host.Read(hosts).ShouldBe("[host.\"https://mirror.example\"]\n");
        File.GetUnixFileMode(host.Below(hosts)).ShouldBe(FileModes.Readable);
    }

    [Fact]
    public async Task A_user_is_not_told_that_there_is_nothing_to_take_back_of_what_root_installed()
    {
        await using var host = new InstallHost();
        host.Install("podman");

        var installer = new Installer(new HostRoot(host.Below("/"), "/home/me"), privileged: false);

        Should.Throw<EngineException>(() => installer.PlanUninstall("podman")).Hint.ShouldBe("Run it as root: sudo pier uninstall podman");
        host.AllFiles.Count.ShouldBe(2);
    }

    [Fact]
    public async Task Docker_before_28_gets_no_hosts_toml()
    {
        await using var host = new InstallHost();
        host.Install("docker", Everything with { DockerVersion = 20 });
        host.AllFiles.ShouldBe([DaemonJson, InstallHost.Ledger]);
    }
}
