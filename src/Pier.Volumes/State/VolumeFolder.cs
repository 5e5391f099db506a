using System.Text.Json;
using Microsoft.Extensions.Logging;
using Pier.Content.Contracts;
using Pier.Store.Disk;
using Pier.Volumes.Fuse.Device;
using Pier.Volumes.Writing;

namespace Pier.Volumes.State;

/// <summary>
/// Volumes on disk: <c>NAME/volume.json</c>, <c>NAME/mount</c> where they are mounted, and what was written to them beside it.
/// What arrives lies in <c>.content/</c>, which volumes of one content share; what they published in <c>.snapshots/</c>.
/// </summary>
internal sealed class VolumeFolder(string root, string? mounts, ILogger log)
{
    private const string Document = "volume.json";
    private const int MaxDocument = 1 << 20;

    /// <summary>Lies beside a snapshot until it is published: what a crash leaves then is of no use to anybody.</summary>
    private const string Unpublished = ".unpublished";

    private string Snapshots => Path.Combine(root, ".snapshots");

    /// <summary>Where what arrives is kept. No volume can have this name.</summary>
    public string Content => Path.Combine(root, ".content");

    /// <summary>Every volume that was kept; a damaged one is logged and left alone.</summary>
    public IReadOnlyList<VolumeDocument> Read()
    {
        DurableFile.MakeFolder(root);
        return [.. Directory.EnumerateDirectories(root)
            .Where(folder => !Path.GetFileName(folder).StartsWith('.'))
            .Order(StringComparer.Ordinal)
            .Select(ReadOne)
            .OfType<VolumeDocument>()];
    }

    /// <summary>Where a volume is mounted that has no folder of the user's.</summary>
    public string MountOf(string name) => mounts is null ? Path.Combine(root, name, "mount") : Path.Combine(mounts, name);

    /// <summary>The file that tells which files of a volume are open.</summary>
    public string HandlesOf(string name) => Path.Combine(root, name, "handles");

    /// <summary>The document that tells which torrents were looked up through a volume that shows every one.</summary>
    public string NumbersOf(string name) => Path.Combine(root, name, "torrents.json");

    /// <summary>The file that says in which folder of <see cref="Content"/> the content of a volume is.</summary>
    public string NoteOf(string name) => Path.Combine(root, name, "content");

    /// <summary>Where what is written to a volume is kept.</summary>
    public WrittenFolder WrittenOf(string name, long? quota) => new(Path.Combine(root, name), quota);

    /// <summary>A folder for a new snapshot, which does not exist yet; <see cref="KeepSnapshot"/> when it is published.</summary>
    /// <param name="name">Its last segment.</param>
    public string NewSnapshot(string name)
    {
        var own = Path.Combine(Snapshots, Path.GetRandomFileName());
        DurableFile.MakeFolder(own);
        DurableFile.Replace(Path.Combine(own, Unpublished), []);
        return Path.Combine(own, name);
    }

    /// <summary>A snapshot is published: only <see cref="RemoveSnapshot"/> ends it.</summary>
    public void KeepSnapshot(string folder)
    {
        if (OwnOf(folder) is { } own)
        {
            File.Delete(Path.Combine(own, Unpublished));
        }
    }

    /// <summary>Removes a snapshot; quiet when the folder is none of this room's.</summary>
    public void RemoveSnapshot(string folder)
    {
        if (OwnOf(folder) is { } own && Directory.Exists(own))
        {
            Directory.Delete(own, recursive: true);
        }
    }

    /// <summary>Removes snapshots that a crash left before they were published.</summary>
    /// <param name="published">Paths of what is published.</param>
    public void SweepSnapshots(IReadOnlyCollection<string> published)
    {
        try
        {
            var kept = published.Select(RealPath.Of).Select(Path.GetDirectoryName).ToHashSet(StringComparer.Ordinal);
            foreach (var own in Directory.Exists(Snapshots) ? Directory.GetDirectories(Snapshots) : [])
            {
                if (!File.Exists(Path.Combine(own, Unpublished)))
                {
                    continue;
                }

                if (kept.Contains(RealPath.Of(own)))
                {
                    File.Delete(Path.Combine(own, Unpublished));
                }
                else
                {
                    LogMessages.SnapshotSwept(log, own);
                    Directory.Delete(own, recursive: true);
                }
            }
        }
        catch (Exception refused) when (refused is IOException or UnauthorizedAccessException)
        {
            LogMessages.VolumeDamaged(log, Snapshots, refused.Message);
        }
    }

    /// <summary>Keeps a volume.</summary>
    /// <exception cref="ContentStorageException">The disk refused.</exception>
    public void Put(VolumeDocument document)
    {
        DurableFile.MakeFolder(Path.Combine(root, document.Name));
        DurableFile.Replace(Path.Combine(root, document.Name, Document), JsonSerializer.SerializeToUtf8Bytes(document, VolumeJson.Default.VolumeDocument));
    }

    /// <summary>Forgets a volume, which is mounted no more. When it fails the volume is still one, and can be removed again.</summary>
    /// <exception cref="ContentStorageException">The disk refused, or something that is not ours lies there.</exception>
    public void Remove(string name)
    {
        var folder = Path.Combine(root, name);
        try
        {
            if (Directory.Exists(MountOf(name)))
            {
                // Never more than the empty folder: were something mounted there, it would be somebody's data.
                Directory.Delete(MountOf(name));
            }

            WrittenOf(name, quota: null).Clear();
            File.Delete(HandlesOf(name));
            File.Delete(NumbersOf(name));
            File.Delete(NoteOf(name));
            foreach (var torn in Directory.EnumerateFiles(folder, "*" + DurableFile.TemporarySuffix))
            {
                File.Delete(torn);
            }

            // The document last: without it nobody would know what the rest belongs to.
            File.Delete(Path.Combine(folder, Document));
            Directory.Delete(folder, recursive: false);
        }
        catch (Exception refused) when (refused is IOException or UnauthorizedAccessException)
        {
            throw new ContentStorageException($"{folder} cannot be removed: {refused.Message}", refused);
        }
    }

    /// <summary>Removes content that no volume shows any more.</summary>
    public void RemoveContent(string folder)
    {
        if (Path.GetDirectoryName(folder) == Content && Directory.Exists(folder))
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private string? OwnOf(string snapshot) => Path.GetDirectoryName(snapshot) is { } own && Path.GetDirectoryName(own) == Snapshots ? own : null;

    private VolumeDocument? ReadOne(string folder)
    {
        var path = Path.Combine(folder, Document);
        try
        {
            if (DurableFile.Read(path, MaxDocument) is not { } bytes)
            {
                return null;
            }

            var document = JsonSerializer.Deserialize(bytes, VolumeJson.Default.VolumeDocument);
            if (document is { Version: VolumeDocument.Current, Options: not null, Users: not null } && document.Name == Path.GetFileName(folder))
            {
                return document;
            }

            LogMessages.VolumeDamaged(log, path, $"not a volume of version {VolumeDocument.Current}");
        }
        catch (Exception damaged) when (damaged is JsonException or ContentException)
        {
            LogMessages.VolumeDamaged(log, path, damaged.Message);
        }

        return null;
    }
}
