using System.Formats.Tar;
using System.IO.Compression;
using System.Security.Cryptography;

namespace Pier.TestKit.Images;

/// <summary>A real image of one layer with one file, for tests of engines that need no operating system in it.</summary>
public static class SmallImage
{
    private const int FileBytes = 1_000_000;

    /// <summary>Pushes the image; another seed makes other bytes.</summary>
    /// <param name="publisher">To where.</param>
    /// <param name="repository">Repository on the upstream, "library/" included.</param>
    /// <param name="seed">Chooses the bytes.</param>
    /// <param name="cancellationToken">Gives up.</param>
    public static async Task<TestImage> PublishAsync(ImagePublisher publisher, string repository, int seed, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(publisher);
        return await publisher.PushImageAsync(repository, "1", [await PushLayerAsync(publisher, repository, seed, cancellationToken)], cancellationToken);
    }

    /// <summary>Pushes the image for two platforms, amd64 and arm64; returns the first and the digest of the list that the tag names.</summary>
    public static async Task<(TestImage Image, string ListDigest)> PublishListAsync(
        ImagePublisher publisher, string repository, int seed, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(publisher);
        return await publisher.PushListAsync(repository, "1", [await PushLayerAsync(publisher, repository, seed, cancellationToken)], cancellationToken);
    }

    private static async Task<TestLayer> PushLayerAsync(ImagePublisher publisher, string repository, int seed, CancellationToken cancellationToken)
    {
        var bytes = new byte[FileBytes];
        new Random(seed).NextBytes(bytes);
        using var tar = new MemoryStream();
        await using (var writer = new TarWriter(tar, TarEntryFormat.Pax, leaveOpen: true))
        {
            await writer.WriteEntryAsync(
                new PaxTarEntry(TarEntryType.RegularFile, "data") { DataStream = new MemoryStream(bytes), ModificationTime = DateTimeOffset.UnixEpoch }, cancellationToken);
        }
        var layer = Path.GetTempFileName();
        try
        {
            await using (var file = File.Create(layer))
            await using (var packed = new GZipStream(file, CompressionLevel.Fastest))
            {
                tar.Position = 0;
                await tar.CopyToAsync(packed, cancellationToken);
            }
            var diffId = "sha256:" + Convert.ToHexStringLower(SHA256.HashData(tar.ToArray()));
            return await publisher.PushLayerAsync(repository, layer, diffId, cancellationToken);
        }
        finally
        {
            File.Delete(layer);
        }
    }
}
