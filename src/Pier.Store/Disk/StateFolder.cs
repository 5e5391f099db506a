using System.Globalization;
using Microsoft.Win32.SafeHandles;
using Pier.Content.Contracts;

namespace Pier.Store.Disk;

/// <summary>The folder of design §5 with everything that outlives the daemon, held by one daemon at a time.</summary>
public sealed class StateFolder : IDisposable
{
    private const string LockName = "lock";
    private const string HolderName = "lock.pid";
    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;

    private readonly SafeFileHandle _lock;

    private StateFolder(string path, SafeFileHandle heldLock)
    {
        Path = path;
        _lock = heldLock;
    }

    /// <summary>The absolute path.</summary>
    public string Path { get; }

    /// <summary>Sealed blobs, by algorithm and digest.</summary>
    public string Blobs => Below("blobs");

    /// <summary>Blobs that are still arriving.</summary>
    public string Partial => Below("partial");

    /// <summary>The last known answer of each tag.</summary>
    public string Tags => Below("tags");

    /// <summary>Swarm records and metainfo.</summary>
    public string Swarms => Below("swarms");

    /// <summary>What the node's own repositories have.</summary>
    public string Repositories => Below("repositories");

    /// <summary>Blobs that clients are pushing.</summary>
    public string Uploads => Below("uploads");

    /// <summary>Datasets: tree documents over blobs.</summary>
    public string Datasets => Below("datasets");

    /// <summary>The node's private key and certificate (design §5).</summary>
    public string NodeKey => Below("node.pem");

    /// <summary>The path of a name in the folder; nothing is made.</summary>
    public string Below(string name) => System.IO.Path.Combine(Path, name);

    /// <summary>Makes the folder where it is missing and takes it for this process until disposed.</summary>
    /// <exception cref="StateFolderException">Another process holds it, or it cannot be made, read or written.</exception>
    public static StateFolder Open(string path)
    {
        var full = System.IO.Path.GetFullPath(path);
        try
        {
            Directory.CreateDirectory(full, OwnerOnly);
            foreach (var name in (ReadOnlySpan<string>)["blobs", "partial", "tags", "swarms"])
            {
                Directory.CreateDirectory(System.IO.Path.Combine(full, name));
            }
        }
        catch (Exception e) when (StorageFault.Is(e))
        {
            throw Unusable(full, e);
        }

        var folder = new StateFolder(full, TakeLock(full));
        try
        {
            DurableFile.WipeTemporaries(full);
            var pid = Environment.ProcessId.ToString(CultureInfo.InvariantCulture);
            DurableFile.Replace(folder.Below(HolderName), System.Text.Encoding.ASCII.GetBytes(pid));
            return folder;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            folder.Dispose();
            throw Unusable(full, e);
        }
    }

    /// <summary>Lets the next daemon have the folder.</summary>
    public void Dispose() => _lock.Dispose();

    private static SafeFileHandle TakeLock(string full)
    {
        var path = System.IO.Path.Combine(full, LockName);
        try
        {
            // FileShare.None is flock(LOCK_EX | LOCK_NB): it goes with the process, however that ends.
            return File.OpenHandle(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
        }
        catch (UnauthorizedAccessException e)
        {
            throw Unusable(full, e);
        }
        catch (IOException e)
        {
            throw new StateFolderException(
                $"The state folder {full} is in use by {Holder(full)}. Stop that daemon, or give this one a folder of its own with --state.", e)
            {
                IsInUse = true,
            };
        }
    }

    private static string Holder(string full)
    {
        try
        {
            return DurableFile.Read(System.IO.Path.Combine(full, HolderName), 32) is { Length: > 0 } pid
                ? $"process {System.Text.Encoding.ASCII.GetString(pid)}"
                : "another process";
        }
        catch (ContentException)
        {
            return "another process";
        }
    }

    private static StateFolderException Unusable(string full, Exception cause) => new(
        $"The state folder {full} cannot be used: {cause.Message} Give its owner read and write access (chown -R, chmod u+rwX), or choose another with --state.",
        cause);
}
