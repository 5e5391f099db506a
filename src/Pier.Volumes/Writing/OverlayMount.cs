using Pier.Content.Contracts;
using Pier.Volumes.Fuse.Device;
using Pier.Volumes.Shelf;

namespace Pier.Volumes.Writing;

/// <summary>A mounted tree that can be written to: the kernel's overlayfs over it (Documentation/filesystems/overlayfs.rst).</summary>
internal sealed class OverlayMount : IVolumeMount
{
    // nosuid, nodev
    private const nuint Flags = 2 | 4;

    private readonly IVolumeMount _lower;
    private readonly WrittenFolder _written;
    private readonly string _folder;

    private OverlayMount(IVolumeMount lower, WrittenFolder written, string folder)
    {
        _lower = lower;
        _written = written;
        _folder = folder;
    }

    /// <inheritdoc/>
    public Task Ended => _lower.Ended;

    /// <inheritdoc/>
    public int Waiting => _lower.Waiting;

    /// <inheritdoc/>
    public int OpenFiles => _lower.OpenFiles;

    /// <inheritdoc/>
    public IReadOnlyList<string> Failures => _lower.Failures;

    /// <inheritdoc/>
    public bool CanBeLeft => _lower.CanBeLeft;

    /// <inheritdoc/>
    public void Leave() => _lower.Leave();

    /// <summary>Mounts it; takes the mount below over, also when it fails to.</summary>
    /// <exception cref="ContentStorageException">The system refused; says why that may be.</exception>
    public static async Task<OverlayMount> MountAsync(IVolumeMount lower, WrittenFolder written, string folder)
    {
        try
        {
            MountPoint.Abandon(folder);
            Directory.CreateDirectory(folder);
            var options = $"lowerdir={Escape(written.Lower, ":")},upperdir={Escape(written.Upper, "")},workdir={Escape(written.Work, "")},index=off,metacopy=off,redirect_dir=off";
            if (Libc.mount(MountPoint.OverlaySource, folder, MountPoint.OverlayType, Flags, options) != 0)
            {
                throw Libc.Failed("mount", folder);
            }

            return new OverlayMount(lower, written, folder);
        }
        catch (Exception refused) when (refused is IOException or UnauthorizedAccessException)
        {
            await lower.DisposeAsync();
            throw new ContentStorageException(
                $"{folder} cannot be made writable: {refused.Message}. It needs overlayfs, and a state folder whose file system can be its upper layer (ext4, xfs or btrfs).", refused);
        }
    }

    /// <summary>Takes over what a former daemon mounted.</summary>
    public static OverlayMount Adopt(IVolumeMount lower, WrittenFolder written, string folder) => new(lower, written, folder);

    /// <inheritdoc/>
    public async Task<bool> TryUnmountAsync()
    {
        if (!MountPoint.TryUnmount(_folder))
        {
            return false;
        }

        await EndAsync();
        return true;
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        MountPoint.Abandon(_folder);
        await EndAsync();
    }

    private async Task EndAsync()
    {
        await _lower.DisposeAsync();
        _written.Close();
    }

    private static string Escape(string path, string separators) => string.Concat(
        path.Select(letter => letter is ',' or '\\' || separators.Contains(letter, StringComparison.Ordinal) ? $"\\{letter}" : $"{letter}"));
}
