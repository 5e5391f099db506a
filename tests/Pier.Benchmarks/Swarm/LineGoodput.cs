using System.Globalization;
using System.Net;
using Pier.TestKit.Network;
using Pier.TestKit.Processes;

namespace Pier.Benchmarks.Swarm;

/// <summary>How fast a line really is: one curl from nginx on one host to another.</summary>
internal static class LineGoodput
{
    private const int Port = 8080;

    /// <summary>Downloads the blob once.</summary>
    /// <returns>Bytes per second.</returns>
    public static async Task<double> MeasureAsync(NetworkHost from, NetworkHost to, BlobOnDisk blob, CancellationToken cancellationToken)
    {
        var configuration = Path.Combine(blob.Folder, "nginx.conf");
        await File.WriteAllTextAsync(configuration, $$"""
            daemon off;
            pid {{blob.Folder}}/nginx.pid;
            error_log stderr;
            events { worker_connections 64; }
            http { sendfile on; access_log off; server { listen {{from.Address}}:{{Port}}; root {{blob.Folder}}; } }
            """, cancellationToken);
        var plan = new ProcessPlan("nginx", "nsenter", from.Namespace.Enter("/usr/sbin/nginx", ["-c", configuration, "-p", blob.Folder, "-g", "user root;"]))
        {
            Ready = Readiness.When("nginx", async token =>
            {
                try
                {
                    await using var connection = await to.Namespace.ConnectAsync(new IPEndPoint(from.Address, Port), token);
                    return true;
                }
                catch (System.Net.Sockets.SocketException)
                {
                    return false;
                }
            }),
        };
        await using var nginx = await ExternalProcess.StartAsync(plan, cancellationToken);
        var said = (await to.Namespace.RunAsync(
            "/usr/bin/curl", ["-sS", "--fail", "-o", "/dev/null", "-w", "%{speed_download}", $"http://{from.Address}:{Port}/{blob.Hybrid.Name}"], cancellationToken)).OrThrow().Output;
        return double.Parse(said, CultureInfo.InvariantCulture);
    }
}
