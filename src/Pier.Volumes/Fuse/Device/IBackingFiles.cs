using Microsoft.Win32.SafeHandles;

namespace Pier.Volumes.Fuse.Device;

/// <summary>Files that the kernel reads itself (passthrough).</summary>
internal interface IBackingFiles
{
    /// <summary>Registers a file; 0 when the kernel refuses.</summary>
    int Open(SafeFileHandle file);

    /// <summary>Takes a registration back; open handles keep the file.</summary>
    void Close(int backing);
}

/// <summary>The kernel's own.</summary>
internal sealed class DeviceBackingFiles(FuseDevice device) : IBackingFiles
{
    /// <inheritdoc/>
    public int Open(SafeFileHandle file) => device.OpenBacking(file);

    /// <inheritdoc/>
    public void Close(int backing) => device.CloseBacking(backing);
}

/// <summary>None: kernels before 6.9, and mounts that are not to use it.</summary>
internal sealed class NoBackingFiles : IBackingFiles
{
    /// <inheritdoc/>
    public int Open(SafeFileHandle file) => 0;

    /// <inheritdoc/>
    public void Close(int backing)
    {
        // Nothing was opened.
    }
}
