using System.ComponentModel;
using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using Pier.Content.Contracts;

namespace Pier.Fetch.Backends;

/// <summary>
/// Runs a program of a backend to its end: with nothing of the daemon's environment but the path, what it says bounded, and
/// killed with all its children when it stands still or nobody waits any more.
/// </summary>
/// <param name="backend">Its name, for messages.</param>
/// <param name="time">The clock.</param>
internal sealed class BackendRun(string backend, TimeProvider time)
{
    private const int MostLineLength = 4096;
    private const int MostLines = 10_000;

    private static readonly TimeSpan LastWordsPatience = TimeSpan.FromSeconds(5);

    private readonly Lock _gate = new();
    private string _lastWords = "";
    private int _lines;
    private long _done = -1;

    /// <summary>Runs it.</summary>
    /// <param name="words">Program and arguments.</param>
    /// <param name="home">Where it works.</param>
    /// <param name="patience">How long <paramref name="pulse"/> may stay the same.</param>
    /// <param name="pulse">Something that changes while the program gets on.</param>
    /// <param name="progress">Told of bytes here and of all, as far as the program says.</param>
    /// <param name="cancellationToken">Kills it.</param>
    /// <returns>Exit code, and the last line on its error stream.</returns>
    /// <exception cref="ContentUnavailableException">It cannot be run, or stood still.</exception>
    public async Task<(int Code, string LastWords)> RunAsync(
        IReadOnlyList<string> words, BackendHome home, TimeSpan patience, Func<long> pulse, Action<long, long>? progress, CancellationToken cancellationToken)
    {
        using var process = Start(words, home);
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        // What is printed are lines for serving it later; nothing serves yet, and a full pipe would stop the program.
        var output = DrainAsync(process.StandardOutput, static _ => { }, stop.Token);
        var errors = DrainAsync(process.StandardError, line => Hear(line, progress), stop.Token);
        try
        {
            await WatchAsync(process, patience, pulse, cancellationToken);
            // A child that outlived it may hold its pipes for ever.
            await home.EndAsync();
            await Task.WhenAny(Task.WhenAll(output, errors), Task.Delay(LastWordsPatience, time, cancellationToken));
            return (process.ExitCode, _lastWords);
        }
        finally
        {
            if (!process.HasExited)
            {
                process.Kill(entireProcessTree: true);
            }

            await home.EndAsync();

            await stop.CancelAsync();
            await Task.WhenAll(output, errors).ContinueWith(static _ => { }, CancellationToken.None, TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);
        }
    }

    private Process Start(IReadOnlyList<string> words, BackendHome home)
    {
        var plan = new ProcessStartInfo(words[0], words.Skip(1))
        {
            WorkingDirectory = home.Folder,
            UseShellExecute = false,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        plan.Environment.Clear();
        plan.Environment["PATH"] = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";
        plan.Environment["HOME"] = home.Folder;
        plan.Environment[BackendHome.Variable] = home.Name;
        try
        {
            var process = Process.Start(plan) ?? throw new ContentUnavailableException($"The backend '{backend}' did not start.");
            process.StandardInput.Close();
            return process;
        }
        catch (Win32Exception refused)
        {
            throw new ContentUnavailableException($"The backend '{backend}' cannot be run: {refused.Message}", refused);
        }
    }

    private async Task WatchAsync(Process process, TimeSpan patience, Func<long> pulse, CancellationToken cancellationToken)
    {
        var end = process.WaitForExitAsync(cancellationToken);
        var (seen, since) = (Pulse(pulse), time.GetTimestamp());
        using var tick = new PeriodicTimer(patience / 20, time);
        while (await Task.WhenAny(end, tick.WaitForNextTickAsync(cancellationToken).AsTask()) != end)
        {
            cancellationToken.ThrowIfCancellationRequested();
            var now = Pulse(pulse);
            if (now != seen)
            {
                (seen, since) = (now, time.GetTimestamp());
            }
            else if (time.GetElapsedTime(since) > patience)
            {
                throw new ContentUnavailableException(string.Create(
                    CultureInfo.InvariantCulture, $"The backend '{backend}' did nothing for {patience.TotalSeconds:0} s and was ended. {_lastWords}"));
            }
        }

        await end;
    }

    private long Pulse(Func<long> pulse)
    {
        lock (_gate)
        {
            return pulse() + _lines;
        }
    }

    /// <summary>A line on the error stream: progress as JSON (design §6), else words for people.</summary>
    private void Hear(string line, Action<long, long>? progress)
    {
        var (done, total) = (0L, 0L);
        var isProgress = line.StartsWith('{') && TryReadProgress(line, out done, out total);
        lock (_gate)
        {
            // The same figures again are no sign that anything moves.
            if (_lines < MostLines && (!isProgress || done > _done))
            {
                _lines++;
            }
            _done = isProgress ? Math.Max(_done, done) : _done;
        }

        if (isProgress)
        {
            progress?.Invoke(done, total);
        }
        else if (line.Trim().Length > 0)
        {
            _lastWords = line.Trim();
        }
    }

    private static bool TryReadProgress(string line, out long done, out long total)
    {
        (done, total) = (0, 0);
        try
        {
            using var document = JsonDocument.Parse(line);
            return document.RootElement.TryGetProperty("done", out var here) && here.TryGetInt64(out done) && done >= 0
                && (!document.RootElement.TryGetProperty("total", out var all) || (all.TryGetInt64(out total) && total >= 0));
        }
        catch (Exception malformed) when (malformed is JsonException or InvalidOperationException)
        {
            return false;
        }
    }

    /// <summary>Reads a stream to its end, a bounded line at a time.</summary>
    private static async Task DrainAsync(StreamReader stream, Action<string> hear, CancellationToken cancellationToken)
    {
        var line = new System.Text.StringBuilder();
        var buffer = new char[1024];
        for (int read; (read = await stream.ReadAsync(buffer, cancellationToken)) > 0;)
        {
            foreach (var c in buffer.AsSpan(0, read))
            {
                // Progress bars return to the start of their line.
                if (c is '\n' or '\r')
                {
                    hear(line.ToString());
                    line.Clear();
                }
                else if (line.Length < MostLineLength)
                {
                    line.Append(c);
                }
            }
        }

        hear(line.ToString());
    }
}
