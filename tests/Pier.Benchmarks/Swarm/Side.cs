using System.Diagnostics;
using System.Globalization;
using System.Net;
using Pier.Benchmarks.Harness;
using Pier.TestKit.Network;

namespace Pier.Benchmarks.Swarm;

/// <summary>One end of a transfer as a process of its own, told what to do by lines.</summary>
internal sealed class Side : IDisposable
{
    private readonly Process _process;
    private readonly string _name;

    private Side(string name, Process process)
    {
        _name = name;
        _process = process;
    }

    /// <summary>Processor seconds so far.</summary>
    public double CpuSeconds => ProcessCpu.TreeSeconds(_process.Id);

    /// <summary>Most memory that was ever resident, MB.</summary>
    public double PeakMegabytes => ProcessMemory.PeakBytes(_process.Id) / 1e6;

    /// <summary>Starts a side and waits until it can be used.</summary>
    /// <param name="contender">The program.</param>
    /// <param name="role"><c>seed</c> or <c>get</c>.</param>
    /// <param name="torrent">The .torrent file.</param>
    /// <param name="folder">Holds the file, or receives it.</param>
    /// <param name="listen">Where it listens.</param>
    /// <param name="peers">Whom it is told of.</param>
    /// <param name="host">Where it runs; null for this machine's own network.</param>
    /// <param name="cancellationToken">Gives up.</param>
    public static async Task<Side> StartAsync(
        Contender contender, string role, string torrent, string folder, IPEndPoint listen, IEnumerable<IPEndPoint> peers, NetworkHost? host, CancellationToken cancellationToken)
    {
        IEnumerable<string> command =
            [.. contender.Command, role, torrent, folder, listen.ToString(), .. peers.Select(peer => peer.ToString())];
        if (host is not null)
        {
            command = ["nsenter", .. host.Namespace.Enter(command.First(), command.Skip(1))];
        }

        var start = new ProcessStartInfo(command.First(), command.Skip(1))
        {
            UseShellExecute = false,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
        };
        var process = Process.Start(start) ?? throw new InvalidOperationException($"{contender.Name} did not start");
        var side = new Side($"{contender.Name} ({role})", process);
        try
        {
            await side.ExpectAsync("READY", cancellationToken);
            return side;
        }
        catch
        {
            side.Dispose();
            throw;
        }
    }

    /// <summary>Lets a getting side begin.</summary>
    public async Task GoAsync(CancellationToken cancellationToken)
    {
        await _process.StandardInput.WriteLineAsync("GO".AsMemory(), cancellationToken);
        await _process.StandardInput.FlushAsync(cancellationToken);
    }

    /// <summary>Waits until it has everything.</summary>
    public Task DoneAsync(CancellationToken cancellationToken) => ExpectAsync("DONE", cancellationToken);

    /// <summary>Ends it and reads its last line: bytes allocated for each block once the transfer was under way; null when it does not say.</summary>
    public async Task<double?> StopAsync(CancellationToken cancellationToken)
    {
        _process.StandardInput.Close();
        var last = await _process.StandardOutput.ReadLineAsync(cancellationToken);
        await _process.WaitForExitAsync(cancellationToken);
        return last?.Split(' ') is ["ALLOCATED", var bytes] ? double.Parse(bytes, CultureInfo.InvariantCulture) : null;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        if (!_process.HasExited)
        {
            _process.Kill(entireProcessTree: true);
        }

        _process.Dispose();
    }

    private async Task ExpectAsync(string line, CancellationToken cancellationToken)
    {
        var said = await _process.StandardOutput.ReadLineAsync(cancellationToken);
        if (said != line)
        {
            throw new InvalidOperationException($"{_name} said '{said}' instead of {line}");
        }
    }
}
