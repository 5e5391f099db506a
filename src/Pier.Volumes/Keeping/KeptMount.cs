using Microsoft.Win32.SafeHandles;
using Pier.Volumes.Fuse.Protocol;

namespace Pier.Volumes.Keeping;

/// <summary>A mount that outlived its server.</summary>
/// <param name="Features">What was agreed with the kernel when it was mounted.</param>
/// <param name="Devices">Its descriptors of <c>/dev/fuse</c>, the one it was mounted with first.</param>
internal sealed record KeptMount(FuseFeatures Features, IReadOnlyList<SafeFileHandle> Devices) : IDisposable
{
    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (var device in Devices)
        {
            device.Dispose();
        }
    }
}
