using Pier.TestKit.Processes;

namespace Pier.TestKit.Files;

/// <summary>A folder of the test's own; what is mounted below it is seen by engines that have mounts of their own, as on hosts with systemd.</summary>
public sealed class SharedFolder : IAsyncDisposable
{
    private readonly TempFolder _folder;

    private SharedFolder(TempFolder folder) => _folder = folder;

    /// <summary>The absolute path.</summary>
    public string Path => _folder.Path;

    /// <summary>Makes one; needs root.</summary>
    public static async Task<SharedFolder> CreateAsync(CancellationToken cancellationToken)
    {
        var folder = TempFolder.Create("shared");
        try
        {
            (await Command.RunAsync("mount", ["--bind", folder.Path, folder.Path], cancellationToken)).OrThrow();
            (await Command.RunAsync("mount", ["--make-shared", folder.Path], cancellationToken)).OrThrow();
            return new SharedFolder(folder);
        }
        catch
        {
            await folder.DisposeAsync();
            throw;
        }
    }

    /// <summary>The path of a file or folder below; nothing is made.</summary>
    public string Below(params ReadOnlySpan<string> parts) => _folder.Below(parts);

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => _folder.DisposeAsync();
}
