using Microsoft.Extensions.Logging;
using Pier.Content.Contracts;
using Pier.Volumes.Fuse.Device;
using Pier.Volumes.Fuse.Serving;
using Pier.Volumes.Keeping;
using Pier.Volumes.Writing;

namespace Pier.Volumes.Shelf;

/// <summary>Where trees become folders of this host; the seam at which tests do without mounting.</summary>
public interface IVolumeMounts
{
    /// <summary>Shows a tree on a folder, which is made; one that a former daemon left there is served on.</summary>
    /// <exception cref="ContentStorageException">The system refused; says what and what to do.</exception>
    IVolumeMount Mount(IContentTree tree, string folder, FuseOptions options);

    /// <summary>Shows a mounted tree on a folder where it can be written over; takes the mount over, also when it fails to.</summary>
    /// <exception cref="ContentStorageException">The system refused; says what and what to do.</exception>
    Task<IVolumeMount> MakeWritableAsync(IVolumeMount lower, WrittenFolder written, string folder);

    /// <summary>Ends what a daemon that is no more left mounted on a folder.</summary>
    void Clear(string folder);

    /// <summary>Processes that show what is mounted on a folder elsewhere too, where it stays when it is unmounted here.</summary>
    IReadOnlyList<string> HoldersOf(string folder);

    /// <summary>What somebody else has mounted over what is mounted on a folder, in words; null for nothing.</summary>
    string? CoverOf(string folder);
}

/// <summary>One mounted tree. Disposing ends it whoever uses it.</summary>
public interface IVolumeMount : IAsyncDisposable
{
    /// <summary>Ends when nothing is mounted any more.</summary>
    Task Ended { get; }

    /// <summary>Reads that wait.</summary>
    int Waiting { get; }

    /// <summary>Files open now.</summary>
    int OpenFiles { get; }

    /// <summary>Why the last reads failed.</summary>
    IReadOnlyList<string> Failures { get; }

    /// <summary>Whether it can be left to the next daemon.</summary>
    bool CanBeLeft { get; }

    /// <summary>Leaves it as it is, to be served by the next daemon; nothing more is answered.</summary>
    void Leave();

    /// <summary>Unmounts; false when somebody still uses it.</summary>
    Task<bool> TryUnmountAsync();
}

/// <summary>The kernel's own mounts.</summary>
internal sealed class FuseMounts(MountKeeping keeping, TimeProvider time, ILogger<FuseMounts> log) : IVolumeMounts
{
    /// <inheritdoc/>
    public IVolumeMount Mount(IContentTree tree, string folder, FuseOptions options)
    {
        try
        {
            if (!keeping.IsOn)
            {
                options = options with { HandlesFile = null };
            }

            if (keeping.Take(folder) is { } kept)
            {
                if (MountPoint.DeviceOf(folder) is not null)
                {
                    return Kept(FuseSession.Resume(kept, tree, folder, options, time, log));
                }

                kept.Dispose();
            }

            MountPoint.Abandon(folder);
            Directory.CreateDirectory(folder);
            return Kept(FuseSession.Mount(tree, folder, options, time, log));
        }
        catch (Exception refused) when (refused is IOException or UnauthorizedAccessException)
        {
            throw new ContentStorageException(
                $"{folder} cannot be mounted: {refused.Message}. Mounting needs /dev/fuse (modprobe fuse) and a pierd that runs as root.", refused);
        }
    }

    /// <inheritdoc/>
    public async Task<IVolumeMount> MakeWritableAsync(IVolumeMount lower, WrittenFolder written, string folder)
    {
        // Told before it is mounted: a daemon that dies in between leaves nothing. And after, when it is seen which mount it is.
        keeping.MadeWritable(written.Lower, folder, written.Written);
        if (lower is FuseSession { IsResumed: true } && MountPoint.IsOverlay(folder))
        {
            return OverlayMount.Adopt(lower, written, folder);
        }

        var overlay = await OverlayMount.MountAsync(lower, written, folder);
        keeping.MadeWritable(written.Lower, folder, written.Written);
        return overlay;
    }

    /// <inheritdoc/>
    public void Clear(string folder)
    {
        keeping.Drop(folder);
        MountPoint.Abandon(folder);
    }

    /// <inheritdoc/>
    public IReadOnlyList<string> HoldersOf(string folder) => MountHolders.Of(folder);

    /// <inheritdoc/>
    public string? CoverOf(string folder) => MountPoint.CoverOf(folder) is { } cover ? $"{cover.Type}, {cover.Root} of {cover.Source}" : null;

    private FuseSession Kept(FuseSession session)
    {
        session.KeepBy(keeping);
        return session;
    }
}
