using Microsoft.Win32.SafeHandles;
using Pier.Content.Contracts;

namespace Pier.Volumes.Fuse.Serving;

/// <summary>One open file.</summary>
/// <param name="Node">The node's id.</param>
/// <param name="File">What is read.</param>
internal sealed record OpenFile(ulong Node, ITreeFile File)
{
    /// <summary>The file on disk that holds exactly these bytes; null while they arrive.</summary>
    public SafeFileHandle? Whole { get; } = (File as IFileBacked)?.Handle;
}

/// <summary>How a file was opened.</summary>
/// <param name="Handle">Names it from now on.</param>
/// <param name="Backing">The file that the kernel reads itself; 0 when it asks us.</param>
internal readonly record struct Opened(ulong Handle, int Backing);
