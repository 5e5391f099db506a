using System.Net;
using Pier.TestKit.Processes;

namespace Pier.Benchmarks.Swarm;

/// <summary>What one transfer over loopback took.</summary>
/// <param name="Seconds">From the start of the getting side until it has everything.</param>
/// <param name="CpuSeconds">Processor time of both sides meanwhile.</param>
/// <param name="PeakMegabytes">Resident memory of the larger side at its height.</param>
/// <param name="AllocatedPerBlock">Bytes that both sides allocated for each 16 KiB block once under way; null when one does not say.</param>
/// <param name="Bytes">What was transferred.</param>
internal sealed record Transfer(double Seconds, double CpuSeconds, double PeakMegabytes, double? AllocatedPerBlock, long Bytes)
{
    private const double Mega = 1e6;

    public double MegabytesPerSecond => Bytes / Seconds / Mega;

    public override string ToString() => $"{MegabytesPerSecond:0} MB/s, {CpuSeconds:0.00} CPU s, {PeakMegabytes:0} MB";

    /// <summary>Runs both sides as processes and measures from go to done.</summary>
    /// <param name="seeder">Gives.</param>
    /// <param name="getter">Takes.</param>
    /// <param name="torrent">The .torrent file.</param>
    /// <param name="bytes">Size of the content.</param>
    /// <param name="seedFolder">Holds the file.</param>
    /// <param name="getFolder">Receives it; emptied first.</param>
    /// <param name="cancellationToken">Ends both.</param>
    public static async Task<Transfer> RunAsync(
        Contender seeder, Contender getter, string torrent, long bytes, string seedFolder, string getFolder, CancellationToken cancellationToken)
    {
        if (Directory.Exists(getFolder))
        {
            Directory.Delete(getFolder, recursive: true);
        }

        Directory.CreateDirectory(getFolder);
        var (seedAt, getAt) = (Free(), Free());
        using var seed = await Side.StartAsync(seeder, "seed", torrent, seedFolder, seedAt, [], host: null, cancellationToken);
        using var get = await Side.StartAsync(getter, "get", torrent, getFolder, getAt, [seedAt], host: null, cancellationToken);
        var cpu = seed.CpuSeconds + get.CpuSeconds;
        var start = TimeProvider.System.GetTimestamp();
        await get.GoAsync(cancellationToken);
        await get.DoneAsync(cancellationToken);
        var elapsed = TimeProvider.System.GetElapsedTime(start);
        cpu = seed.CpuSeconds + get.CpuSeconds - cpu;
        var peak = Math.Max(seed.PeakMegabytes, get.PeakMegabytes);
        var allocated = await get.StopAsync(cancellationToken) + await seed.StopAsync(cancellationToken);
        return new Transfer(elapsed.TotalSeconds, cpu, peak, allocated, bytes);
    }

    private static IPEndPoint Free() => new(IPAddress.Loopback, FreePort.Next(alsoUdp: true));
}
