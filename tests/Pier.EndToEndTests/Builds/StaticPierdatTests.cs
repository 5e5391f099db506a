using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Microsoft.AspNetCore.Http;
using Pier.TestKit.Engines;
using Pier.TestKit.Processes;

namespace Pier.EndToEndTests.Builds;

/// <summary>The static pierdat: how large it is, and the smaller one without HTTPS, which hashes with less of OpenSSL.</summary>
[Collection(BuildTests.Name)]
public sealed class StaticPierdatTests(BuildSetting setting) : BuildSuite(setting)
{
    [Fact]
    public async Task It_has_at_most_eighteen_megabytes() =>
        new FileInfo(await PierdatProgram.MakeAsync(Cancel)).Length.ShouldBeLessThanOrEqualTo(18_000_000);

    [Fact]
    public async Task By_https_it_fetches_where_nothing_but_it_and_certificates_are_and_else_says_what_is_missing()
    {
        var folder = Setting.Folder.MakeFolder("https");
        File.Copy(await PierdatProgram.MakeAsync(Cancel), Path.Combine(folder, "pierdat"));
        var host = await Setting.Cluster.Network.AddHostAsync("https", Cancel);
        using var certificate = CertificateOf(host.Address);
        // As every container has it.
        (await Command.RunAsync("mknod", ["--mode", "666", Path.Combine(Setting.Folder.MakeFolder("https", "dev"), "urandom"), "c", "1", "9"], Cancel)).OrThrow();
        await File.WriteAllTextAsync(Path.Combine(folder, "roots.pem"), certificate.ExportCertificatePem(), Cancel);
        await using var server = await FaultyUpstream.StartAsync(host, context => context.Response.WriteAsync("secret no more", Cancel), certificate, Cancel);
        Task<CommandResult> GetAsync(params string[] variables) => Setting.Cluster.Nodes[0].Host.Namespace.RunAsync(
            "env", ["PIERDAT_FILE=/list", "PIERDAT_DHT=off", .. variables, "chroot", folder, "/pierdat", $"{server.Address}file", "/got"], Cancel);

        var refused = await GetAsync();
        refused.ExitCode.ShouldBe(1);
        refused.Error.ShouldContain("SSL_CERT_FILE");
        (await GetAsync("SSL_CERT_FILE=/roots.pem")).OrThrow();

        (await File.ReadAllTextAsync(Path.Combine(folder, "got"), Cancel)).ShouldBe("secret no more");
    }

    [Fact]
    [Trait("Run", "full")]
    public async Task Without_HTTPS_it_has_at_most_twelve_fetches_from_swarms_and_says_what_it_cannot()
    {
        var program = await PierdatProgram.MakeSmallAsync(Cancel);
        new FileInfo(program).Length.ShouldBeLessThanOrEqualTo(12_000_000);
        var folder = Setting.Folder.MakeFolder("small-pierdat");
        Setting.Web["/small-pierdat"] = "by http"u8.ToArray();

        (await RunAsync(program, folder, Setting.FileMagnet, "swarm/")).ExitCode.ShouldBe(0);
        (await RunAsync(program, folder, Setting.At("/small-pierdat"), "web/")).ExitCode.ShouldBe(0);
        var refused = await RunAsync(program, folder, "https://example.org/x", "x");

        (await File.ReadAllBytesAsync(Path.Combine(folder, "swarm", "file.bin"), Cancel)).ShouldBe(Setting.FileContent);
        (await File.ReadAllTextAsync(Path.Combine(folder, "web", "small-pierdat"), Cancel)).ShouldBe("by http");
        refused.ExitCode.ShouldBe(1);
        refused.Error.ShouldContain("example.org");
        refused.Error.ShouldContain("built without HTTPS");
    }

    private static X509Certificate2 CertificateOf(IPAddress address)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=pier-test", key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(certificateAuthority: true, false, 0, critical: true));
        var names = new SubjectAlternativeNameBuilder();
        names.AddIpAddress(address);
        request.CertificateExtensions.Add(names.Build());
        var now = TimeProvider.System.GetUtcNow();
        return request.CreateSelfSigned(now.AddHours(-1), now.AddHours(1));
    }

    private async Task<CommandResult> RunAsync(string program, string folder, string uri, string destination) =>
        await Setting.Cluster.Nodes[0].Host.Namespace.RunAsync(
            "env", [$"PIERDAT_FILE={folder}/list", "PIERDAT_DHT=off", program, uri, Path.Combine(folder, destination)], Cancel);
}
