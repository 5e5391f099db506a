using System.Diagnostics;
using System.Globalization;
using System.Net.Sockets;
using Microsoft.Extensions.Logging;
using Microsoft.Win32.SafeHandles;
using Pier.Volumes.Fuse.Protocol;

namespace Pier.Volumes.Keeping;

/// <summary>How mounts are kept over an end of the daemon.</summary>
/// <param name="Program">The command that runs <see cref="MountKeeper.Run"/>; its socket and seconds are appended. Empty for none.</param>
/// <param name="Socket">Where the keeper is found.</param>
/// <param name="Wait">How long mounts wait for the daemon to come back.</param>
public sealed record KeepingOptions(IReadOnlyList<string> Program, string Socket, TimeSpan Wait)
{
    /// <summary>Mounts end with the daemon.</summary>
    public static KeepingOptions None { get; } = new([], "", TimeSpan.Zero);
}

/// <summary>The daemon's side: starts the keeper, gives it descriptors, takes them back after a restart. Thread-safe.</summary>
internal sealed class MountKeeping(KeepingOptions options, ILogger<MountKeeping> log) : IDisposable
{
    // One that ends, and the next that some other daemon started and ended; a third time is none of ours.
    private const int MostEnding = 3;

    private readonly Lock _gate = new();
    private DescriptorSocket? _keeper;
    private bool _isLost = options.Program.Count == 0;

    /// <summary>Whether mounts are kept.</summary>
    public bool IsOn => !_isLost;

    /// <summary>Has a mount kept.</summary>
    /// <returns>Whether it is.</returns>
    public bool Keep(string folder, FuseFeatures features, ReadOnlySpan<SafeFileHandle> devices) =>
        Ask(string.Join(MountKeeper.Separator, "keep", ((ulong)features).ToString(CultureInfo.InvariantCulture), folder), devices, start: true) is { Text: "kept" };

    /// <summary>Says what makes a kept mount writable, so that it ends too when no daemon comes back.</summary>
    /// <param name="folder">Where the mount is.</param>
    /// <param name="shown">Where it is shown writable.</param>
    /// <param name="disk">Where what is written is kept; a file system of its own may be mounted there.</param>
    public void MadeWritable(string folder, string shown, string disk) =>
        Ask("over" + MountKeeper.Separator + string.Join(MountKeeper.BetweenFolders, folder, shown, disk), [], start: false);

    /// <summary>A mount that was kept; null when there is none.</summary>
    public KeptMount? Take(string folder) =>
        Ask("take" + MountKeeper.Separator + folder, [], start: false) is { } answer
        && answer.Text.Split(MountKeeper.Separator) is ["taken", var features]
        && ulong.TryParse(features, NumberStyles.None, CultureInfo.InvariantCulture, out var known)
        && answer.Files.Length > 0
            ? new KeptMount((FuseFeatures)known, answer.Files)
            : null;

    /// <summary>A mount ends: it need not be kept any more.</summary>
    public void Drop(string folder) => Ask("drop" + MountKeeper.Separator + folder, [], start: false);

    /// <inheritdoc/>
    public void Dispose() => _keeper?.Dispose();

    private (string Text, SafeFileHandle[] Files)? Ask(string text, ReadOnlySpan<SafeFileHandle> files, bool start)
    {
        lock (_gate)
        {
            if (_isLost)
            {
                return null;
            }

            try
            {
                for (var ending = 0; ; ending++)
                {
                    var isKnown = _keeper is not null;
                    _keeper ??= Find();
                    var isFound = !isKnown && _keeper is not null;
                    _keeper ??= start ? Start() : null;
                    if (_keeper is null)
                    {
                        return null;
                    }

                    try
                    {
                        _keeper.Send(text, files);
                        return _keeper.Receive() ?? throw new IOException("it has ended");
                    }
                    catch (IOException) when (isFound && ending < MostEnding)
                    {
                        // It was ending when it was found: its mounts are gone now, and its name with them.
                        _keeper.Dispose();
                        _keeper = null;
                    }
                }
            }
            catch (Exception failure) when (failure is IOException or SocketException or System.ComponentModel.Win32Exception)
            {
                _isLost = true;
                LogMessages.KeeperLost(log, failure.Message);
                return null;
            }
        }
    }

    private DescriptorSocket? Find()
    {
        var socket = DescriptorSocket.Create();
        try
        {
            socket.Connect(new UnixDomainSocketEndPoint(options.Socket));
            return new DescriptorSocket(socket);
        }
        catch (SocketException)
        {
            // None is there, or its daemon is still ending.
            socket.Dispose();
            return null;
        }
    }

    private DescriptorSocket Start()
    {
        // Not ours to end: it is there for when we are not.
        using var process = Process.Start(new ProcessStartInfo(options.Program[0],
            [.. options.Program.Skip(1), options.Socket, ((int)options.Wait.TotalSeconds).ToString(CultureInfo.InvariantCulture)])
        {
            WorkingDirectory = "/",
            UseShellExecute = false,
            // Who waits for the end of our output must not wait for it.
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        })!;
        // It says one word when it can be reached; when it cannot, it ends and says nothing.
        return process.StandardOutput.ReadLine() is not null && Find() is { } found
            ? found
            : throw new IOException($"{options.Program[0]} could not keep mounts");
    }
}
