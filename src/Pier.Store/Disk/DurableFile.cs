using Pier.Content.Contracts;

namespace Pier.Store.Disk;

/// <summary>The write rule of design §5: temporary name, write, fsync, rename, fsync the folder.</summary>
public static class DurableFile
{
    /// <summary>The end of every temporary name, by which leftovers are known at start.</summary>
    public const string TemporarySuffix = ".tmp";

    /// <summary>Sealed bytes are never written again.</summary>
    public const UnixFileMode SealedMode = UnixFileMode.UserRead | UnixFileMode.GroupRead | UnixFileMode.OtherRead;

    /// <summary>A temporary name in a folder that no other writer uses.</summary>
    public static string TemporaryName(string folder) => Path.Combine(folder, Path.GetRandomFileName() + TemporarySuffix);

    /// <summary>Gives a small document its new content; a crash leaves the old or the new, never a mixture.</summary>
    /// <exception cref="ContentStorageException">The disk refused; the old content stands.</exception>
    public static void Replace(string path, ReadOnlySpan<byte> content)
    {
        var folder = Path.GetDirectoryName(path)!;
        var temporary = TemporaryName(folder);
        try
        {
            using (var file = File.OpenHandle(temporary, FileMode.CreateNew, FileAccess.Write, FileShare.Read))
            {
                RandomAccess.Write(file, content, 0);
                RandomAccess.FlushToDisk(file);
            }

            File.Move(temporary, path, overwrite: true);
            Posix.SyncFolder(folder);
        }
        catch (Exception e) when (StorageFault.Is(e))
        {
            DeleteQuietly(temporary);
            throw StorageFault.Describe("write", path, e);
        }
    }

    /// <summary>The content of a small document, or null when there is none.</summary>
    /// <exception cref="ContentStorageException">It is there and cannot be read.</exception>
    /// <exception cref="ContentFormatException">It is larger than <paramref name="limit"/> bytes.</exception>
    public static byte[]? Read(string path, long limit)
    {
        try
        {
            using var file = File.OpenHandle(path);
            var length = RandomAccess.GetLength(file);
            if (length > limit)
            {
                throw new ContentFormatException($"{path} has {length} bytes; a document of this kind has at most {limit}. Remove it.");
            }

            var content = new byte[length];
            var read = 0;
            while (read < content.Length && RandomAccess.Read(file, content.AsSpan(read), read) is > 0 and var count)
            {
                read += count;
            }

            return content[..read];
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            return null;
        }
        catch (Exception e) when (StorageFault.Is(e))
        {
            throw StorageFault.Describe("read", path, e);
        }
    }

    /// <summary>Makes a folder and its name durable; nothing happens when it is there.</summary>
    /// <exception cref="ContentStorageException">The disk refused.</exception>
    public static void MakeFolder(string path)
    {
        if (Directory.Exists(path))
        {
            return;
        }

        try
        {
            Directory.CreateDirectory(path);
            Posix.SyncFolder(Path.GetDirectoryName(path)!);
        }
        catch (Exception e) when (StorageFault.Is(e))
        {
            throw StorageFault.Describe("make the folder", path, e);
        }
    }

    /// <summary>Removes the temporary files that a crash left in a folder.</summary>
    /// <returns>How many there were.</returns>
    public static int WipeTemporaries(string folder)
    {
        var wiped = 0;
        foreach (var leftover in Directory.EnumerateFiles(folder, "*" + TemporarySuffix))
        {
            File.Delete(leftover);
            wiped++;
        }

        return wiped;
    }

    /// <summary>Removes a temporary file on the way out of a failure, whose cause matters more than this removal's.</summary>
    public static void DeleteQuietly(string path)
    {
        try
        {
            File.Delete(path);
        }
        catch (Exception e) when (StorageFault.Is(e))
        {
            // The name ends in .tmp: the next start wipes it.
        }
    }
}
