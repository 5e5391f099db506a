using Microsoft.Win32.SafeHandles;
using Pier.BitTorrent.Torrents;

namespace Pier.BitTorrent.Storage;

/// <summary>Keeps a <see cref="ResumeRecord"/> on disk: a crash leaves the old one or the new, never a mixture.</summary>
internal sealed class ResumeFile(string path, Metainfo metainfo)
{
    private readonly string _path = Path.GetFullPath(path);

    /// <summary>Files of a record: the torrent's, and the side file.</summary>
    public int FileCount => metainfo.Files.Count + 1;

    /// <summary>What an earlier run left; null when that is nothing, or nothing to be trusted.</summary>
    public ResumeRecord? Read()
    {
        try
        {
            using var file = File.OpenHandle(_path);
            var length = ResumeRecord.LengthFor(metainfo.PieceCount, FileCount);
            if (RandomAccess.GetLength(file) != length)
            {
                return null;
            }

            var bytes = new byte[length];
            return RandomAccess.Read(file, bytes, 0) == length
                ? ResumeRecord.Parse(bytes, metainfo.Id.Primary, metainfo.PieceCount, FileCount)
                : null;
        }
        catch (Exception unreadable) when (unreadable is IOException or UnauthorizedAccessException)
        {
            // Without it everything on disk is hashed, which is right in any case.
            return null;
        }
    }

    /// <summary>Replaces the record.</summary>
    /// <exception cref="IOException">The disk refused; the old record stands.</exception>
    public void Write(ResumeRecord record)
    {
        var folder = Path.GetDirectoryName(_path)!;
        Directory.CreateDirectory(folder);
        var temporary = $"{_path}.tmp";
        using (var file = File.OpenHandle(temporary, FileMode.Create, FileAccess.Write))
        {
            RandomAccess.Write(file, record.ToBytes(), 0);
            RandomAccess.FlushToDisk(file);
        }

        File.Move(temporary, _path, overwrite: true);
        using SafeFileHandle? opened = NoFollow.OpenFolder(folder, [""], create: false);
        if (opened is not null)
        {
            NoFollow.Sync(opened);
        }
    }
}
