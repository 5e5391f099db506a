using System.IO.Compression;
using Pier.Content.Contracts;
using Pier.Content.Manifests;
using Pier.Store.Tar;
using Pier.Store.Zstandard;

namespace Pier.Store.Images;

/// <summary>Reads the entries of one layer, decompressed, within bounds (OCI image-spec, layer.md).</summary>
public static class LayerTar
{
    private const int MostEntries = 1_000_000;
    private const int GiB = 256;

    /// <summary>Before an entry there may be its long name, its long target, and its extended attributes, which hold at most what Go reads.</summary>
    private static readonly TarLimits Limits = new(Headers: 4 * MostEntries, TotalBytes: (long)GiB << 30, Extension: 1 << 20);

    /// <summary>Several layers may be read at once; who writes layers uses 8 MiB.</summary>
    private const long MostWindow = 32 << 20;

    /// <summary>Calls <paramref name="visit"/> for each entry with its number and its normalised path, in order, until it returns false.</summary>
    /// <exception cref="ContentFormatException">The layer is no tar, is compressed in a way this build cannot read, or is over a bound.</exception>
    public static async Task ReadAsync(
        IContentReader blob, Descriptor layer, Func<int, string, TarMember, ValueTask<bool>> visit, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(layer);
        ArgumentNullException.ThrowIfNull(visit);
        await using var raw = new ReaderStream(blob);
        await using var plain = Decompress(raw, layer);
        var tar = new BoundedTarReader(plain, Limits);
        try
        {
            for (var number = 1; await NextAsync(tar, layer, cancellationToken) is { } entry; number++)
            {
                if (number > MostEntries)
                {
                    throw new ContentFormatException($"The layer {layer.Digest} has more than {MostEntries} entries.");
                }
                if (LayerPath.Normalize(entry.Name) is { } path && !await visit(number, path, entry))
                {
                    return;
                }
            }
        }
        catch (Exception broken) when (broken is InvalidDataException or EndOfStreamException)
        {
            throw Unreadable(layer, broken);
        }
    }

    private static async ValueTask<TarMember?> NextAsync(BoundedTarReader tar, Descriptor layer, CancellationToken cancellationToken)
    {
        try
        {
            return await tar.NextAsync(cancellationToken);
        }
        catch (ContentFormatException broken)
        {
            throw Unreadable(layer, broken);
        }
    }

    private static ContentFormatException Unreadable(Descriptor layer, Exception broken) =>
        new($"The layer {layer.Digest} is no readable tar: {broken.Message}", broken);

    private static Stream Decompress(Stream raw, Descriptor layer) => layer.MediaType switch
    {
        MediaTypes.OciLayerGzip or MediaTypes.DockerLayerGzip => new GZipStream(raw, CompressionMode.Decompress),
        MediaTypes.OciLayerZstd => new ZstandardStream(raw, MostWindow),
        MediaTypes.OciLayer or "application/vnd.docker.image.rootfs.diff.tar" => raw,
        var other => throw new ContentFormatException($"The layer {layer.Digest} is '{other}', which this build cannot unpack; take the image itself."),
    };
}
