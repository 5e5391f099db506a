using Pier.Content;
using Pier.Content.Contracts;
using Pier.Store.Disk;

namespace Pier.Store.Datasets;

/// <summary>The datasets of this node: <c>&lt;hex&gt;.json</c>, named by the SHA-256 of the document (design §5).</summary>
public sealed class DatasetStore
{
    private const string Suffix = ".json";

    private readonly string _folder;

    /// <summary>Opens the datasets in a folder, made where it is missing.</summary>
    /// <exception cref="ContentStorageException">The folder cannot be made.</exception>
    public DatasetStore(string folder)
    {
        ArgumentNullException.ThrowIfNull(folder);
        _folder = folder;
        DurableFile.MakeFolder(folder);
        try
        {
            DurableFile.WipeTemporaries(folder);
        }
        catch (Exception e) when (StorageFault.Is(e))
        {
            throw StorageFault.Describe("open the datasets in", folder, e);
        }
    }

    /// <summary>Every dataset's name.</summary>
    public IEnumerable<Digest> List()
    {
        foreach (var path in Directory.EnumerateFiles(_folder, "*" + Suffix))
        {
            if (Digest.TryParse($"sha256:{Path.GetFileNameWithoutExtension(path)}", out var name))
            {
                yield return name;
            }
        }
    }

    /// <summary>Keeps a dataset; the same twice is one.</summary>
    /// <returns>Its name.</returns>
    /// <exception cref="ContentFormatException">An entry is malformed, or the entries make no tree.</exception>
    /// <exception cref="ContentStorageException">The disk refused.</exception>
    public Digest Put(DatasetDocument document)
    {
        ArgumentNullException.ThrowIfNull(document);
        document.Check();
        DatasetTree.Index(document);
        var bytes = document.ToBytes();
        var name = Digest.Compute(bytes);
        DurableFile.Replace(PathOf(name), bytes);
        return name;
    }

    /// <summary>A dataset by its name; null when it is not here.</summary>
    /// <exception cref="ContentFormatException">It is damaged.</exception>
    /// <exception cref="ContentStorageException">The disk refused.</exception>
    public DatasetDocument? Find(Digest name)
    {
        if (DurableFile.Read(PathOf(name), DatasetDocument.MaxBytes) is not { } bytes)
        {
            return null;
        }

        return Digest.Compute(bytes) == name
            ? DatasetDocument.Parse(bytes)
            : throw new ContentFormatException($"{PathOf(name)} is damaged: its bytes are not what its name says. Remove it.");
    }

    /// <summary>Forgets a dataset; its blobs stay. False when it is not here.</summary>
    /// <exception cref="ContentStorageException">The disk refused.</exception>
    public bool Remove(Digest name)
    {
        try
        {
            var isHere = File.Exists(PathOf(name));
            File.Delete(PathOf(name));
            return isHere;
        }
        catch (Exception e) when (StorageFault.Is(e))
        {
            throw StorageFault.Describe("remove", PathOf(name), e);
        }
    }

    private string PathOf(Digest name) => Path.Combine(_folder, name.Hex + Suffix);
}
