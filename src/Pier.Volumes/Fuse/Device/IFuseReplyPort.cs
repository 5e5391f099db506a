namespace Pier.Volumes.Fuse.Device;

/// <summary>Where answers go.</summary>
internal interface IFuseReplyPort
{
    /// <summary>Writes one answer whole.</summary>
    /// <returns>0, or the errno: ENOENT when nobody waits for it any more.</returns>
    int Write(ReadOnlySpan<byte> answer);
}
