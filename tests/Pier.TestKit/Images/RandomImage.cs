namespace Pier.TestKit.Images;

/// <summary>An image of one layer that holds the same pseudo-random bytes on every machine.</summary>
internal static class RandomImage
{
    private const string Repository = "library/pier-random";
    private const int Seed = 20_260_101;
    private const int ChunkBytes = 1 << 20;
    private const int Chunks = 200;

    internal static async Task<TestImage> PublishAsync(ImagePublisher publisher, string workFolder, CancellationToken cancellationToken)
    {
        var file = Path.Combine(workFolder, "layer");
        await WriteAsync(file, cancellationToken);
        // Nothing unpacks this layer, so its diff id only has to look like one.
        var layer = await publisher.PushLayerAsync(Repository, file, ImagePublisher.DigestOf([]), cancellationToken);
        return await publisher.PushImageAsync(Repository, "1", [layer], cancellationToken);
    }

    private static async Task WriteAsync(string file, CancellationToken cancellationToken)
    {
        var random = new Random(Seed);
        var chunk = new byte[ChunkBytes];
        await using var stream = File.Create(file);
        for (var index = 0; index < Chunks; index++)
        {
            random.NextBytes(chunk);
            await stream.WriteAsync(chunk, cancellationToken);
        }
    }
}
