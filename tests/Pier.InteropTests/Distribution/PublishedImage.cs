using System.Security.Cryptography;
using Pier.Content.References;
using Pier.TestKit.Files;
using Pier.TestKit.Images;

namespace Pier.InteropTests.Distribution;

/// <summary>One small image in a registry's storage folder, pushed once for all tests through a plain registry.</summary>
public sealed class PublishedImage : IAsyncLifetime
{
    private const string Path = "team/app";

    private readonly TempFolder _folder = TempFolder.Create("published");

    /// <summary>The registry's files.</summary>
    public string Storage => _folder.Below("storage");

    /// <summary>What was pushed, under tags v1, v2 and v3.</summary>
    public TestImage Image { get; private set; } = null!;

    /// <summary>The layer's bytes: more than the kernel buffers on loopback.</summary>
    public byte[] Layer { get; } = RandomNumberGenerator.GetBytes(32_000_000);

    /// <inheritdoc/>
    public async ValueTask InitializeAsync()
    {
        var cancellationToken = TestContext.Current.CancellationToken;
        await using var registry = await LoopbackRegistry.StartAsync(Storage, "", "", cancellationToken);
        using var client = new HttpClient();
        var publisher = new ImagePublisher(client, registry.Address);
        await File.WriteAllBytesAsync(_folder.Below("layer"), Layer, cancellationToken);
        var layer = await publisher.PushLayerAsync(Path, _folder.Below("layer"), ImagePublisher.DigestOf([]), cancellationToken);
        foreach (var tag in new[] { "v1", "v2", "v3" })
        {
            Image = await publisher.PushImageAsync(Path, tag, [layer], cancellationToken);
        }
    }

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => _folder.DisposeAsync();

    internal static RepositoryName In(LoopbackRegistry registry) => new(registry.Name, Path);
}
