namespace Pier.TestKit.Files;

/// <summary>A folder of the test's own; disposing unmounts what is mounted below and removes everything in it.</summary>
public sealed class TempFolder : IAsyncDisposable
{
    private TempFolder(string path) => Path = path;

    /// <summary>The absolute path.</summary>
    public string Path { get; }

    /// <summary>Makes an empty folder under <paramref name="parent"/>, or under the system's temporary folder.</summary>
    public static TempFolder Create(string purpose = "test", string? parent = null)
    {
        var root = parent ?? System.IO.Path.GetTempPath();
        var path = System.IO.Path.Combine(root, $"pier-{purpose}-{Environment.ProcessId}-{System.IO.Path.GetRandomFileName()}");
        Directory.CreateDirectory(path, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        return new TempFolder(path);
    }

    /// <summary>The path of a file or folder below; nothing is made.</summary>
    public string Below(params ReadOnlySpan<string> parts) => System.IO.Path.Combine([Path, .. parts]);

    /// <summary>Makes a folder below and returns its path.</summary>
    public string MakeFolder(params ReadOnlySpan<string> parts) => Directory.CreateDirectory(Below(parts)).FullName;

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await MountTable.UnmountBelowAsync(Path, CancellationToken.None);
        if (Directory.Exists(Path))
        {
            Unlock(Path);
            Directory.Delete(Path, recursive: true);
        }
    }

    /// <summary>Gives back the write bit to folders a test locked; files need none to be removed.</summary>
    private static void Unlock(string folder)
    {
        const UnixFileMode owner = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;
        if ((File.GetUnixFileMode(folder) & owner) != owner)
        {
            File.SetUnixFileMode(folder, owner);
        }
        foreach (var child in new DirectoryInfo(folder).EnumerateDirectories())
        {
            if (child.LinkTarget is null)
            {
                Unlock(child.FullName);
            }
        }
    }
}
