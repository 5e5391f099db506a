using Pier.Content.Contracts;
using Pier.Store.Disk;
using Pier.Volumes.Fuse.Device;

namespace Pier.Volumes.Writing;

/// <summary>
/// Where a writable volume keeps what was written to it: <c>lower</c>, on which its content is mounted; <c>written/upper</c>
/// and <c>written/work</c> for overlayfs. With a quota <c>written</c> is a file system of that size.
/// </summary>
/// <param name="folder">The volume's folder.</param>
/// <param name="quota">Most bytes that may be written; null for no bound but the disk's.</param>
public sealed class WrittenFolder(string folder, long? quota)
{
    private const UnixFileMode RootOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;

    /// <summary>Where the content is mounted.</summary>
    public string Lower => Path.Combine(folder, "lower");

    /// <summary>What was written, as overlayfs keeps it.</summary>
    public string Upper => Path.Combine(Written, "upper");

    /// <summary>Where overlayfs prepares what goes to <see cref="Upper"/>; on the same file system.</summary>
    public string Work => Path.Combine(Written, "work");

    /// <summary>What holds both; with a quota a file system of its own.</summary>
    public string Written => Path.Combine(folder, "written");

    private string Image => Path.Combine(folder, "written.img");

    /// <summary>Makes it ready to be written to.</summary>
    /// <param name="mode">Permission bits of the root of what is shown.</param>
    /// <param name="uid">Its owner.</param>
    /// <param name="gid">Its group.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <exception cref="ContentStorageException">The disk, or a program that the quota needs, refused.</exception>
    public async Task OpenAsync(UnixFileMode mode, uint uid, uint gid, CancellationToken cancellationToken)
    {
        try
        {
            DurableFile.MakeFolder(Lower);
            Directory.CreateDirectory(Written, RootOnly);
            if (quota is { } bytes)
            {
                await QuotaDisk.MountAsync(Image, bytes, Written, cancellationToken);
            }

            Directory.CreateDirectory(Work);
            if (!Directory.Exists(Upper))
            {
                // The root of what is shown is the upper one; only its first owner follows from the options.
                Directory.CreateDirectory(Upper);
                File.SetUnixFileMode(Upper, mode);
                Ownership.Change(Upper, uid, gid);
            }
        }
        catch (Exception refused) when (refused is not ContentException and (IOException or UnauthorizedAccessException))
        {
            throw new ContentStorageException($"{Written}: {refused.Message}", refused);
        }
    }

    /// <summary>Nothing is written any more.</summary>
    public void Close() => MountPoint.Detach(Written);

    /// <summary>Removes all that was written. Nobody may be using it.</summary>
    /// <exception cref="ContentStorageException">The disk refused.</exception>
    public void Clear()
    {
        try
        {
            Close();
            File.Delete(Image);
            File.Delete(QuotaDisk.Unfinished(Image));
            foreach (var part in new[] { Upper, Work, Written, Lower }.Where(Directory.Exists))
            {
                // Mount points are left to rmdir: were something mounted there, it would be somebody's data.
                Directory.Delete(part, recursive: part == Upper || part == Work);
            }
        }
        catch (Exception refused) when (refused is IOException or UnauthorizedAccessException)
        {
            throw new ContentStorageException($"{Written}: {refused.Message}", refused);
        }
    }
}
