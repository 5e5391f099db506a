using System.Globalization;
using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;
using Pier.Engines.Files;

namespace Pier.Engines.Containers;

/// <summary>
/// A container's file system as its processes see it, of which only plain files of the image and the container itself can be
/// opened: names are resolved by openat2(2) as if it were the root of everything, links do not lead out of it, mounts (volumes,
/// /proc, devices) are not entered, and nothing but a regular file is ever opened.
/// </summary>
public sealed partial class ContainerRoot : IDisposable
{
    // The same on all processors, since it is a late one.
    private const int OpenAt2 = 437;

    private const int ReadOnly = 0;
    // Whoever holds a lease on the file (fcntl(2)) is not waited for.
    private const int NonBlocking = 0x800;
    private const int PathOnly = 0x200000;
    private const int CloseOnExec = 0x80000;
    private const ulong NoOtherMounts = 0x01;
    private const ulong NoMagicLinks = 0x02;
    private const ulong InRoot = 0x10;
    private const int CrossesDevice = 18;
    private const int NoSuchCall = 38;
    private const int TooManyLinks = 40;
    private const int RegularFile = 8;

    private readonly SafeFileHandle _root;

    private readonly Func<bool> _isAlive;

    private ContainerRoot(SafeFileHandle root, Func<bool> isAlive) => (_root, _isAlive) = (root, isAlive);

    /// <summary>False once the process is gone whose root it is.</summary>
    public bool IsAlive => _isAlive();

    /// <summary>Opens the root that a container's first process sees.</summary>
    /// <param name="container">The container.</param>
    /// <param name="processes">Where the system tells of processes, <c>/proc</c>.</param>
    /// <exception cref="IOException">There is none, or it is not ours to look at.</exception>
    public static ContainerRoot Of(RunningContainer container, string processes)
    {
        ArgumentNullException.ThrowIfNull(container);
        var process = Find(container, processes) ?? throw new IOException("none of the processes that this daemon sees is the container's");
        var root = At(string.Create(CultureInfo.InvariantCulture, $"{processes}/{process}/root"), () => ContainerProcess.IsOf(process, container.Id, processes));
        // Process ids are used again: it must have been the container's all the time.
        if (root.IsAlive)
        {
            return root;
        }

        root.Dispose();
        throw new IOException("the container has ended");
    }

    /// <summary>Opens a folder as a root.</summary>
    /// <exception cref="IOException">It cannot be opened.</exception>
    internal static ContainerRoot At(string folder) => At(folder, static () => true);

    private static int? Find(RunningContainer container, string processes)
    {
        try
        {
            return ContainerProcess.Find(container, processes);
        }
        catch (UnauthorizedAccessException refused)
        {
            throw new IOException(refused.Message, refused);
        }
    }

    private static ContainerRoot At(string folder, Func<bool> isAlive)
    {
        var root = Open(folder, PathOnly | CloseOnExec);
        if (!root.IsInvalid)
        {
            return new ContainerRoot(root, isAlive);
        }

        root.Dispose();
        throw Refused(folder, Marshal.GetLastPInvokeError());
    }

    /// <summary>Opens a plain file for reading.</summary>
    /// <param name="path">Absolute, as the container has it.</param>
    /// <exception cref="IOException">There is none, or it is not to be read; says why.</exception>
    public SafeFileHandle OpenFile(string path)
    {
        ArgumentNullException.ThrowIfNull(path);
        // Only named at first: to open a device or a pipe would already do something.
        using var named = OpenBelow(path, PathOnly | CloseOnExec);
        if ((FileFacts.Of(named) ?? throw Refused(path, Marshal.GetLastPInvokeError())).Type != RegularFile)
        {
            throw new IOException($"{path} is no plain file");
        }

        var file = Reopen(named);
        if (!file.IsInvalid)
        {
            return file;
        }

        file.Dispose();
        throw Refused(path, Marshal.GetLastPInvokeError());
    }

    /// <inheritdoc/>
    public void Dispose() => _root.Dispose();

    private unsafe SafeFileHandle OpenBelow(string path, int flags)
    {
        var how = stackalloc ulong[3];
        (how[0], how[1], how[2]) = ((ulong)flags, 0, NoOtherMounts | NoMagicLinks | InRoot);
        var isHeld = false;
        try
        {
            _root.DangerousAddRef(ref isHeld);
            var descriptor = SystemCall(OpenAt2, (int)_root.DangerousGetHandle(), path, how, 3 * sizeof(ulong));
            return descriptor >= 0 ? new SafeFileHandle(descriptor, ownsHandle: true) : throw Refused(path, Marshal.GetLastPInvokeError());
        }
        finally
        {
            if (isHeld)
            {
                _root.DangerousRelease();
            }
        }
    }

    /// <summary>The very file that is named, whatever has become of its name.</summary>
    private static SafeFileHandle Reopen(SafeFileHandle named) =>
        Open(string.Create(CultureInfo.InvariantCulture, $"/proc/self/fd/{(int)named.DangerousGetHandle()}"), ReadOnly | NonBlocking | CloseOnExec);

    private static IOException Refused(string path, int errno) => new(errno switch
    {
        CrossesDevice => $"{path} lies in a volume or another mount, not in the container",
        TooManyLinks => $"{path} goes over links that lead nowhere, or out of the container",
        NoSuchCall => "files below a container's root cannot be opened safely: openat2 came with Linux 5.6, or a filter of system calls forbids it (RestrictSUIDSGID= does)",
        _ => $"{path}: {Marshal.GetPInvokeErrorMessage(errno)}",
    });

    [LibraryImport("libc", EntryPoint = "open", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial SafeFileHandle Open(string path, int flags);

    [LibraryImport("libc", EntryPoint = "syscall", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static unsafe partial nint SystemCall(nint number, nint folder, string path, ulong* how, nint size);
}
