using System.Net;
using Pier.TestKit.Files;
using Pier.TestKit.Processes;

namespace Pier.InteropTests.Distribution;

/// <summary>A real <c>docker-registry</c> on loopback, with whatever its configuration adds; several may share one storage folder.</summary>
internal sealed class LoopbackRegistry : IAsyncDisposable
{
    private readonly ExternalProcess _server;
    private readonly TempFolder _folder;

    private LoopbackRegistry(ExternalProcess server, TempFolder folder, int port)
    {
        _server = server;
        _folder = folder;
        Name = $"localhost:{port}";
    }

    /// <summary>The registry's name.</summary>
    public string Name { get; }

    /// <summary>Its plain-HTTP address.</summary>
    public Uri Address => new($"http://{Name}/");

    /// <summary>Its last log lines.</summary>
    public BoundedLog Log => _server.Log;

    /// <summary>Starts it.</summary>
    /// <param name="storage">Root folder of its files.</param>
    /// <param name="auth">The <c>auth</c> section's lines, indented by two, or empty.</param>
    /// <param name="tls">The <c>tls</c> section's lines below <c>http</c>, indented by four, or empty.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <param name="deletes">Whether it deletes.</param>
    public static async Task<LoopbackRegistry> StartAsync(string storage, string auth, string tls, CancellationToken cancellationToken, bool deletes = false)
    {
        var folder = TempFolder.Create("registry");
        try
        {
            var port = FreePort.Next();
            var configuration = folder.Below("config.yml");
            var lines = new List<string>
            {
                "version: 0.1",
                "log: {level: info, accesslog: {disabled: false}}",
                $"storage: {{filesystem: {{rootdirectory: \"{storage}\"}}, delete: {{enabled: {(deletes ? "true" : "false")}}}}}",
                "http:",
                $"  addr: 127.0.0.1:{port}",
            };
            lines.AddRange(tls.Length > 0 ? ["  tls:", tls] : []);
            lines.AddRange(auth.Length > 0 ? ["auth:", auth] : []);
            await File.WriteAllLinesAsync(configuration, lines, cancellationToken);
            var plan = new ProcessPlan("docker-registry", RequiredTool.Path("docker-registry", "apt-get install docker-registry"), ["serve", configuration])
            {
                Ready = Readiness.WhenTcpConnects(new IPEndPoint(IPAddress.Loopback, port)),
            };
            return new LoopbackRegistry(await ExternalProcess.StartAsync(plan, cancellationToken), folder, port);
        }
        catch
        {
            await folder.DisposeAsync();
            throw;
        }
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await _server.DisposeAsync();
        await _folder.DisposeAsync();
    }
}
