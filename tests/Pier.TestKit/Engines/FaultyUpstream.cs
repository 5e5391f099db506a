using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography.X509Certificates;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using Pier.TestKit.Network;

namespace Pier.TestKit.Engines;

/// <summary>An upstream whose answers the test writes, for what no real registry would do; it listens on a host of the test network.</summary>
public sealed class FaultyUpstream : IAsyncDisposable
{
    private const int Port = 5000;
    private readonly WebApplication _server;
    private readonly Socket _listener;

    private FaultyUpstream(WebApplication server, Socket listener, Uri address)
    {
        _server = server;
        _listener = listener;
        Address = address;
    }

    /// <summary>Where hosts of the test network reach it.</summary>
    public Uri Address { get; }

    /// <summary>Starts a server on a host; <paramref name="answer"/> answers everything but <c>/v2/</c>.</summary>
    public static Task<FaultyUpstream> StartAsync(NetworkHost host, RequestDelegate answer, CancellationToken cancellationToken) =>
        StartAsync(host, answer, certificate: null, cancellationToken);

    /// <summary>Starts a server; with a certificate it speaks HTTPS alone.</summary>
    public static async Task<FaultyUpstream> StartAsync(NetworkHost host, RequestDelegate answer, X509Certificate2? certificate, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(host);
        var listener = host.Namespace.Listen(new IPEndPoint(host.Address, Port));
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        // Kestrel takes over a socket that was made inside the host's namespace.
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.ListenHandle((ulong)listener.Handle, listening =>
        {
            if (certificate is not null)
            {
                listening.UseHttps(certificate);
            }
        }));
        var server = builder.Build();
        server.Map("/v2/", () => Results.Text("{}", "application/json"));
        // The default pattern leaves out paths that end like file names.
        server.MapFallback("{**path}", answer);
        await server.StartAsync(cancellationToken);
        return new FaultyUpstream(server, listener, new Uri($"{(certificate is null ? "http" : "https")}://{host.Address}:{Port}/"));
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await _server.DisposeAsync();
        _listener.Dispose();
    }
}
