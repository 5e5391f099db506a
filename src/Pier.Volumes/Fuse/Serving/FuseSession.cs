using Microsoft.Extensions.Logging;
using Pier.Content.Contracts;
using Pier.Volumes.Fuse.Device;
using Pier.Volumes.Fuse.Protocol;
using Pier.Volumes.Shelf;

namespace Pier.Volumes.Fuse.Serving;

/// <summary>A tree mounted on a folder, from <c>mount(2)</c> until it is unmounted, here or by somebody else.</summary>
public sealed class FuseSession : IVolumeMount
{
    private const int RequestBuffer = 64 * 1024;
    private const int MaxWrite = 4096;
    private const ushort MaxBackground = 64;
    private const uint ReadAhead = MountPoint.MaxRead;
    private const FuseFeatures Used = FuseFeatures.AsynchronousRead | FuseFeatures.ReadDirectoryPlus | FuseFeatures.ReadDirectoryPlusWhenUseful
        | FuseFeatures.ParallelDirectoryOperations | FuseFeatures.MaxPages | FuseFeatures.CacheSymbolicLinks | FuseFeatures.ExtendedInit;

    private static readonly TimeSpan LeaveWithin = TimeSpan.FromSeconds(5);

    private readonly FuseDevice _device;
    private readonly FuseDispatcher _dispatcher;
    private readonly FailureLog _failures;
    private readonly ILogger _log;
    private readonly List<FuseDevice> _clones = [];
    private readonly TaskCompletionSource _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private string? _connection;
    private int _running;
    private int _isDisposed;

    private FuseSession(string folder, FuseDevice device, FuseDispatcher dispatcher, FailureLog failures, ILogger log)
    {
        Folder = folder;
        _device = device;
        _dispatcher = dispatcher;
        _failures = failures;
        _log = log;
    }

    /// <summary>Where it is mounted.</summary>
    public string Folder { get; }

    /// <summary>Whether the kernel reads whole files itself.</summary>
    public bool HasPassthrough { get; private init; }

    /// <summary>Ends when nothing is mounted any more.</summary>
    public Task Ended => _ended.Task;

    /// <summary>Files open now.</summary>
    public int OpenFiles => _dispatcher.OpenFiles;

    /// <summary>Files that the kernel was let read itself, ever.</summary>
    public long PassthroughOpens => _dispatcher.Passthroughs;

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
            var features = Negotiate(device, options);
            var failures = new FailureLog(folder, time, log);
            var hasPassthrough = features.HasFlag(FuseFeatures.Passthrough);
            IBackingFiles backings = hasPassthrough ? new DeviceBackingFiles(device) : new NoBackingFiles();
            var session = new FuseSession(folder, device, new FuseDispatcher(tree, options, backings, failures, time, log), failures, log) { HasPassthrough = hasPassthrough };
            session.Start(options.Threads);
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
    public async ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref _isDisposed, 1) != 0)
        {
            await _ended.Task;
            return;
        }

        if (!_ended.Task.IsCompleted)
        {
            MountPoint.Abandon(Folder);
            if (_connection is { } connection)
            {
                MountPoint.Abort(connection);
            }
        }

        _dispatcher.GiveUp();
        try
        {
            await _ended.Task.WaitAsync(LeaveWithin);
            foreach (var device in _clones)
            {
                device.Dispose();
            }
        }
        catch (TimeoutException)
        {
            // Threads that still answer keep their descriptors; the kernel takes no more from them.
            LogMessages.ServersLinger(_log, Folder);
        }

        await _dispatcher.DisposeAsync();
        _device.Dispose();
    }

    /// <summary>INIT is the first request of every mount.</summary>
    private static FuseFeatures Negotiate(FuseDevice device, FuseOptions options)
    {
        var buffer = new byte[RequestBuffer];
        while (true)
        {
            var length = device.Read(buffer);
            if (!FuseHeader.TryRead(buffer.AsSpan(0, length), out var header)
                || header.Opcode != FuseOpcode.Init
                || !FuseInit.TryRead(buffer.AsSpan(FuseHeader.Size, length - FuseHeader.Size), out var init))
            {
                throw new IOException("The kernel did not begin with INIT.");
            }

            var answer = new byte[FuseHeader.AnswerSize + FuseInit.AnswerSize];
            if (init.Major > FuseInit.SpokenMajor)
            {
                // It asks again with our version (protocol 7.1).
                new FuseInitAnswer(0, 0, FuseFeatures.None, 0, 0, 0).Write(answer.AsSpan(FuseHeader.AnswerSize));
                FuseHeader.WriteAnswer(answer, 0, header.Unique);
                device.Write(answer);
                continue;
            }

            if (init.Major < FuseInit.SpokenMajor || init.Minor < FuseInit.LeastMinor)
            {
                throw new IOException($"The kernel speaks FUSE {init.Major}.{init.Minor}; {FuseInit.SpokenMajor}.{FuseInit.LeastMinor} (Linux 5.4) is the oldest understood.");
            }

            var features = init.Features & (options.Passthrough ? Used | FuseFeatures.Passthrough : Used);
            new FuseInitAnswer(
                Math.Min(init.Minor, FuseInit.SpokenMinor), ReadAhead, features, MaxBackground, MaxWrite, MountPoint.MaxRead / 4096)
                .Write(answer.AsSpan(FuseHeader.AnswerSize));
            FuseHeader.WriteAnswer(answer, 0, header.Unique);
            var refused = device.Write(answer);
            return refused == 0 ? features : throw new IOException($"The kernel refused the answer to INIT (errno {refused}).");
        }
    }

    private void Start(int threads)
    {
        _connection = MountPoint.DeviceOf(Folder);
        KernelReadAhead.Raise(_connection, Folder, _log);
        _clones.AddRange(Enumerable.Range(1, Math.Max(0, threads - 1)).Select(_ => _device.Clone()));
        FuseDevice[] devices = [_device, .. _clones];
        _running = devices.Length;
        foreach (var device in devices)
        {
            new Thread(() => Serve(device)) { IsBackground = true, Name = "fuse" }.Start();
        }
    }

    private void Serve(FuseDevice device)
    {
        var buffer = GC.AllocateUninitializedArray<byte>(RequestBuffer, pinned: true);
        try
        {
            while (device.Read(buffer) is > 0 and var length && _dispatcher.Dispatch(buffer.AsSpan(0, length), device))
            {
                // Everything is in the condition.
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
