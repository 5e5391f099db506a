using System.Net.Sockets;
using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;
using Pier.Volumes.Fuse.Device;

namespace Pier.Volumes.Keeping;

/// <summary>
/// The process that holds the descriptors of mounts, so that they survive the daemon: while somebody holds them the kernel
/// keeps the mount, and what is asked of it waits. It answers nothing itself. When no daemon comes back it ends the mounts,
/// so that nobody waits for ever; when it holds none and no daemon is there, it ends. So it does when it is asked to (SIGTERM),
/// with every mount.
/// </summary>
public sealed class MountKeeper : IDisposable
{
    internal const char Separator = '\n';

    /// <summary>Between folders; no path has it.</summary>
    internal const char BetweenFolders = '\0';

    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite;
    private const int MaxMounts = 1024;

    private static readonly TimeSpan StartWithin = TimeSpan.FromMinutes(1);

    // poll takes microseconds in 32 bits: some 35 minutes.
    private static readonly TimeSpan LongestPoll = TimeSpan.FromMinutes(10);

    private readonly Lock _gate = new();
    private readonly Dictionary<string, Kept> _kept = new(StringComparer.Ordinal);
    private readonly Socket _door;
    private readonly string _path;
    private readonly TimeSpan _wait;
    private bool _isOver;

    private MountKeeper(Socket door, string path, TimeSpan wait)
    {
        _door = door;
        _path = path;
        _wait = wait;
    }

    /// <summary>Keeps mounts until they are needed no more.</summary>
    /// <param name="path">The socket at which it is found.</param>
    /// <param name="wait">How long it waits for a daemon.</param>
    /// <returns>The exit code.</returns>
    public static int Run(string path, TimeSpan wait)
    {
        // A session of its own: signals to the daemon's group and terminal are not meant for it.
        _ = Libc.setsid();
        Serve(path, wait, Console.Out);
        return 0;
    }

    /// <summary>As <see cref="Run"/>, where this process is.</summary>
    /// <param name="path">The socket.</param>
    /// <param name="wait">How long it waits for a daemon.</param>
    /// <param name="ready">Is told once it can be reached.</param>
    internal static void Serve(string path, TimeSpan wait, TextWriter ready)
    {
        // Its name at first is another, which the base library removes at the end: by then the real one may be the next keeper's.
        var unready = path[..^1] + '~';
        File.Delete(unready);
        using var door = DescriptorSocket.Create();
        door.Bind(new UnixDomainSocketEndPoint(unready));
        File.SetUnixFileMode(unready, OwnerOnly);
        door.Listen(4);
        File.Move(unready, path, overwrite: true);
        ready.WriteLine("ready");
        using var keeper = new MountKeeper(door, path, wait);
        using var asked = PosixSignalRegistration.Create(PosixSignal.SIGTERM, _ => keeper.Dispose());
        keeper.Keep();
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        lock (_gate)
        {
            if (_isOver)
            {
                return;
            }

            _isOver = true;
            foreach (var (folder, kept) in _kept.ToArray())
            {
                Drop(folder);
                if (kept.Written is { } written)
                {
                    // It holds the mount below, and would show its readers errors for ever.
                    written.Overlay.Abandon();
                    kept.Mount.Abandon();
                    written.Disk.Detach();
                }
                else
                {
                    kept.Mount.Abandon();
                }
            }

            // Last: while it is there the next daemon waits for an answer. What that mounts without one may get the number of a mount
            // that has just ended, and would be taken for it.
            File.Delete(_path);
        }
    }

    private void Keep()
    {
        // Whoever started it is on the way, however slow.
        var wait = _wait > StartWithin ? _wait : StartWithin;
        for (; IsKnocked(wait); wait = _wait)
        {
            using var daemon = new DescriptorSocket(_door.Accept());
            try
            {
                while (daemon.Receive() is { } message)
                {
                    lock (_gate)
                    {
                        Answer(daemon, message.Text, message.Files);
                    }
                }
            }
            catch (IOException)
            {
                // It is gone in the middle of a message: as good as gone before.
            }

            if (_kept.Count == 0)
            {
                return;
            }
        }
    }

    private bool IsKnocked(TimeSpan wait)
    {
        for (; wait > LongestPoll; wait -= LongestPoll)
        {
            if (_door.Poll(LongestPoll, SelectMode.SelectRead))
            {
                return true;
            }
        }

        return _door.Poll(wait, SelectMode.SelectRead);
    }

    private void Answer(DescriptorSocket daemon, string text, SafeFileHandle[] files)
    {
        if (_isOver)
        {
            throw new IOException("it is ending");
        }

        var words = text.Split(Separator, 3);
        switch (words)
        {
            case ["keep", var features, var folder] when files.Length > 0 && _kept.Count < MaxMounts:
                var place = Place.Now(folder);
                // The same mount, told of by the next daemon: what lies over it still does.
                var written = _kept.TryGetValue(folder, out var before) && before.Mount == place ? before.Written : null;
                Drop(folder);
                _kept[folder] = new Kept(features, files, place) { Written = written };
                daemon.Send("kept");
                return;
            case ["take", var folder] when _kept.TryGetValue(folder, out var kept):
                daemon.Send("taken" + Separator + kept.Features, kept.Files);
                return;
            case ["over", var folders] when folders.Split(BetweenFolders) is [var below, var shown, var disk] && _kept.TryGetValue(below, out var known):
                _kept[below] = known with { Written = (Place.Now(shown), Place.Now(disk)) };
                daemon.Send("kept");
                return;
            case ["drop", var folder]:
                Drop(folder);
                daemon.Send("dropped");
                return;
            default:
                daemon.Send("none");
                return;
        }
    }

    private void Drop(string folder)
    {
        if (_kept.Remove(folder, out var kept))
        {
            Array.ForEach(kept.Files, static file => file.Dispose());
        }
    }

    private sealed record Kept(string Features, SafeFileHandle[] Files, Place Mount)
    {
        /// <summary>What makes it writable: where that is shown, and what holds what is written.</summary>
        public (Place Overlay, Place Disk)? Written { get; init; }
    }

    /// <summary>A mount, and not the one that the next daemon makes at the same place while this keeper ends.</summary>
    private readonly record struct Place(string Folder, string? Id)
    {
        public static Place Now(string folder) => new(folder, MountPoint.IdOf(folder));

        public void Abandon() => MountPoint.Abandon(Folder, Id);

        public void Detach() => MountPoint.Detach(Folder, Id);
    }
}
