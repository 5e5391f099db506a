using Pier.Content.Contracts;
using Pier.Store.Images;
using Pier.Store.Zstandard;

namespace Pier.Fetch.Supplies;

/// <summary>
/// The tar in an archive that Zstandard has compressed: BuildKit before 0.10 copies such an archive as it is. What comes out is bounded,
/// whatever went in.
/// </summary>
internal static class PlainArchive
{
    /// <summary>Up to here nobody asks how small it was.</summary>
    private const long MostOfAny = 1L << 30;

    /// <summary>Beyond, so many times its size: files that are worth sending are not mostly zeros.</summary>
    private const int MostRatio = 1000;

    private const int HeadSize = 4;

    /// <summary>So many at once: each may hold a window of 128 MiB.</summary>
    private static readonly SemaphoreSlim _turns = new(2);

    /// <summary>Whether a blob is such an archive.</summary>
    public static async Task<bool> IsCompressedAsync(IContentReader blob, CancellationToken cancellationToken)
    {
        var head = new byte[HeadSize];
        var read = 0;
        for (int more; read < HeadSize && (more = await blob.ReadAtAsync(read, head.AsMemory(read), cancellationToken)) > 0;)
        {
            read += more;
        }

        return ZstandardStream.IsZstandard(head.AsSpan(0, read));
    }

    /// <summary>What the tar is called.</summary>
    public static string NameOf(string archive) =>
        archive.EndsWith(".tzst", StringComparison.OrdinalIgnoreCase) ? archive[..^4] + "tar"
        : archive.EndsWith(".zst", StringComparison.OrdinalIgnoreCase) && archive.Length > 4 ? archive[..^4]
        : archive;

    /// <summary>Writes the tar.</summary>
    /// <param name="archive">The archive.</param>
    /// <param name="ingest">Takes it.</param>
    /// <param name="most">Most bytes of it; 0 for this type's own bound.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="ContentFormatException">The archive is damaged.</exception>
    /// <exception cref="ContentDeniedException">What is in it is too large.</exception>
    public static async Task CopyAsync(IContentReader archive, IContentIngest ingest, long most, CancellationToken cancellationToken)
    {
        var bound = most > 0 ? most : Math.Max(MostOfAny, archive.Length * MostRatio);
        await using var frames = new ReaderStream(archive);
        await using var plain = new ZstandardStream(frames);
        var buffer = new byte[1 << 20];
        await _turns.WaitAsync(cancellationToken);
        try
        {
            for (int read; (read = await plain.ReadAsync(buffer, cancellationToken)) > 0;)
            {
                if (ingest.Written + read > bound)
                {
                    throw new ContentDeniedException($"What is in the archive is larger than {bound} bytes, from an archive of {archive.Length}.");
                }

                await ingest.WriteAsync(buffer.AsMemory(0, read), cancellationToken);
            }
        }
        catch (InvalidDataException damaged)
        {
            throw new ContentFormatException($"The archive is damaged, or more than Pier takes: {damaged.Message}", damaged);
        }
        finally
        {
            _turns.Release();
        }
    }
}
