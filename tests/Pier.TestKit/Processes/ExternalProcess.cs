using System.Diagnostics;

namespace Pier.TestKit.Processes;

/// <summary>A real program in a process group of its own; disposing kills the whole group, whatever the test's outcome.</summary>
public sealed class ExternalProcess : IAsyncDisposable
{
    private readonly Process _process;
    private readonly TaskCompletionSource _outputEnded = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private int _openStreams = 2;
    private bool _disposed;

    private ExternalProcess(string name, Process process)
    {
        Name = name;
        _process = process;
        process.OutputDataReceived += (_, line) => Collect(line.Data);
        process.ErrorDataReceived += (_, line) => Collect(line.Data);
    }

    /// <summary>What the tests call it; used in error texts.</summary>
    public string Name { get; }

    /// <summary>Process id, also the id of its group.</summary>
    public int Id { get; private set; }

    /// <summary>Its last lines on both output streams.</summary>
    public BoundedLog Log { get; } = new();

    /// <summary>Whether the program has ended.</summary>
    public bool HasExited => _disposed || _process.HasExited;

    /// <summary>The exit code; 128 + signal number when a signal ended it.</summary>
    public int ExitCode => _process.ExitCode;

    /// <summary>Starts a program and returns once it is ready.</summary>
    /// <exception cref="ProcessNotReadyException">It ended or the deadline passed first; the text holds its last lines.</exception>
    public static async Task<ExternalProcess> StartAsync(ProcessPlan plan, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(plan);
        var setsid = RequiredTool.Path("setsid", "apt-get install util-linux");
        var start = new ProcessStartInfo(setsid, [plan.Program, .. plan.Arguments])
        {
            UseShellExecute = false,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            WorkingDirectory = plan.WorkingFolder ?? "/",
        };
        foreach (var (name, value) in plan.Environment)
        {
            start.Environment[name] = value;
        }
        var process = new ExternalProcess(plan.Name, new Process { StartInfo = start });
        process.Launch();
        try
        {
            await plan.Ready.WaitAsync(process, plan.Deadline, cancellationToken);
            return process;
        }
        catch
        {
            await process.DisposeAsync();
            throw;
        }
    }

    /// <summary>Sends a signal to the program alone; false when it is gone.</summary>
    public bool Signal(UnixSignal signal) => !HasExited && Signals.Send(Id, signal);

    /// <summary>Kills the program and all of its group at once, as a power cut would, and waits until it is gone.</summary>
    public async Task KillAsync(CancellationToken cancellationToken)
    {
        Signals.SendToGroup(Id, UnixSignal.Kill);
        await _process.WaitForExitAsync(cancellationToken);
    }

    /// <summary>Asks the program to end and waits for it.</summary>
    /// <returns>Its exit code.</returns>
    /// <exception cref="TimeoutException">It still runs after the deadline.</exception>
    public async Task<int> StopAsync(TimeSpan deadline, CancellationToken cancellationToken)
    {
        Signal(UnixSignal.Terminate);
        return await WaitForExitAsync(deadline, cancellationToken);
    }

    /// <summary>Waits for the program's end and for its last line.</summary>
    /// <returns>Its exit code.</returns>
    /// <exception cref="TimeoutException">It still runs after the deadline.</exception>
    public async Task<int> WaitForExitAsync(TimeSpan deadline, CancellationToken cancellationToken)
    {
        try
        {
            await _process.WaitForExitAsync(cancellationToken).WaitAsync(deadline, TimeProvider.System, cancellationToken);
        }
        catch (TimeoutException timeout)
        {
            throw new TimeoutException($"{Name} (pid {Id}) still runs after {deadline.TotalSeconds:0.#} s; last lines:\n{Log.Tail(30)}", timeout);
        }
        await _outputEnded.Task.WaitAsync(deadline, TimeProvider.System, cancellationToken);
        return ExitCode;
    }

    /// <summary>Waits until all that an ended program wrote is in the log; not for long, for a child of it may hold its output open.</summary>
    public async Task HearOutAsync() => await Task.WhenAny(_outputEnded.Task, Task.Delay(TimeSpan.FromSeconds(5), TimeProvider.System));

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        if (_disposed)
        {
            return;
        }
        Signals.SendToGroup(Id, UnixSignal.Kill);
        await _process.WaitForExitAsync(CancellationToken.None);
        await SaveLogAsync();
        _disposed = true;
        _process.Dispose();
    }

    /// <summary>Keeps the program's last lines when PIER_TEST_LOGS names a folder.</summary>
    private async Task SaveLogAsync()
    {
        if (Environment.GetEnvironmentVariable("PIER_TEST_LOGS") is { Length: > 0 } folder)
        {
            Directory.CreateDirectory(folder);
            await File.WriteAllLinesAsync(Path.Combine(folder, $"{Name.Replace(' ', '-')}-{Id}.log"), Log.Lines);
        }
    }

    private void Launch()
    {
        if (!_process.Start())
        {
            throw new InvalidOperationException($"{Name} did not start.");
        }
        Id = _process.Id;
        _process.StandardInput.Close();
        _process.BeginOutputReadLine();
        _process.BeginErrorReadLine();
    }

    private void Collect(string? line)
    {
        if (line is not null)
        {
            Log.Add(line);
        }
        else if (Interlocked.Decrement(ref _openStreams) == 0)
        {
            _outputEnded.TrySetResult();
        }
    }
}
