using Pier.Content.Contracts;
using Pier.TestKit.Files;
using Pier.TestKit.Logging;
using Pier.TestKit.Processes;
using Pier.Volumes.Fuse.Serving;

namespace Pier.InteropTests.Volumes;

/// <summary>A tree mounted for real; disposing ends the mount whoever uses it.</summary>
internal sealed class TreeMount : IAsyncDisposable
{
    private readonly TempFolder _folder;

    private TreeMount(TempFolder folder, FuseSession session, CollectedLogs logs)
    {
        _folder = folder;
        Session = session;
        Logs = logs;
    }

    public string Path => _folder.Path;

    public FuseSession Session { get; }

    public CollectedLogs Logs { get; }

    public static TreeMount Open(IContentTree tree, FuseOptions? options = null)
    {
        var folder = TempFolder.Create("fuse");
        // Others than root must get to the mount itself.
        File.SetUnixFileMode(folder.Path, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute | UnixFileMode.OtherExecute | UnixFileMode.OtherRead);
        var logs = new CollectedLogs();
        return new TreeMount(folder, FuseSession.Mount(tree, folder.Path, options ?? new FuseOptions(), TimeProvider.System, logs.CreateLogger("fuse")), logs);
    }

    public string Below(string path) => System.IO.Path.Combine(Path, path);

    /// <summary>Runs a shell line with the mount as <c>$M</c> and another folder as <c>$D</c>; returns what it prints.</summary>
    public async Task<string> ShellAsync(string line, string other, CancellationToken cancellationToken) =>
        (await RunAsync(line, other, cancellationToken)).OrThrow().Output;

    /// <summary>As <see cref="ShellAsync"/>, whatever the exit code.</summary>
    public Task<CommandResult> RunAsync(string line, string other, CancellationToken cancellationToken) => Command.RunAsync(
        "bash", ["-c", "set -o pipefail; " + line], new Dictionary<string, string> { ["M"] = Path, ["D"] = other, ["LC_ALL"] = "C.UTF-8" }, cancellationToken);

    public async ValueTask DisposeAsync()
    {
        await Session.DisposeAsync();
        await _folder.DisposeAsync();
    }
}
