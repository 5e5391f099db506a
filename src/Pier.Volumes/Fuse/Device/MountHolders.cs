using System.Globalization;

namespace Pier.Volumes.Fuse.Device;

/// <summary>
/// Who shows a mount somewhere else, in a mount namespace of his own, as containers do: there it stays when it is unmounted here.
/// Copies of the whole tree of folders, which any new namespace begins with, do not count.
/// </summary>
internal static class MountHolders
{
    private const string Processes = "/proc";

    /// <summary>A process of each namespace that holds what of ours is on a folder: <c>1234 (name)</c>. Those that this process does not see are not among them.</summary>
    /// <param name="folder">Where it is mounted.</param>
    public static IReadOnlyList<string> Of(string folder)
    {
        if (MountPoint.Ours(folder) is not { } mount)
        {
            return [];
        }

        var place = PlaceOf(mount, [.. MountedFolder.Read(TableOf("self"))]);
        var seen = new HashSet<string>(StringComparer.Ordinal) { NamespaceOf("self") ?? "" };
        var holders = new List<string>();
        foreach (var process in Directory.EnumerateDirectories(Processes).Select(path => Path.GetFileName(path)!).Where(static name => char.IsAsciiDigit(name[0])))
        {
            try
            {
                // One for each namespace: all processes of one see the same, but for those in a chroot.
                if (NamespaceOf(process) is not { } space || seen.Contains(space))
                {
                    continue;
                }

                if (Holds(process, mount, place))
                {
                    holders.Add(string.Create(CultureInfo.InvariantCulture, $"{process} ({File.ReadAllText($"{Processes}/{process}/comm").TrimEnd()})"));
                }

                // Not before: it may have ended in between, and others of its namespace go on.
                seen.Add(space);
            }
            catch (Exception gone) when (gone is IOException or UnauthorizedAccessException)
            {
                // It has ended meanwhile, or is not ours to look at.
            }
        }

        return holders;
    }

    private static bool Holds(string process, MountedFolder mount, Place place)
    {
        MountedFolder[] table = [.. MountedFolder.Read(TableOf(process))];
        return table.Where(other => other.Device == mount.Device).Any(other => PlaceOf(other, table) is var at
            && !(at.Device == place.Device && at.Path == place.Path && (at.IsPropagated || at.Root == place.Root)));
    }

    /// <summary>Where on the file system below it a mount lies, whatever that is called.</summary>
    private static Place PlaceOf(MountedFolder mount, MountedFolder[] table) => Array.Find(table, other => other.Id == mount.Parent) is { } below
        ? new Place(below.Device, below.Root, Path.Join(below.Root, Path.GetRelativePath(below.Folder, mount.Folder)), below.IsPropagated)
        : new Place("", "", "", IsPropagated: false);

    private static string TableOf(string process) => $"{Processes}/{process}/mountinfo";

    private static string? NamespaceOf(string process) => new FileInfo($"{Processes}/{process}/ns/mnt").LinkTarget;

    /// <summary>A folder of a file system, and how much of that is shown there.</summary>
    private readonly record struct Place(string Device, string Root, string Path, bool IsPropagated);
}
