using System.Globalization;
using System.Net;
using Pier.Benchmarks.Harness;
using Pier.TestKit.Processes;

namespace Pier.Benchmarks.Registry;

/// <summary>A server under test, in a process of its own, and the address of the one blob it serves.</summary>
internal sealed class HttpServer : IAsyncDisposable
{
    private const string Curl = "/usr/bin/curl";

    private readonly ExternalProcess _process;
    private readonly Uri _blob;

    private HttpServer(ExternalProcess process, Uri blob)
    {
        _process = process;
        _blob = blob;
    }

    /// <summary>Its process.</summary>
    public int ProcessId => _process.Id;

    /// <summary>What it serves.</summary>
    public Uri Address => _blob;

    /// <summary>Starts pierd on a state folder that holds the blob.</summary>
    public static Task<HttpServer> StartPierAsync(string state, string digest, CancellationToken cancellationToken) =>
        StartPierAsync(state, $"blobs/{digest}", certificate: null, cancellationToken);

    /// <summary>Starts pierd on a state folder that holds what the path names in the repository bench/blob.</summary>
    public static async Task<HttpServer> StartPierAsync(string state, string path, ServerCertificate? certificate, CancellationToken cancellationToken)
    {
        var port = FreePort.Next();
        var tls = FreePort.Next();
        var plan = new ProcessPlan("pierd", Path.Combine(AppContext.BaseDirectory, "pierd"),
        [
            "--state", state, "--registry", $"127.0.0.1:{port}", "--control", $"127.0.0.1:{FreePort.Next()}",
            "--peers", $"127.0.0.1:{FreePort.Next(alsoUdp: true)}", "--socket", Path.Combine(state, "pier.sock"), "--log-level", "warning", "--adopt", "off", "--containers", "off",
            .. certificate is null ? [] : (string[])["--registry-tls", $"127.0.0.1:{tls}", "--config", certificate.PierConfiguration],
        ])
        {
            Ready = Readiness.WhenHttpAnswers(new Uri($"http://127.0.0.1:{port}/v2/")),
        };
        return new HttpServer(await ExternalProcess.StartAsync(plan, cancellationToken), new Uri($"{(certificate is null ? "http" : "https")}://127.0.0.1:{(certificate is null ? port : tls)}/v2/bench/blob/{path}"));
    }

    /// <summary>Starts nginx with its best settings for large files on a folder that holds the blob.</summary>
    public static async Task<HttpServer> StartNginxAsync(string folder, string file, CancellationToken cancellationToken, ServerCertificate? certificate = null)
    {
        var tls = certificate is null ? "" : $"ssl_certificate {certificate.File}; ssl_certificate_key {certificate.KeyFile};";
        var port = FreePort.Next();
        var configuration = Path.Combine(folder, "nginx.conf");
        await File.WriteAllTextAsync(configuration, $$"""
            daemon off;
            worker_processes auto;
            pid {{folder}}/nginx.pid;
            error_log stderr;
            events { worker_connections 1024; }
            http {
              sendfile on;
              tcp_nopush on;
              access_log off;
              server { listen 127.0.0.1:{{port}}{{(certificate is null ? "" : " ssl")}}; {{tls}} root {{folder}}; }
            }
            """, cancellationToken);
        // Without a user directive the workers of root's master would be nobody, who may not read the scratch folder.
        var plan = new ProcessPlan("nginx", "/usr/sbin/nginx", ["-c", configuration, "-p", folder, "-g", "user root;"])
        {
            Ready = Readiness.WhenTcpConnects(new IPEndPoint(IPAddress.Loopback, port)),
        };
        return new HttpServer(await ExternalProcess.StartAsync(plan, cancellationToken), new Uri($"{(certificate is null ? "http" : "https")}://127.0.0.1:{port}/{file}"));
    }

    /// <summary>Downloads the blob with so many curls at once.</summary>
    public async Task<Download> DownloadAsync(int clients, long size, CancellationToken cancellationToken)
    {
        var clock = TimeProvider.System;
        var cpu = ProcessCpu.TreeSeconds(_process.Id);
        var start = clock.GetTimestamp();
        var results = await Task.WhenAll(Enumerable.Range(0, clients).Select(_ =>
            Command.RunAsync(Curl, ["-sSk", "-o", "/dev/null", "-w", "%{http_code} %{size_download}", _blob.ToString()], cancellationToken)));
        var elapsed = clock.GetElapsedTime(start).TotalSeconds;
        var expected = string.Create(CultureInfo.InvariantCulture, $"200 {size}");
        if (results.FirstOrDefault(result => result.OrThrow().Output != expected) is { } wrong)
        {
            throw new InvalidOperationException($"{wrong.CommandLine}: got '{wrong.Output}', expected '{expected}'.");
        }

        var gibibytes = clients * (size / (double)(1 << 30));
        return new Download(clients * size / 1e6 / elapsed, (ProcessCpu.TreeSeconds(_process.Id) - cpu) / gibibytes);
    }

    /// <summary>Copies the blob into a file with one curl.</summary>
    /// <returns>MB/s, whole.</returns>
    public async Task<double> CopyAsync(string file, long size, CancellationToken cancellationToken)
    {
        File.Delete(file);
        var start = TimeProvider.System.GetTimestamp();
        (await Command.RunAsync(Curl, ["-sS", "--fail", "-o", file, _blob.ToString()], cancellationToken)).OrThrow();
        var elapsed = TimeProvider.System.GetElapsedTime(start);
        if (new FileInfo(file).Length != size)
        {
            throw new InvalidOperationException($"curl wrote {new FileInfo(file).Length} bytes of {size}.");
        }

        return Math.Round(size / 1e6 / elapsed.TotalSeconds);
    }

    public ValueTask DisposeAsync() => _process.DisposeAsync();
}
