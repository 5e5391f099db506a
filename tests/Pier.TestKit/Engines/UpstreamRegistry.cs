using Pier.TestKit.Files;
using Pier.TestKit.Network;
using Pier.TestKit.Processes;

namespace Pier.TestKit.Engines;

/// <summary>A real <c>docker-registry</c> on a host of its own: its bytes are counted, its line can be slow, and it can be cut off.</summary>
public sealed class UpstreamRegistry : IAsyncDisposable
{
    private const int Port = 5000;
    private readonly TempFolder _folder;
    private readonly ExternalProcess _server;
    private readonly NetworkHost _host;

    private UpstreamRegistry(TempFolder folder, ExternalProcess server, NetworkHost host)
    {
        _folder = folder;
        _server = server;
        _host = host;
    }

    /// <summary>Where hosts of the test network reach it, over plain HTTP.</summary>
    public Uri Address => AddressOn(_host);

    /// <summary>Its log, the access log included.</summary>
    public BoundedLog Log => _server.Log;

    /// <summary>Starts serving a registry's files.</summary>
    /// <param name="host">Where.</param>
    /// <param name="storage">Root folder of the registry's files, shared with other runs.</param>
    /// <param name="writable">Whether pushes are taken.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <param name="users">A file of htpasswd's with those who may read; null for everybody.</param>
    public static async Task<UpstreamRegistry> StartAsync(NetworkHost host, string storage, bool writable, CancellationToken cancellationToken, string? users = null)
    {
        var folder = TempFolder.Create("upstream");
        try
        {
            var configuration = folder.Below("config.yml");
            await File.WriteAllTextAsync(
                configuration,
                $$"""
                version: 0.1
                log:
                  level: info
                  accesslog: {disabled: false}
                storage:
                  filesystem: {rootdirectory: "{{storage}}"}
                  maintenance:
                    readonly: {enabled: {{(writable ? "false" : "true")}}}
                http:
                  addr: {{host.Address}}:{{Port}}
                {{(users is null ? "" : $"auth: {{htpasswd: {{realm: tests, path: \"{users}\"}}}}")}}
                """,
                cancellationToken);
            var registry = RequiredTool.Path("docker-registry", "apt-get install docker-registry");
            var plan = new ProcessPlan(
                "docker-registry on " + host.Name,
                RequiredTool.Path("nsenter", "apt-get install util-linux"),
                host.Namespace.Enter(registry, ["serve", configuration]))
            {
                Ready = users is null ? host.WhenHttpAnswers(new Uri(AddressOn(host), "/v2/")) : Readiness.WhenLogSays("listening on"),
            };
            var server = await ExternalProcess.StartAsync(plan, cancellationToken);
            await host.CountFromPortAsync(Port, cancellationToken);
            return new UpstreamRegistry(folder, server, host);
        }
        catch
        {
            await folder.DisposeAsync();
            throw;
        }
    }

    /// <summary>
    /// Bytes sent, readiness probes of this class not counted, once all of them are acknowledged. Only then can a later count show that
    /// nothing was sent since: a cut takes acknowledgements away, too, and what the kernel has none for it sends again.
    /// </summary>
    /// <exception cref="TimeoutException">Somebody does not acknowledge them.</exception>
    public async Task<long> BytesSentAsync(CancellationToken cancellationToken)
    {
        await _host.WaitUntilAcknowledgedAsync(Port, cancellationToken);
        return await BytesSentSoFarAsync(cancellationToken);
    }

    /// <summary>Bytes sent so far, for who looks on while they are under way, or when a receiver has died.</summary>
    public Task<long> BytesSentSoFarAsync(CancellationToken cancellationToken) => _host.BytesFromPortAsync(Port, cancellationToken);

    /// <summary>Limits its line.</summary>
    public Task LimitAsync(int megabitsPerSecond, CancellationToken cancellationToken) => _host.LimitSendingAsync(megabitsPerSecond, cancellationToken);

    /// <summary>Cuts it off, transfers under way included.</summary>
    public Task CutAsync(CutStyle style, CancellationToken cancellationToken) => _host.CutPortAsync(Port, style, cancellationToken);

    /// <summary>Undoes <see cref="CutAsync"/>.</summary>
    public Task RestoreAsync(CutStyle style, CancellationToken cancellationToken) => _host.RestorePortAsync(Port, style, cancellationToken);

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await _server.DisposeAsync();
        await _folder.DisposeAsync();
    }

    private static Uri AddressOn(NetworkHost host) => new($"http://{host.Address}:{Port}/");
}
