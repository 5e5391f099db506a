using Pier.Content.Contracts;
using Pier.Volumes.Fuse.Serving;
using Pier.Volumes.Specs;
using Pier.Volumes.Writing;

namespace Pier.Volumes.Shelf;

/// <summary>Puts a volume's content on a folder as its options say: part of it, in somebody's name, to be written over.</summary>
/// <param name="name">The volume.</param>
/// <param name="spec">Its options.</param>
/// <param name="written">Where what is written to it is kept.</param>
/// <param name="handles">The file that tells the next daemon which files are open.</param>
/// <param name="mounts">Where mounts come from.</param>
internal sealed class VolumeDisplay(string name, VolumeSpec spec, WrittenFolder written, string handles, IVolumeMounts mounts)
{
    private const int MostHolders = 5;

    private const UnixFileMode Everything = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute
        | UnixFileMode.GroupRead | UnixFileMode.GroupExecute | UnixFileMode.OtherRead | UnixFileMode.OtherExecute;

    /// <summary>The part of the content that is shown.</summary>
    /// <exception cref="ContentNotFoundException">It has no such part.</exception>
    public ValueTask<IContentTree> PartOfAsync(IContentTree content, CancellationToken cancellationToken) =>
        Subtree.OpenAsync(content, spec.Subpath, cancellationToken);

    /// <summary>Mounts it.</summary>
    /// <exception cref="ContentException">It has no such part, or the system refused.</exception>
    public async Task<IVolumeMount> MountAsync(IArrivingTree arriving, string folder, CancellationToken cancellationToken)
    {
        var tree = await PartOfAsync(arriving.Tree, cancellationToken);
        var arrival = arriving.Arrival;
        var options = new FuseOptions
        {
            Uid = spec.Uid,
            Gid = spec.Gid,
            Umask = spec.Umask,
            Patience = spec.Patience,
            TryAgain = spec.TryAgain,
            TotalBytes = arrival.Length,
            TotalNodes = arrival.Nodes,
            Source = $"pier:{name}",
            HandlesFile = handles,
        };
        if (!spec.IsWritable)
        {
            return mounts.Mount(tree, folder, options);
        }

        try
        {
            await OpenWrittenAsync(cancellationToken);
            return await mounts.MakeWritableAsync(mounts.Mount(tree, written.Lower, options), written, folder);
        }
        catch
        {
            written.Close();
            throw;
        }
    }

    /// <summary>Refuses what only makes sense where something can be written.</summary>
    /// <param name="otherwise">Why it does not.</param>
    /// <exception cref="VolumeOptionException">It is read-only.</exception>
    public void CheckWritable(string otherwise)
    {
        if (!spec.IsWritable)
        {
            throw new VolumeOptionException($"The volume '{name}' is read-only: {otherwise}.");
        }
    }

    /// <summary>Refuses to end what is shown elsewhere too, or lies beneath another mount.</summary>
    /// <param name="folder">Where it is mounted.</param>
    /// <param name="isEngines">Whether it is an engine's volume and no user's own folder: engines say by themselves when nobody uses them.</param>
    /// <exception cref="ContentInUseException">A container, for one, shows it; or as <see cref="CheckUncovered"/>.</exception>
    public void CheckReleased(string folder, bool isEngines)
    {
        CheckUncovered(folder);
        if (!isEngines && mounts.HoldersOf(folder) is { Count: > 0 } holders)
        {
            throw new ContentInUseException(
                $"{folder} is shown in another mount namespace too, a container's perhaps, by process {string.Join(", ", holders.Take(MostHolders))}. End that first; --force ends the mount all the same.");
        }
    }

    /// <summary>Refuses to end what somebody else's mount lies over, with force too: that has to go first, and is not ours to end.</summary>
    /// <exception cref="ContentInUseException">One does; says which, and how it is ended.</exception>
    public void CheckUncovered(string folder)
    {
        if (mounts.CoverOf(folder) is { } cover)
        {
            throw new ContentInUseException($"Something else is mounted over the volume '{name}' ({cover}). End that first: umount {folder}");
        }
    }

    /// <summary>Makes a snapshot of what is shown; all of the content is here.</summary>
    /// <exception cref="ContentException">It cannot be kept.</exception>
    public async Task SnapshotAsync(IArrivingTree arriving, string folder, bool isMounted, CancellationToken cancellationToken)
    {
        var tree = await PartOfAsync(arriving.Tree, cancellationToken);
        await OpenWrittenAsync(cancellationToken);
        try
        {
            await Snapshot.MakeAsync(tree, arriving.Folder, written.Upper, folder, cancellationToken);
        }
        finally
        {
            if (!isMounted)
            {
                written.Close();
            }
        }
    }

    /// <summary>Ends what a daemon that is no more left mounted.</summary>
    public void Clear(string folder)
    {
        mounts.Clear(folder);
        if (spec.IsWritable)
        {
            mounts.Clear(written.Lower);
        }
    }

    private Task OpenWrittenAsync(CancellationToken cancellationToken) =>
        written.OpenAsync(Everything & (UnixFileMode)~spec.Umask, spec.Uid, spec.Gid, cancellationToken);
}
