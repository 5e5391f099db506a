using Pier.Content.Contracts;
using Pier.Volumes.Fuse.Device;

namespace Pier.Volumes.Writing;

/// <summary>
/// Makes a folder that holds what a writable volume shows at the moment, as a torrent can tell it: files, which of them can be
/// run, links. What the content has whole on this disk becomes another name of the same bytes; what was written is copied.
/// </summary>
internal static class Snapshot
{
    private const int Tries = 3;
    private const int CopySize = 1 << 20;
    private const UnixFileMode Plain = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead | UnixFileMode.OtherRead;
    private const UnixFileMode Execute = UnixFileMode.UserExecute | UnixFileMode.GroupExecute | UnixFileMode.OtherExecute;

    // linkat(2): AT_FDCWD, AT_SYMLINK_FOLLOW
    private const int WorkingFolder = -100;
    private const int Follow = 0x400;

    /// <summary>Makes it.</summary>
    /// <param name="content">The content, all of it here.</param>
    /// <param name="own">The folder in which this node keeps the content; null when it lies elsewhere. Only its files get another name: whoever owns others may change them.</param>
    /// <param name="upper">What was written over it.</param>
    /// <param name="folder">Where to; made.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="ContentException">Something cannot be kept, changes all the time, or the disk refuses.</exception>
    public static async Task MakeAsync(IContentTree content, string? own, string upper, string folder, CancellationToken cancellationToken)
    {
        try
        {
            Directory.CreateDirectory(folder);
            await foreach (var entry in new MergedTree(content, upper).WalkAsync(cancellationToken))
            {
                var path = Path.Combine([folder, .. entry.Path]);
                switch (entry)
                {
                    case { Kind: TreeNodeKind.Directory }:
                        Directory.CreateDirectory(path);
                        break;
                    case { Kind: TreeNodeKind.SymbolicLink, Target: { } target }:
                        File.CreateSymbolicLink(path, target);
                        break;
                    case { Upper: { } written }:
                        CopyStill(written, path, entry);
                        break;
                    default:
                        await TakeAsync(content, own, entry, path, cancellationToken);
                        break;
                }
            }
        }
        catch (Exception refused) when (refused is not ContentException and (IOException or UnauthorizedAccessException))
        {
            throw new ContentStorageException($"{folder}: {refused.Message}", refused);
        }
    }

    private static UnixFileMode ModeOf(MergedEntry entry) => entry.IsExecutable ? Plain | Execute : Plain;

    /// <summary>Containers may be writing: a copy counts only when the file is the same before and after.</summary>
    private static void CopyStill(UpperEntry source, string path, MergedEntry entry)
    {
        for (var attempt = 0; attempt < Tries; attempt++)
        {
            var before = source.Status;
            File.Copy(source.Path, path, overwrite: true);
            if (source.Status == before)
            {
                File.SetUnixFileMode(path, ModeOf(entry));
                using var copy = File.OpenHandle(path, FileMode.Open, FileAccess.ReadWrite);
                RandomAccess.FlushToDisk(copy);
                return;
            }
        }

        throw UpperEntry.Changing(entry.Path);
    }

    private static async Task TakeAsync(IContentTree content, string? own, MergedEntry entry, string path, CancellationToken cancellationToken)
    {
        await using var file = await content.OpenAsync(entry.Lower, cancellationToken);
        var mode = ModeOf(entry);
        if (own is not null && file is IFileBacked { Handle: { } whole })
        {
            var descriptor = $"/proc/self/fd/{whole.DangerousGetHandle()}";
            if (IsBelow(own, descriptor) && CanRun(File.GetUnixFileMode(whole)) == CanRun(mode)
                && Libc.linkat(WorkingFolder, descriptor, WorkingFolder, path, Follow) == 0)
            {
                return;
            }
        }

        using var copy = File.OpenHandle(path, FileMode.CreateNew, FileAccess.ReadWrite, preallocationSize: file.Length);
        var buffer = new byte[CopySize];
        var offset = 0L;
        while (await file.ReadAtAsync(offset, buffer, cancellationToken) is > 0 and var read)
        {
            await RandomAccess.WriteAsync(copy, buffer.AsMemory(0, read), offset, cancellationToken);
            offset += read;
        }

        File.SetUnixFileMode(copy, mode);
        RandomAccess.FlushToDisk(copy);
    }

    private static bool IsBelow(string folder, string descriptor) =>
        new FileInfo(descriptor).LinkTarget?.StartsWith(Path.TrimEndingDirectorySeparator(folder) + "/", StringComparison.Ordinal) == true;

    private static bool CanRun(UnixFileMode mode) => (mode & Execute) != UnixFileMode.None;
}
