using System.Net;
using Pier.TestKit.Network;

namespace Pier.Benchmarks.Swarm;

/// <summary>What it took until every host had everything.</summary>
/// <param name="Seconds">From the common start until the last is done.</param>
/// <param name="First">When the first was done, in seconds.</param>
/// <param name="SeedBytes">Bytes that left the seed's host, frames whole.</param>
internal sealed record GroupTransfer(double Seconds, double First, long SeedBytes)
{
    private const int Port = 6881;

    public override string ToString() => $"{First:0.0} to {Seconds:0.0} s, seed sent {SeedBytes / 1e6:0} MB";

    /// <summary>Starts a seed on the first host and a getting side on each other, and lets them all go at once.</summary>
    public static async Task<GroupTransfer> RunAsync(
        Contender contender, string torrent, string seedFolder, string getFolder, IReadOnlyList<NetworkHost> hosts, CancellationToken cancellationToken)
    {
        if (Directory.Exists(getFolder))
        {
            Directory.Delete(getFolder, recursive: true);
        }

        var sides = new List<Side>();
        try
        {
            foreach (var (number, host) in hosts.Index())
            {
                var folder = number == 0 ? seedFolder : Directory.CreateDirectory(Path.Combine(getFolder, host.Name)).FullName;
                var listen = new IPEndPoint(host.Address, Port);
                sides.Add(await Side.StartAsync(contender, number == 0 ? "seed" : "get", torrent, folder, listen, [], host, cancellationToken));
            }

            var sent = await hosts[0].BytesSentAsync(cancellationToken);
            var start = TimeProvider.System.GetTimestamp();
            var times = await Task.WhenAll(sides.Skip(1).Select(async side =>
            {
                await side.GoAsync(cancellationToken);
                await side.DoneAsync(cancellationToken);
                return TimeProvider.System.GetElapsedTime(start).TotalSeconds;
            }));
            return new GroupTransfer(times.Max(), times.Min(), await hosts[0].BytesSentAsync(cancellationToken) - sent);
        }
        finally
        {
            foreach (var side in sides)
            {
                side.Dispose();
            }
        }
    }
}
