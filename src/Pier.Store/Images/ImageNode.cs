using System.Formats.Tar;

namespace Pier.Store.Images;

/// <summary>One path of an image.</summary>
/// <param name="Layer">Number of the layer with its last word, the lowest 0.</param>
/// <param name="Number">Number of its entry in that layer, which may have several of one path; -1 for a folder without one.</param>
/// <param name="Path">Path without leading slash.</param>
/// <param name="Kind">What it is; a hard link to a symbolic link is one itself.</param>
/// <param name="LinkTarget">Where a symbolic link leads, else empty.</param>
/// <param name="Mode">Permission bits.</param>
/// <param name="Source">For a hard link the node that has its bytes, which need not be visible any more; else null.</param>
public sealed record ImageNode(int Layer, int Number, string Path, TarEntryType Kind, string LinkTarget, UnixFileMode Mode, ImageNode? Source = null)
{
    /// <summary>A folder that no layer lists.</summary>
    internal static ImageNode Folder(int layer, string path) => new(layer, -1, path, TarEntryType.Directory, "", UnixFileMode.None);

    /// <summary>The entry that has the bytes of a file, under whatever name; null when it is none.</summary>
    public ImageNode? Bytes => (Kind == TarEntryType.HardLink ? Source : this) is { Kind: TarEntryType.RegularFile } bytes ? bytes : null;
}
