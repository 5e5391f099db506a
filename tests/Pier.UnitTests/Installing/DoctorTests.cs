using System.Net;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using Pier.Api;
using Pier.Api.Nodes;
using Pier.Cli;
using Pier.Engines.Diagnosis;
using Pier.Engines.Files;
using Pier.Engines.Mirrors;
using Pier.Engines.Probes;
using Pier.TestKit.Files;
using Pier.TestKit.Processes;
using Pier.UnitTests.Cli;

namespace Pier.UnitTests.Installing;

/// <summary>Each thing that keeps pulls from Pier is found, and has a remedy.</summary>
public sealed class DoctorTests
{
    private const string DaemonJson = "etc/docker/daemon.json";
    private const string Hosts = "etc/docker/certs.d/_default/hosts.toml";
    private static readonly string[] Pier = ["http://127.0.0.1:5055/"];
    private static readonly DockerFacts Old = new("20.10.24", "overlay2", "/var/lib/docker", HasContainerdStore: false, Pier);
    private static readonly DockerFacts New = new("28.5.2", "overlayfs", "/var/lib/docker", HasContainerdStore: true, []);

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Docker_that_has_not_read_its_file_is_told_to_reload()
    {
        await using var host = TempFolder.Create("host");
        Write(host, DaemonJson, "{\"registry-mirrors\": [\"http://127.0.0.1:5055\"]}");
        Check(host, Old with { Mirrors = [] }, "docker").ShouldSatisfyAllConditions(
            check => check.State.ShouldBe(CheckState.Failed), check => check.Remedy!.ShouldContain("systemctl reload docker"));
        Check(host, Old, "docker").State.ShouldBe(CheckState.Ok);
        Check(host, Old with { Mirrors = ["https://other/", .. Pier] }, "docker").State.ShouldBe(CheckState.Warning);
    }

    [Fact]
    public async Task Docker_that_was_never_told_is_told_how()
    {
        await using var host = TempFolder.Create("host");
        Check(host, Old with { Mirrors = [] }, "docker").Remedy.ShouldBe("sudo pier install docker");
        Write(host, Hosts, "[host.\"http://127.0.0.1:5055\"]\n");
        Check(host, New, "docker").State.ShouldBe(CheckState.Ok);
        Check(host, New with { HasContainerdStore = false }, "docker").State.ShouldBe(CheckState.Failed);
    }

    [Fact]
    public async Task Classic_stores_are_said_to_give_no_layers_back()
    {
        await using var host = TempFolder.Create("host");
        Check(host, Old, "docker images").Finding.ShouldContain("cannot give the original ones back");
        Check(host, New, "docker images").State.ShouldBe(CheckState.Ok);
    }

    [Fact]
    public async Task A_daemon_json_that_is_none_is_found()
    {
        await using var host = TempFolder.Create("host");
        Write(host, DaemonJson, "registry-mirrors: []");
        Check(host, Old, "docker").ShouldSatisfyAllConditions(
            check => check.State.ShouldBe(CheckState.Failed), check => check.Finding.ShouldContain("line 1"));
    }

    [Fact]
    public async Task Containerd_without_config_path_is_found()
    {
        await using var host = TempFolder.Create("host");
        Write(host, "etc/containerd/config.toml", "version = 2\n");
        Check(host, null, "containerd").Remedy!.ShouldContain("pier install containerd");
        Write(host, "etc/containerd/certs.d/_default/hosts.toml", "[host.\"http://127.0.0.1:5055\"]\n");
        Check(host, null, "containerd").Finding.ShouldContain("Kubernetes does not");
        Write(host, "etc/containerd/config.toml", "version = 2\n[plugins.\"io.containerd.grpc.v1.cri\".registry]\nconfig_path = \"/etc/containerd/certs.d\"\n");
        Check(host, null, "containerd").State.ShouldBe(CheckState.Ok);
    }

    [Fact]
    public async Task Podman_that_would_speak_TLS_to_a_plain_door_is_found()
    {
        await using var host = TempFolder.Create("host");
        Write(host, "usr/bin/podman", "");
        Check(host, null, "podman").State.ShouldBe(CheckState.Warning);
        Write(host, "etc/containers/registries.conf.d/9.conf", "[[registry.mirror]]\nlocation = \"127.0.0.1:5055/quay.io\"\n");
        Check(host, null, "podman").State.ShouldBe(CheckState.Failed);
    }

    [Theory]
    [InlineData(200, true, "", "ok")]
    [InlineData(200, false, "", "no pierd at the socket")]
    [InlineData(401, true, "", "asks for a user")]
    [InlineData(421, true, "", "does not know itself")]
    [InlineData(200, true, "stranger", "no registry")]
    public async Task What_answers_at_the_door_is_told_apart(int status, bool daemon, string kind, string finding)
    {
        await using var server = await DoorAsync(context =>
        {
            context.Response.StatusCode = status;
            if (kind.Length == 0)
            {
                context.Response.Headers["Docker-Distribution-Api-Version"] = "registry/2.0";
            }
            return Task.CompletedTask;
        });

        var check = await DoorCheck.RunAsync(server.Address, daemon, TimeProvider.System, Cancel);

        (check.State == CheckState.Ok ? "ok" : check.Finding).ShouldContain(finding);
        (check.Remedy is null).ShouldBe(check.State == CheckState.Ok);
    }

    [Fact]
    public async Task TLS_where_none_is_spoken_and_a_closed_door_are_told_apart()
    {
        await using var server = await DoorAsync(_ => Task.CompletedTask);
        var tls = await DoorCheck.RunAsync(new MirrorAddress(new Uri(server.Address.Text.Replace("http:", "https:", StringComparison.Ordinal))), true, TimeProvider.System, Cancel);
        tls.State.ShouldBe(CheckState.Failed);
        tls.Remedy!.ShouldContain("TLS");

        var closed = await DoorCheck.RunAsync(new MirrorAddress(new Uri($"http://127.0.0.1:{FreePort.Next()}")), true, TimeProvider.System, Cancel);
        closed.Finding.ShouldContain("nothing listens");
    }

    [Fact]
    public async Task Without_a_daemon_the_command_fails_and_says_how_to_start_one()
    {
        await using var host = TempFolder.Create("host");
        string[] words = ["doctor", "--socket", host.Below("none.sock"), "--root", host.Path, "--address", $"http://127.0.0.1:{FreePort.Next()}"];

        var run = await CliRun.OfAsync(words);
        run.ExitCode.ShouldBe(ExitCode.Failed);
        run.Output.ShouldContain("FAIL  daemon");
        run.Output.ShouldContain("systemctl start pierd");

        var json = JsonSerializer.Deserialize((await CliRun.OfAsync([.. words, "--json"])).Output, ApiJson.Default.CheckList);
        json!.Checks[0].State.ShouldBe(CheckState.Failed);
    }

    [Fact]
    public void A_Docker_Engines_own_words_are_read()
    {
        using var info = JsonDocument.Parse("""
            {"ServerVersion":"28.5.2","Driver":"overlayfs","DockerRootDir":"/d","DriverStatus":[["driver-type","io.containerd.snapshotter.v1"]],
             "RegistryConfig":{"Mirrors":["http://127.0.0.1:5055/"]}}
            """);
        var facts = DockerProbe.Read(info.RootElement);
        facts.HasContainerdStore.ShouldBeTrue();
        facts.Major.ShouldBe(28);
        facts.Mirrors.ShouldBe(Pier);
        using var strange = JsonDocument.Parse("{\"RegistryConfig\":3,\"DriverStatus\":[1,[2]]}");
        DockerProbe.Read(strange.RootElement).Mirrors.ShouldBeEmpty();
    }

    private static CheckResult Check(TempFolder host, DockerFacts? docker, string name) =>
        new EngineChecks(new HostRoot(host.Path, "/root"), MirrorAddress.Default, docker).Run().Single(check => check.Name == name);

    private static void Write(TempFolder host, string path, string text)
    {
        host.MakeFolder(Path.GetDirectoryName(path)!);
        File.WriteAllText(host.Below(path), text);
    }

    private static async Task<Door> DoorAsync(RequestDelegate answer)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(server => server.Listen(IPAddress.Loopback, 0));
        var server = builder.Build();
        server.Run(answer);
        await server.StartAsync(Cancel);
        return new Door(server);
    }

    private sealed record Door(WebApplication Server) : IAsyncDisposable
    {
        public MirrorAddress Address => new(new Uri(Server.Urls.First()));

        public ValueTask DisposeAsync() => Server.DisposeAsync();
    }
}
