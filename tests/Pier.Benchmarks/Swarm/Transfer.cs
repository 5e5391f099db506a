using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using Pier.Benchmarks.Harness;

namespace Pier.Benchmarks.Swarm;

/// <summary>What one transfer took.</summary>
/// <param name="Seconds">From the start of the getting side until it has everything.</param>
/// <param name="CpuSeconds">Processor time of both sides meanwhile.</param>
/// <param name="Bytes">What was transferred.</param>
internal sealed record Transfer(double Seconds, double CpuSeconds, long Bytes)
{
    private const double Mega = 1e6;

    public double MegabytesPerSecond => Bytes / Seconds / Mega;

    public override string ToString() => $"{MegabytesPerSecond:0} MB/s, {CpuSeconds:0.00} CPU s";

    /// <summary>Runs both sides of an implementation as processes and measures from go to done.</summary>
    /// <param name="program">The program and the arguments that come before <c>seed</c> or <c>get</c>.</param>
    /// <param name="torrent">The .torrent file.</param>
    /// <param name="seedFolder">Holds the file.</param>
    /// <param name="getFolder">Receives it; emptied first.</param>
    /// <param name="cancellationToken">Kills both.</param>
    public static async Task<Transfer> RunAsync(
        IReadOnlyList<string> program, string torrent, string seedFolder, string getFolder, long bytes, CancellationToken cancellationToken)
    {
        if (Directory.Exists(getFolder))
        {
            Directory.Delete(getFolder, recursive: true);
        }

        Directory.CreateDirectory(getFolder);
        var (seedPort, getPort) = (FreePort(), FreePort());
        using var seed = Start(program, "seed", torrent, seedFolder, $"{seedPort}");
        using var get = Start(program, "get", torrent, getFolder, $"{getPort}", $"{seedPort}");
        try
        {
            await ExpectAsync(seed, "READY", cancellationToken);
            await ExpectAsync(get, "READY", cancellationToken);
            var cpu = ProcessCpu.Seconds(seed.Id) + ProcessCpu.Seconds(get.Id);
            var start = TimeProvider.System.GetTimestamp();
            await get.StandardInput.WriteLineAsync("GO");
            await get.StandardInput.FlushAsync(cancellationToken);
            await ExpectAsync(get, "DONE", cancellationToken);
            var elapsed = TimeProvider.System.GetElapsedTime(start);
            cpu = ProcessCpu.Seconds(seed.Id) + ProcessCpu.Seconds(get.Id) - cpu;
            seed.StandardInput.Close();
            get.StandardInput.Close();
            await Task.WhenAll(seed.WaitForExitAsync(cancellationToken), get.WaitForExitAsync(cancellationToken));
            return new Transfer(elapsed.TotalSeconds, cpu, bytes);
        }
        finally
        {
            Kill(seed);
            Kill(get);
        }
    }

    private static Process Start(IReadOnlyList<string> program, params IEnumerable<string> arguments) =>
        Process.Start(new ProcessStartInfo(program[0], [.. program.Skip(1), .. arguments])
        {
            UseShellExecute = false,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
        }) ?? throw new InvalidOperationException($"{program[0]} did not start");

    private static async Task ExpectAsync(Process process, string line, CancellationToken cancellationToken)
    {
        var said = await process.StandardOutput.ReadLineAsync(cancellationToken);
        if (said != line)
        {
            throw new InvalidOperationException($"{process.StartInfo.FileName} said '{said}' instead of {line}");
        }
    }

    private static void Kill(Process process)
    {
        if (!process.HasExited)
        {
            process.Kill(entireProcessTree: true);
        }
    }

    private static int FreePort()
    {
        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        socket.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        return ((IPEndPoint)socket.LocalEndPoint!).Port;
    }
}
