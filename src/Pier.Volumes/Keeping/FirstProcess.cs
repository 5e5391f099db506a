using System.ComponentModel;
using System.Diagnostics;
using System.Globalization;
using System.Runtime.InteropServices;
using Pier.Volumes.Fuse.Device;

namespace Pier.Volumes.Keeping;

/// <summary>
/// The first process of a container in which mounts are kept, such as the managed plugin's: when that ends the kernel ends all
/// others there, the keeper and so every mount among them. The daemon therefore runs below it, and is started again when a
/// signal or a fault has ended it.
/// </summary>
public sealed class FirstProcess : IDisposable
{
    // As shells tell it: 128 and the signal. 134 is SIGABRT, with which .NET ends on a fault.
    private const int EndedBySignal = 128;
    // As shells tell a program that cannot be run.
    private const int CannotStart = 127;
    private const int Terminate = 15;
    private const int WithoutWaiting = 1;
    private const int Ended = 4;
    private const int LeaveIt = 0x01000000;

    // siginfo_t (sigaction(2)) of 64-bit Linux.
    private const int EndSize = 128;
    private const int EndProcess = 16;

    private static readonly TimeSpan SomeTime = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan OthersEndWithin = TimeSpan.FromSeconds(3);
    private static readonly TimeSpan OthersLookAgain = TimeSpan.FromMilliseconds(50);

    private readonly IReadOnlyList<string> _program;
    private readonly TimeProvider _time;
    private readonly Action<string> _log;
    private readonly CancellationTokenSource _stopping = new();
    private readonly Lock _gate = new();
    private Process? _daemon;
    private bool _isStopping;

    internal FirstProcess(IReadOnlyList<string> program, TimeProvider time, Action<string> log)
    {
        _program = program;
        _time = time;
        _log = log;
    }

    /// <summary>Runs the daemon until it is asked to stop (SIGTERM, SIGINT), or ends by itself.</summary>
    /// <param name="program">The daemon's command.</param>
    /// <param name="time">The clock.</param>
    /// <returns>The daemon's exit code.</returns>
    public static async Task<int> RunAsync(IReadOnlyList<string> program, TimeProvider time)
    {
        using var first = new FirstProcess(program, time, Console.Error.WriteLine);
        using var terminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, first.Stop);
        using var interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, first.Stop);
        using var ended = PosixSignalRegistration.Create(PosixSignal.SIGCHLD, _ => first.ReapOthers());
        return await first.KeepAsync();
    }

    /// <inheritdoc/>
    public void Dispose() => _stopping.Dispose();

    /// <summary>As <see cref="RunAsync"/>, until <see cref="Stop()"/>.</summary>
    internal async Task<int> KeepAsync()
    {
        // What never was up and says no, such as to a wrong flag, says so to whoever started it.
        var wasUp = false;
        for (var pause = TimeSpan.Zero; ;)
        {
            var start = _time.GetTimestamp();
            var code = await RunOnceAsync();
            _ = Reap();
            var isLong = _time.GetElapsedTime(start) >= SomeTime;
            wasUp |= isLong || code >= EndedBySignal;
            if (_isStopping || code == 0 || !wasUp)
            {
                await EndOthersAsync();
                return code;
            }

            pause = isLong ? TimeSpan.Zero : pause;
            _log(string.Create(CultureInfo.InvariantCulture, $"pierd ended with {code}; it is started again in {pause.TotalSeconds:0} s"));
            try
            {
                await Task.Delay(pause, _time, _stopping.Token);
            }
            catch (OperationCanceledException)
            {
                await EndOthersAsync();
                return 0;
            }

            pause = pause == TimeSpan.Zero ? TimeSpan.FromSeconds(1) : pause * 2 < LongestPause ? pause * 2 : LongestPause;
        }
    }

    /// <summary>Asks the daemon to stop, and starts it no more.</summary>
    internal void Stop()
    {
        lock (_gate)
        {
            _isStopping = true;
            if (_daemon is { HasExited: false } daemon)
            {
                _ = Libc.kill(daemon.Id, Terminate);
            }
        }

        _stopping.Cancel();
    }

    private void Stop(PosixSignalContext signal)
    {
        signal.Cancel = true;
        Stop();
    }

    private async Task<int> RunOnceAsync()
    {
        using var daemon = new Process { StartInfo = new ProcessStartInfo(_program[0], _program.Skip(1)) { UseShellExecute = false } };
        lock (_gate)
        {
            if (_isStopping)
            {
                return 0;
            }

            try
            {
                daemon.Start();
                _daemon = daemon;
            }
            catch (Win32Exception refused)
            {
                // No memory or no process to be had for the moment, perhaps: what is mounted waits.
                _log($"pierd cannot be started: {refused.Message}");
                return CannotStart;
            }
        }

        await daemon.WaitForExitAsync(CancellationToken.None);
        lock (_gate)
        {
            _daemon = null;
        }

        return daemon.ExitCode;
    }

    /// <summary>
    /// Takes note of the ends of those whose parents are gone, such as a keeper's, while the daemon runs: nobody else does. The
    /// daemon's own end is left to whoever waits for it.
    /// </summary>
    private unsafe void ReapOthers()
    {
        if (Environment.ProcessId != 1)
        {
            return;
        }

        var end = stackalloc byte[EndSize];
        lock (_gate)
        {
            // Once the daemon's end has been taken note of, whoever lies behind it is, too.
            while (Libc.waitid(0, 0, end, Ended | WithoutWaiting | LeaveIt) == 0 && *(int*)(end + EndProcess) is > 0 and var ended && ended != _daemon?.Id)
            {
                _ = Libc.waitpid(ended, null, WithoutWaiting);
            }
        }
    }

    /// <summary>Takes note of all ends, between daemons.</summary>
    /// <returns>Whether some still run.</returns>
    private static unsafe bool Reap()
    {
        // Elsewhere the children are somebody else's to wait for.
        if (Environment.ProcessId != 1)
        {
            return false;
        }

        int ended;
        while ((ended = Libc.waitpid(-1, null, WithoutWaiting)) > 0)
        {
            // Their codes interest nobody.
        }

        return ended == 0;
    }

    /// <summary>Has whoever else is here end by itself, a keeper with its mounts, before the kernel ends it.</summary>
    private async Task EndOthersAsync()
    {
        if (Reap())
        {
            _ = Libc.kill(-1, Terminate);
            var start = _time.GetTimestamp();
            while (Reap() && _time.GetElapsedTime(start) < OthersEndWithin)
            {
                await Task.Delay(OthersLookAgain, _time);
            }
        }
    }
}
