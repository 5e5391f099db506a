using Microsoft.Extensions.Logging;
using Microsoft.Win32.SafeHandles;
using Pier.Content.Contracts;
using Pier.Volumes.Fuse.Device;
using Pier.Volumes.Fuse.Protocol;
using Pier.Volumes.Keeping;
using Pier.Volumes.Shelf;

namespace Pier.Volumes.Fuse.Serving;

/// <summary>A tree mounted on a folder, from <c>mount(2)</c> until it is unmounted, here or by somebody else.</summary>
public sealed class FuseSession : IVolumeMount
{
    private static readonly TimeSpan LeaveWithin = TimeSpan.FromSeconds(5);

    private readonly FuseDevice[] _devices;
    private readonly FuseDispatcher _dispatcher;
    private readonly FailureLog _failures;
    private readonly ILogger _log;
    private readonly TaskCompletionSource _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly FuseFeatures _features;

    // Whoever comes second waits for the first, and no longer: where another mount namespace has the mount too, it does not end.
    private readonly Lazy<Task> _disposal;
    private string? _connection;
    private MountKeeping? _keeping;
    private int _running;

    private FuseSession(string folder, FuseDevice[] devices, FuseFeatures features, FuseDispatcher dispatcher, FailureLog failures, ILogger log)
    {
        Folder = folder;
        _devices = devices;
        _features = features;
        _dispatcher = dispatcher;
        _failures = failures;
        _log = log;
        _disposal = new Lazy<Task>(DisposeOnceAsync);
    }

    /// <summary>Where it is mounted.</summary>
    public string Folder { get; }

    /// <summary>Whether the kernel reads whole files itself.</summary>
    public bool HasPassthrough => _features.HasFlag(FuseFeatures.Passthrough);

    /// <summary>Whether it was mounted by a former server.</summary>
    public bool IsResumed { get; private init; }

    /// <inheritdoc/>
    public bool CanBeLeft { get; private set; }

    /// <summary>Ends when nothing is mounted any more.</summary>
    public Task Ended => _ended.Task;

    /// <summary>Files open now.</summary>
    public int OpenFiles => _dispatcher.OpenFiles;

    /// <summary>Files that the kernel was let read itself, ever.</summary>
    public long PassthroughOpens => _dispatcher.Passthroughs;

    /// <summary>Nodes that the kernel holds.</summary>
    public int HeldNodes => _dispatcher.Nodes.Count;

    /// <summary>Requests that wait for their answer.</summary>
    public int Waiting => _dispatcher.Waiting;

    /// <summary>Why the last reads failed, newest last.</summary>
    public IReadOnlyList<string> Failures => _failures.Latest;

    /// <summary>Mounts a tree on a folder, which must exist.</summary>
    /// <exception cref="IOException">The system refused; says what.</exception>
    public static FuseSession Mount(IContentTree tree, string folder, FuseOptions options, TimeProvider time, ILogger log)
    {
        ArgumentNullException.ThrowIfNull(tree);
        ArgumentNullException.ThrowIfNull(folder);
        ArgumentNullException.ThrowIfNull(options);
        var device = FuseDevice.Open();
        var isMounted = false;
        try
        {
            MountPoint.Mount(device, folder, options.Source);
            isMounted = true;
            var features = FuseGreeting.Exchange(device, options.Passthrough);
            FuseDevice[] devices = [device, .. Enumerable.Range(1, Math.Max(1, options.Threads - 1)).Select(_ => device.Clone())];
            var session = Create(tree, folder, devices, features, new HandleCounts(options.HandlesFile, resume: false), options, time, log);
            session.Start();
            return session;
        }
        catch
        {
            if (isMounted)
            {
                MountPoint.Abandon(folder);
            }

            device.Dispose();
            throw;
        }
    }

    /// <summary>Serves a mount whose former server is gone: handles stay, and what was being asked is asked again.</summary>
    /// <param name="kept">What was kept of it.</param>
    /// <param name="tree">The same tree.</param>
    /// <param name="folder">Where it is mounted.</param>
    /// <param name="options">As it was mounted with.</param>
    /// <param name="time">The clock.</param>
    /// <param name="log">The log.</param>
    /// <exception cref="IOException">The system refused.</exception>
    internal static FuseSession Resume(KeptMount kept, IContentTree tree, string folder, FuseOptions options, TimeProvider time, ILogger log)
    {
        FuseDevice[] devices = [.. kept.Devices.Select(handle => new FuseDevice(handle))];
        if (devices.Length == 1)
        {
            devices = [devices[0], .. Enumerable.Range(1, Math.Max(1, options.Threads - 1)).Select(_ => devices[0].Clone())];
        }

        var handles = new HandleCounts(options.HandlesFile, resume: true);
        var session = Create(tree, folder, devices, kept.Features, handles, options, time, log, isResumed: true);
        session.Start();
        if (kept.Features.HasFlag(FuseFeatures.Resend))
        {
            devices[0].AskAgain();
        }

        LogMessages.MountResumed(log, folder);
        return session;
    }

    /// <summary>Has it kept for the next server, which may come when this one is gone.</summary>
    internal void KeepBy(MountKeeping keeping)
    {
        // What was read from a descriptor that nobody holds any more fails; where it cannot be asked again, that is all there is.
        SafeFileHandle[] kept = _features.HasFlag(FuseFeatures.Resend) ? [.. _devices.Select(device => device.Handle)] : [_devices[0].Handle];
        CanBeLeft = keeping.Keep(Folder, _features, kept);
        _keeping = keeping;
    }

    /// <inheritdoc/>
    public void Leave() => Array.ForEach(_devices, static device => device.Mute());

    /// <summary>Unmounts; false when somebody still uses it.</summary>
    /// <exception cref="IOException">The system refused for another reason.</exception>
    public async Task<bool> TryUnmountAsync()
    {
        if (!MountPoint.TryUnmount(Folder))
        {
            return false;
        }

        await DisposeAsync();
        return true;
    }

    /// <summary>Unmounts whoever uses it: their open files fail from then on.</summary>
    public ValueTask DisposeAsync() => new(_disposal.Value);

    private static FuseSession Create(
        IContentTree tree, string folder, FuseDevice[] devices, FuseFeatures features, HandleCounts handles, FuseOptions options, TimeProvider time, ILogger log,
        bool isResumed = false)
    {
        var failures = new FailureLog(folder, time, log);
        IBackingFiles backings = features.HasFlag(FuseFeatures.Passthrough) ? new DeviceBackingFiles(devices[0]) : new NoBackingFiles();
        return new FuseSession(folder, devices, features, new FuseDispatcher(tree, options, backings, handles, failures, time, log), failures, log) { IsResumed = isResumed };
    }

    private async Task DisposeOnceAsync()
    {
        if (!_ended.Task.IsCompleted)
        {
            MountPoint.Abandon(Folder);
            if (_connection is { } connection)
            {
                MountPoint.Abort(connection);
            }
        }

        _keeping?.Drop(Folder);
        _dispatcher.GiveUp();
        try
        {
            await _ended.Task.WaitAsync(LeaveWithin);
            Array.ForEach(_devices[1..], static device => device.Dispose());
        }
        catch (TimeoutException)
        {
            // Threads that still answer keep their descriptors; the kernel takes no more from them.
            LogMessages.ServersLinger(_log, Folder);
        }

        await _dispatcher.DisposeAsync();
        _devices[0].Dispose();
    }

    private void Start()
    {
        _connection = MountPoint.DeviceOf(Folder);
        KernelReadAhead.Raise(_connection, Folder, _log);
        // Where nothing can be asked again, no request may be on the descriptor that outlives this process.
        var serving = _features.HasFlag(FuseFeatures.Resend) ? _devices : _devices[1..];
        _running = serving.Length;
        foreach (var device in serving)
        {
            new Thread(() => Serve(device)) { IsBackground = true, Name = "fuse" }.Start();
        }
    }

    private void Serve(FuseDevice device)
    {
        var buffer = GC.AllocateUninitializedArray<byte>(FuseGreeting.RequestBuffer, pinned: true);
        try
        {
            while (device.Read(buffer) is > 0 and var length && !device.IsMute && _dispatcher.Dispatch(buffer.AsSpan(0, length), device))
            {
                // Everything is in the condition. What is read once it was left, the next server is asked again.
            }
        }
        catch (IOException broken)
        {
            LogMessages.DeviceBroke(_log, Folder, broken.Message);
        }
        finally
        {
            if (Interlocked.Decrement(ref _running) == 0)
            {
                _ended.TrySetResult();
            }
        }
    }
}
