using Pier.Content;
using Pier.Content.Contracts;
using Pier.Store.Disk;

namespace Pier.Store.Blobs;

/// <summary>Where sealed blobs lie: <c>&lt;alg&gt;/ab/&lt;hex&gt;</c> below the blobs folder (design §5).</summary>
internal sealed class BlobFolder
{
    private readonly string _root;

    public BlobFolder(string root)
    {
        _root = root;
        DurableFile.MakeFolder(AlgorithmFolder(DigestAlgorithm.Sha256));
        DurableFile.MakeFolder(AlgorithmFolder(DigestAlgorithm.Sha512));
    }

    public string PathOf(Digest digest) => Path.Combine(_root, digest.AlgorithmName, digest.Hex[..2], digest.Hex);

    /// <summary>
    /// Where unfinished blobs are written: one folder above their final one, because that is not known before the
    /// bytes are, and so that start-up need not look through every folder for leftovers.
    /// </summary>
    public string TemporaryPath() => DurableFile.TemporaryName(AlgorithmFolder(DigestAlgorithm.Sha256));

    public int WipeTemporaries() =>
        DurableFile.WipeTemporaries(AlgorithmFolder(DigestAlgorithm.Sha256)) +
        DurableFile.WipeTemporaries(AlgorithmFolder(DigestAlgorithm.Sha512));

    /// <summary>Gives a finished, synced file its name; the file there before, of the same bytes, is replaced.</summary>
    /// <exception cref="ContentStorageException">The disk refused.</exception>
    public void Adopt(string finished, Digest sha256)
    {
        var path = PathOf(sha256);
        try
        {
            var shard = Path.GetDirectoryName(path)!;
            DurableFile.MakeFolder(shard);
            File.SetUnixFileMode(finished, DurableFile.SealedMode);
            File.Move(finished, path, overwrite: true);
            Posix.SyncFolder(shard);
        }
        catch (Exception e) when (StorageFault.Is(e))
        {
            throw StorageFault.Describe("seal", path, e);
        }
    }

    /// <summary>Every name of an algorithm for which there is a file or a link.</summary>
    public IEnumerable<Digest> Names(DigestAlgorithm algorithm)
    {
        foreach (var shard in Directory.EnumerateDirectories(AlgorithmFolder(algorithm)))
        {
            foreach (var path in Directory.EnumerateFileSystemEntries(shard))
            {
                if (Digest.TryParse($"{Name(algorithm)}:{Path.GetFileName(path)}", out var digest))
                {
                    yield return digest;
                }
            }
        }
    }

    private string AlgorithmFolder(DigestAlgorithm algorithm) => Path.Combine(_root, Name(algorithm));

    private static string Name(DigestAlgorithm algorithm) => algorithm == DigestAlgorithm.Sha256 ? "sha256" : "sha512";
}
