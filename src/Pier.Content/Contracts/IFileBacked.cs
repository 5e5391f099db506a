using Microsoft.Win32.SafeHandles;

namespace Pier.Content.Contracts;

/// <summary>
/// A reader whose bytes are one whole file on disk, so that a fast path may read the file itself. Only sealed readers
/// are file-backed: bytes of an arriving blob must be asked for.
/// </summary>
public interface IFileBacked
{
    /// <summary>The open file; offsets are those of the blob. Valid until the reader is disposed.</summary>
    SafeFileHandle Handle { get; }
}
