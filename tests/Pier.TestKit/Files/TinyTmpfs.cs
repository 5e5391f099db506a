using Pier.TestKit.Processes;

namespace Pier.TestKit.Files;

/// <summary>A disk in memory of a given size, for tests of what happens when it is full; mounting needs root.</summary>
public sealed class TinyTmpfs : IAsyncDisposable
{
    private readonly TempFolder _folder;

    private TinyTmpfs(TempFolder folder) => _folder = folder;

    /// <summary>Where the disk is mounted.</summary>
    public string Path => _folder.Path;

    /// <summary>Bytes still free.</summary>
    public long FreeBytes => new DriveInfo(Path).AvailableFreeSpace;

    /// <summary>Mounts a tmpfs that holds at most <paramref name="bytes"/> bytes (rounded up to pages).</summary>
    /// <exception cref="InvalidOperationException">Not root, or the mount failed.</exception>
    public static async Task<TinyTmpfs> MountAsync(long bytes, CancellationToken cancellationToken)
    {
        if (!Environment.IsPrivilegedProcess)
        {
            throw new InvalidOperationException("A small tmpfs needs root to mount: run the tests as root.");
        }
        var folder = TempFolder.Create("tmpfs");
        var result = await Command.RunAsync(
            "mount", ["-t", "tmpfs", "-o", $"size={bytes},mode=0700", "pier-tmpfs", folder.Path], cancellationToken);
        if (result.ExitCode == 0)
        {
            return new TinyTmpfs(folder);
        }
        await folder.DisposeAsync();
        throw new InvalidOperationException($"mount -t tmpfs of {bytes} bytes: {result.Error.Trim()}");
    }

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => _folder.DisposeAsync();
}
