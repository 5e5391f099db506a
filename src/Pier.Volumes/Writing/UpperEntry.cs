using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;
using Pier.Content.Contracts;
using Pier.Volumes.Fuse.Device;
using Pier.Volumes.Fuse.Protocol;

namespace Pier.Volumes.Writing;

/// <summary>
/// Something of an upper layer, held: containers may put a link or a pipe under its name meanwhile, and it stays what it was.
/// Held by a descriptor that opens nothing (O_PATH), so that neither pipes nor devices are touched.
/// </summary>
internal sealed class UpperEntry : IDisposable
{
    // O_PATH | O_CLOEXEC; O_NOFOLLOW has a number of its own on ARM.
    private const int Hold = 0x280000;

    private static readonly int NoFollow = RuntimeInformation.ProcessArchitecture is Architecture.Arm64 or Architecture.Arm ? 0x8000 : 0x20000;

    private readonly SafeFileHandle _handle;

    private UpperEntry(SafeFileHandle handle)
    {
        _handle = handle;
        Path = $"/proc/self/fd/{handle.DangerousGetHandle()}";
    }

    /// <summary>Leads to what is held while it is; below a folder, to what is in it.</summary>
    public string Path { get; }

    /// <summary>What it is now; its kind never changes.</summary>
    /// <exception cref="IOException">It may not be looked at.</exception>
    public UpperStatus Status => UpperStatus.Of(_handle, Path);

    /// <summary>Takes hold of a path, whose last segment is not followed; null when it is gone.</summary>
    /// <exception cref="IOException">The system refused.</exception>
    public static UpperEntry? Open(string path)
    {
        var descriptor = Libc.open(path, Hold | NoFollow);
        if (descriptor >= 0)
        {
            return new UpperEntry(new SafeFileHandle(descriptor, ownsHandle: true));
        }

        return Marshal.GetLastPInvokeError() == Errno.NotFound ? null : throw Libc.Failed("open", path);
    }

    /// <summary>The names in this folder.</summary>
    /// <exception cref="IOException">It cannot be read.</exception>
    public IEnumerable<string> Names() => Directory.EnumerateFileSystemEntries(Path).Select(static child => System.IO.Path.GetFileName(child));

    /// <summary>What is said of what containers would not leave alone.</summary>
    public static ContentInUseException Changing(IEnumerable<string> path) =>
        new($"{string.Join('/', path)} changes while it is read; stop what writes to it and commit again.");

    /// <inheritdoc/>
    public void Dispose() => _handle.Dispose();
}
