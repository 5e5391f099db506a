using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Microsoft.Extensions.Logging;
using Pier.Content;
using Pier.Content.Contracts;
using Pier.Content.Manifests;
using Pier.Content.References;
using Pier.Distribution;
using Pier.Distribution.Errors;
using Pier.TestKit.Files;
using Pier.TestKit.Logging;
using Pier.TestKit.Processes;

namespace Pier.InteropTests.Distribution;

/// <summary>The client against a real <c>docker-registry</c>: open, with user and password, with tokens, with TLS.</summary>
public sealed class RealRegistryTests(PublishedImage published) : IClassFixture<PublishedImage>, IAsyncLifetime
{
    private readonly TempFolder _folder = TempFolder.Create("distribution");
    private readonly CollectedLogs _logs = new();
    private readonly List<IDisposable> _clients = [];

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    private string Config => _folder.Below("config.json");

    private Digest ManifestDigest => Digest.Parse(published.Image.ManifestDigest);

    private Digest LayerDigest => Digest.Parse(published.Image.Layers[0].Digest);

    public ValueTask InitializeAsync() => ValueTask.CompletedTask;

    public async ValueTask DisposeAsync()
    {
        _clients.ForEach(client => client.Dispose());
        await _folder.DisposeAsync();
    }

    [Fact]
    public async Task An_open_registry_gives_manifests_blobs_ranges_and_tags()
    {
        await using var registry = await LoopbackRegistry.StartAsync(published.Storage, "", "", Cancel);
        var repository = PublishedImage.In(registry);
        var client = Client(registry, new RegistryOptions());

        var head = await client.HeadManifestAsync(repository, "v1", Cancel);
        head.Digest.ShouldBe(ManifestDigest);
        head.WasAnonymous.ShouldBeTrue();
        var manifest = await client.GetManifestAsync(repository, head.Digest.ToString(), Cancel);
        manifest.Document.Content.Length.ShouldBe((int)head.Size);
        var image = ManifestParser.Parse(manifest.Document.MediaType, manifest.Document.Content).ShouldBeOfType<ImageManifest>();
        image.Layers.Single().Digest.ShouldBe(LayerDigest);

        (await client.HeadBlobAsync(repository, LayerDigest, Cancel)).Size.ShouldBe(published.Layer.Length);
        (await ReadAsync(client, repository, 0, null)).ShouldBe(published.Layer);
        (await ReadAsync(client, repository, 10_000_000, null)).ShouldBe(published.Layer[10_000_000..]);
        (await ReadAsync(client, repository, 10_000_000, 10)).ShouldBe(published.Layer[10_000_000..10_000_010]);

        (await client.ListTagsAsync(repository, null, null, Cancel)).Tags.ShouldBe(["v1", "v2", "v3"]);
        (await client.IsPublicAsync(repository, "v1", Cancel)).ShouldBeTrue();
    }

    [Fact]
    public async Task What_a_registry_does_not_have_is_not_found_by_its_own_words()
    {
        await using var registry = await LoopbackRegistry.StartAsync(published.Storage, "", "", Cancel);
        var client = Client(registry, new RegistryOptions());
        var repository = PublishedImage.In(registry);

        (await Should.ThrowAsync<ContentNotFoundException>(client.GetManifestAsync(repository, "nope", Cancel)))
            .Message.ShouldContain("MANIFEST_UNKNOWN");
        (await Should.ThrowAsync<ContentNotFoundException>(client.OpenBlobAsync(repository, Digest.Compute("nope"u8), 0, null, Cancel)))
            .Message.ShouldContain("BLOB_UNKNOWN");
        (await Should.ThrowAsync<ContentNotFoundException>(client.ListTagsAsync(repository with { Path = "no/such" }, null, null, Cancel)))
            .Message.ShouldContain("NAME_UNKNOWN");
    }

    [Fact]
    public async Task A_registry_that_dies_in_mid_blob_is_a_broken_body()
    {
        await using var registry = await LoopbackRegistry.StartAsync(published.Storage, "", "", Cancel);
        await using var blob = await Client(registry, new RegistryOptions()).OpenBlobAsync(PublishedImage.In(registry), LayerDigest, 0, null, Cancel);
        await blob.Stream.ReadExactlyAsync(new byte[1000], Cancel);

        await registry.DisposeAsync();

        // What the kernel had buffered may still arrive; the end must not look like an end.
        var broken = await Should.ThrowAsync<ContentUnavailableException>(blob.Stream.CopyToAsync(Stream.Null, Cancel));
        broken.InnerException.ShouldBeOfType<UpstreamException>().Failure.ShouldBe(UpstreamFailure.Truncated);
    }

    [Fact]
    public async Task A_password_comes_from_a_real_credential_helper()
    {
        await using var registry = await StartWithPasswordAsync();
        var repository = PublishedImage.In(registry);
        var helper = _folder.Below("docker-credential-piertest");
        await File.WriteAllTextAsync(
            helper, $$"""
            #!/bin/sh
            read server
            [ "$1" = get ] && [ "$server" = "{{registry.Name}}" ] || { echo "credentials not found in native keychain"; exit 1; }
            echo '{"ServerURL":"{{registry.Name}}","Username":"alice","Secret":"s3cret"}'
            """, Cancel);
        File.SetUnixFileMode(helper, UnixFileMode.UserRead | UnixFileMode.UserExecute);
        await File.WriteAllTextAsync(Config, $$"""{"credHelpers":{"{{registry.Name}}":"piertest"} }""", Cancel);
        var path = Environment.GetEnvironmentVariable("PATH");
        Environment.SetEnvironmentVariable("PATH", $"{_folder.Path}:{path}");
        try
        {
            var client = Client(registry, new RegistryOptions());

            (await client.HeadManifestAsync(repository, "v1", Cancel)).WasAnonymous.ShouldBeFalse();
            (await ReadAsync(client, repository, 20_000_000, null)).ShouldBe(published.Layer[20_000_000..]);
            (await client.IsPublicAsync(repository, "v1", Cancel)).ShouldBeFalse();
        }
        finally
        {
            Environment.SetEnvironmentVariable("PATH", path);
        }

        _logs.Entries.ShouldAllBe(entry => !entry.Message.Contains("s3cret", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_password_that_is_missing_or_wrong_is_denied()
    {
        await using var registry = await StartWithPasswordAsync();
        var repository = PublishedImage.In(registry);

        (await Should.ThrowAsync<ContentDeniedException>(Client(registry, new RegistryOptions()).HeadManifestAsync(repository, "v1", Cancel)))
            .Message.ShouldContain("needs a login");

        await File.WriteAllTextAsync(Config, $$"""{"auths":{"{{registry.Name}}":{"auth":"{{Convert.ToBase64String("alice:wrong"u8)}}"} } }""", Cancel);
        var refused = await Should.ThrowAsync<ContentDeniedException>(Client(registry, new RegistryOptions()).GetManifestAsync(repository, "v1", Cancel));
        refused.Message.ShouldContain("UNAUTHORIZED");
        refused.Message.ShouldContain("stored login was refused");
    }

    [Fact]
    public async Task A_token_server_opens_what_it_grants()
    {
        await using var tokens = await TokenServer.StartAsync(Cancel);
        var auth = await tokens.ConfigureAsync(_folder.Below("bundle.pem"), Cancel);
        await using var registry = await LoopbackRegistry.StartAsync(published.Storage, auth, "", Cancel);
        var repository = PublishedImage.In(registry);

        await Should.ThrowAsync<ContentDeniedException>(Client(registry, new RegistryOptions()).HeadManifestAsync(repository, "v1", Cancel));

        await File.WriteAllTextAsync(Config, $$"""{"auths":{"{{registry.Name}}":{"auth":"{{Convert.ToBase64String("alice:s3cret"u8)}}"} } }""", Cancel);
        var client = Client(registry, new RegistryOptions());
        var before = tokens.Issued;
        (await client.HeadManifestAsync(repository, "v1", Cancel)).WasAnonymous.ShouldBeFalse();
        (await ReadAsync(client, repository, 0, null)).ShouldBe(published.Layer);
        (tokens.Issued - before).ShouldBe(1);
        (await client.IsPublicAsync(repository, "v1", Cancel)).ShouldBeFalse();

        tokens.IsOpen = true;
        (await Client(registry, new RegistryOptions()).IsPublicAsync(repository, "v1", Cancel)).ShouldBeTrue();
    }

    [Fact]
    public async Task A_private_authority_is_trusted_by_its_file_alone()
    {
        var (certificate, key) = await CertificateAsync();
        await using var registry = await LoopbackRegistry.StartAsync(published.Storage, "", $"    certificate: \"{certificate}\"\n    key: \"{key}\"", Cancel);
        var repository = PublishedImage.In(registry);

        var strangers = await Should.ThrowAsync<ContentUnavailableException>(
            Client(registry, new RegistryOptions { Endpoints = [new($"https://{registry.Name}/")] }).HeadManifestAsync(repository, "v1", Cancel));
        strangers.InnerException.ShouldBeOfType<UpstreamException>().Failure.ShouldBe(UpstreamFailure.NotSecured);

        (await Client(registry, new RegistryOptions { CaFile = certificate }).HeadManifestAsync(repository, "v1", Cancel)).Digest.ShouldBe(ManifestDigest);
        (await Client(registry, new RegistryOptions { SkipVerify = true }).HeadManifestAsync(repository, "v1", Cancel)).Digest.ShouldBe(ManifestDigest);
        _logs.Has(4006).ShouldBeTrue();
    }

    private UpstreamClient Client(LoopbackRegistry registry, RegistryOptions own)
    {
        var options = new UpstreamOptions
        {
            Registries = new Dictionary<string, RegistryOptions> { [registry.Name] = own },
            DockerConfigFiles = [Config],
        };
        var clients = new UpstreamClients(options, TimeProvider.System, _logs.CreateLogger<UpstreamClients>());
        _clients.Add(clients);
        return clients.For(registry.Name);
    }

    private async Task<LoopbackRegistry> StartWithPasswordAsync()
    {
        var htpasswd = RequiredTool.Path("htpasswd", "apt-get install apache2-utils");
        var file = (await Command.RunAsync(htpasswd, ["-nbB", "alice", "s3cret"], Cancel)).OrThrow().Output;
        await File.WriteAllTextAsync(_folder.Below("htpasswd"), file, Cancel);
        return await LoopbackRegistry.StartAsync(
            published.Storage, $"  htpasswd: {{realm: pier, path: \"{_folder.Below("htpasswd")}\"}}", "", Cancel);
    }

    private async Task<(string Certificate, string Key)> CertificateAsync()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=localhost", key, HashAlgorithmName.SHA256);
        var names = new SubjectAlternativeNameBuilder();
        names.AddDnsName("localhost");
        request.CertificateExtensions.Add(names.Build());
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(certificateAuthority: true, false, 0, critical: true));
        var now = TimeProvider.System.GetUtcNow();
        using var certificate = request.CreateSelfSigned(now.AddHours(-1), now.AddHours(1));
        await File.WriteAllTextAsync(_folder.Below("tls.crt"), certificate.ExportCertificatePem(), Cancel);
        await File.WriteAllTextAsync(_folder.Below("tls.key"), key.ExportPkcs8PrivateKeyPem(), Cancel);
        return (_folder.Below("tls.crt"), _folder.Below("tls.key"));
    }

    private async Task<byte[]> ReadAsync(UpstreamClient client, RepositoryName repository, long offset, long? length)
    {
        await using var blob = await client.OpenBlobAsync(repository, LayerDigest, offset, length, Cancel);
        blob.TotalSize.ShouldBe(published.Layer.Length);
        using var all = new MemoryStream();
        await blob.Stream.CopyToAsync(all, Cancel);
        return all.ToArray();
    }
}
