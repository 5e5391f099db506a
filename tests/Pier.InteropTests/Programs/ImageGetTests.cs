using System.Security.Cryptography;
using Pier.InteropTests.Distribution;
using Pier.TestKit.Files;
using Pier.TestKit.Images;

namespace Pier.InteropTests.Programs;

/// <summary><c>pier get oci:</c> from Docker's own registry by digest, of which only the registry's answers tell what it names.</summary>
public sealed class ImageGetTests : IAsyncDisposable
{
    private readonly TempFolder _home = TempFolder.Create("image-get");

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_digest_names_a_blob_or_a_whole_image_and_nothing_less()
    {
        await using var registry = await LoopbackRegistry.StartAsync(_home.Below("storage"), "", "", Token, deletes: true);
        using var client = new HttpClient();
        var publisher = new ImagePublisher(client, registry.Address);
        var (first, second) = (await LayerAsync(publisher, "first"), await LayerAsync(publisher, "second"));
        var broken = await publisher.PushImageAsync("team/app", "broken", [first, second], Token);
        await publisher.PushImageAsync("team/app", "whole", [first], Token);
        (await client.DeleteAsync(new Uri(registry.Address, $"/v2/team/app/blobs/{second.Digest}"), Token)).EnsureSuccessStatusCode();
        await using var pier = await PierProgram.StartAsync(Token, new Dictionary<string, object>(StringComparer.Ordinal)
        {
            ["upstreams"] = new Dictionary<string, object>(StringComparer.Ordinal) { [registry.Name] = new { endpoints = new[] { registry.Address.ToString() } } },
        });
        var image = $"oci://{registry.Name}/team/app";

        (await pier.RunAsync(Token, "get", $"{image}@{first.Digest}", _home.Below("blob"))).OrThrow();
        (await File.ReadAllBytesAsync(_home.Below("blob"), Token)).ShouldBe(await File.ReadAllBytesAsync(_home.Below("first"), Token));

        // The registry answered 500 to the question whether that is a manifest, and is there all the same.
        (await pier.RunAsync(Token, "get", $"{image}:whole", _home.Below("whole"))).OrThrow();

        // A part of it is gone: its manifest alone is not what was asked for.
        (await pier.RunAsync(Token, "get", $"{image}@{broken.ManifestDigest}", _home.Below("broken"))).Error.ShouldContain(second.Digest);
        Path.Exists(_home.Below("broken")).ShouldBeFalse();
    }

    public ValueTask DisposeAsync() => _home.DisposeAsync();

    private async Task<TestLayer> LayerAsync(ImagePublisher publisher, string name)
    {
        await File.WriteAllBytesAsync(_home.Below(name), RandomNumberGenerator.GetBytes(5000), Token);
        return await publisher.PushLayerAsync("team/app", _home.Below(name), ImagePublisher.DigestOf([]), Token);
    }
}
