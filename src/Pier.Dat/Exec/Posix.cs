using System.Runtime.InteropServices;

namespace Pier.Dat.Exec;

/// <summary>The calls of libc that make one process of another.</summary>
internal static unsafe partial class Posix
{
    /// <summary>The signal that .NET ignores and programs do not expect to be ignored.</summary>
    public const int SigPipe = 13;

    /// <summary>Asks a process to end.</summary>
    public const int SigTerm = 15;

    /// <summary>No such file.</summary>
    public const int NoEntry = 2;

    /// <summary>A session of its own for the new process: a terminal's signals are not for it.</summary>
    public const short SetSession = 0x80;

    /// <summary>Reads and writes.</summary>
    public const int ReadWrite = 2;

    /// <summary>Writes at the end.</summary>
    public const int AppendOnly = 0x1 | 0x400;

    /// <summary>More bytes than posix_spawn's two structures have on any Linux.</summary>
    public const int StructureSize = 1024;

    private const int ParentDeathSignal = 1;

    /// <summary>Has this process get a signal when its parent ends.</summary>
    public static bool DieWithParent() => Control(ParentDeathSignal, SigTerm, 0, 0, 0) == 0;

    /// <summary>A signal does again what it does by default.</summary>
    public static void ResetSignal(int signal) => Signal(signal, 0);

    [LibraryImport("libc", EntryPoint = "execve", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    public static partial int Execute(byte* path, byte** arguments, byte** environment);

    [LibraryImport("libc", EntryPoint = "posix_spawn")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    public static partial int Spawn(int* pid, byte* path, void* actions, void* attributes, byte** arguments, byte** environment);

    [LibraryImport("libc", EntryPoint = "posix_spawnattr_init")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    public static partial int InitAttributes(void* attributes);

    [LibraryImport("libc", EntryPoint = "posix_spawnattr_setflags")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    public static partial int SetFlags(void* attributes, short flags);

    [LibraryImport("libc", EntryPoint = "posix_spawn_file_actions_init")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    public static partial int InitActions(void* actions);

    [LibraryImport("libc", EntryPoint = "posix_spawn_file_actions_addopen", StringMarshalling = StringMarshalling.Utf8)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    public static partial int AddOpen(void* actions, int descriptor, string path, int flags, uint mode);

    [LibraryImport("libc", EntryPoint = "kill")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    public static partial int Kill(int pid, int signal);

    [LibraryImport("libc", EntryPoint = "signal")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial nint Signal(int signal, nint handler);

    [LibraryImport("libc", EntryPoint = "prctl")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int Control(int option, nint first, nint second, nint third, nint fourth);
}
