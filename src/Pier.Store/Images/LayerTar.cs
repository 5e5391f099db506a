using System.Formats.Tar;
using System.IO.Compression;
using Pier.Content.Contracts;
using Pier.Content.Manifests;
using Pier.Store.Zstandard;

namespace Pier.Store.Images;

/// <summary>Reads the entries of one layer, decompressed, within bounds (OCI image-spec, layer.md).</summary>
public static class LayerTar
{
    private const int MostEntries = 1_000_000;
    private const long MostBytes = 256L << 30;

    /// <summary>Several layers may be read at once; who writes layers uses 8 MiB.</summary>
    private const long MostWindow = 32 << 20;

    /// <summary>Calls <paramref name="visit"/> for each entry with its number and its normalised path, in order, until it returns false.</summary>
    /// <exception cref="ContentFormatException">The layer is no tar, is compressed in a way this build cannot read, or is over a bound.</exception>
    public static async Task ReadAsync(
        IContentReader blob, Descriptor layer, Func<int, string, TarEntry, ValueTask<bool>> visit, CancellationToken cancellationToken)
    {
        await using var raw = new ReaderStream(blob);
        await using var plain = Decompress(raw, layer);
        await using var tar = new TarReader(plain);
        var (entries, bytes) = (0, 0L);
        try
        {
            while (await tar.GetNextEntryAsync(copyData: false, cancellationToken) is { } entry)
            {
                bytes += entry.Length;
                if (++entries > MostEntries || bytes > MostBytes)
                {
                    throw new ContentFormatException($"The layer {layer.Digest} has more than {MostEntries} entries or {MostBytes >> 30} GiB.");
                }
                if (LayerPath.Normalize(entry.Name) is { } path && !await visit(entries, path, entry))
                {
                    return;
                }
            }
        }
        catch (Exception broken) when (broken is InvalidDataException or FormatException or EndOfStreamException)
        {
            throw new ContentFormatException($"The layer {layer.Digest} is no readable tar: {broken.Message}", broken);
        }
    }

    private static Stream Decompress(Stream raw, Descriptor layer) => layer.MediaType switch
    {
        MediaTypes.OciLayerGzip or MediaTypes.DockerLayerGzip => new GZipStream(raw, CompressionMode.Decompress),
        MediaTypes.OciLayerZstd => new ZstandardStream(raw, MostWindow),
        MediaTypes.OciLayer or "application/vnd.docker.image.rootfs.diff.tar" => raw,
        var other => throw new ContentFormatException($"The layer {layer.Digest} is '{other}', which this build cannot unpack; take the image itself."),
    };
}
