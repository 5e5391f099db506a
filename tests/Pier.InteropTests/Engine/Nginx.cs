using System.Net;
using Pier.TestKit;
using Pier.TestKit.Files;
using Pier.TestKit.Processes;

namespace Pier.InteropTests.Engine;

/// <summary>nginx on loopback, serving a folder as it is.</summary>
internal sealed class Nginx : IAsyncDisposable
{
    private readonly ExternalProcess _process;

    private Nginx(ExternalProcess process, int port)
    {
        _process = process;
        Root = $"http://127.0.0.1:{port}/";
    }

    public string Root { get; }

    public static async Task<Nginx> StartAsync(TempFolder home, string served, CancellationToken cancellationToken)
    {
        var port = FreePort.Next();
        var folder = home.MakeFolder("nginx");
        var configuration = Path.Combine(folder, "nginx.conf");
        var places = string.Concat(new[] { "client_body", "proxy", "fastcgi", "uwsgi", "scgi" }.Select(name => $"{name}_temp_path {folder}/{name};\n"));
        await File.WriteAllTextAsync(
            configuration,
            $$"""
            daemon off;
            master_process off;
            pid {{folder}}/pid;
            error_log {{folder}}/errors;
            events {}
            http {
            {{places}}
            access_log {{folder}}/log;
            server { listen 127.0.0.1:{{port}}; root {{served}}; }
            }
            """,
            cancellationToken);
        var plan = new ProcessPlan("nginx", RequiredTool.Path("nginx", "apt-get install nginx-light"), ["-p", folder, "-c", configuration, "-e", Path.Combine(folder, "errors")])
        {
            Ready = Readiness.WhenTcpConnects(new IPEndPoint(IPAddress.Loopback, port)),
        };
        return new Nginx(await ExternalProcess.StartAsync(plan, cancellationToken), port);
    }

    public ValueTask DisposeAsync() => _process.DisposeAsync();
}
