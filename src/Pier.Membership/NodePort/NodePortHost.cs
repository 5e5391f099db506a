using System.Net;
using System.Security.Authentication;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.Server.Kestrel.Https;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Pier.Membership.Identity;
using Pier.Membership.Wire;

namespace Pier.Membership.NodePort;

/// <summary>
/// The node port: a Kestrel of its own, because <c>pier cluster init</c> opens it while the daemon runs. TLS 1.3
/// alone, and both sides show a certificate.
/// </summary>
internal sealed class NodePortHost(
    NodeIdentity identity, MembershipOptions options, NodePortEndpoints endpoints, ILoggerFactory loggers) : IAsyncDisposable
{
    private static readonly TimeSpan StopPatience = TimeSpan.FromSeconds(2);

    private WebApplication? app;

    /// <summary>Where it listens, with the port it really has; null while closed.</summary>
    public IPEndPoint? Endpoint { get; private set; }

    /// <summary>Opens the port.</summary>
    /// <exception cref="ClusterException">The port is taken, or the address is not this host's.</exception>
    public async Task StartAsync(CancellationToken cancellationToken)
    {
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.Services.AddSingleton(loggers);
        builder.Services.AddRoutingCore();
        builder.WebHost.UseKestrelCore().ConfigureKestrel(Configure);
        var starting = builder.Build();
        try
        {
            endpoints.MapPierNodePort(starting);
            await starting.StartAsync(cancellationToken);
        }
        catch (Exception cause) when (cause is IOException or System.Net.Sockets.SocketException)
        {
            await starting.DisposeAsync();
            throw new ClusterException(
                ClusterFailure.PortTaken, $"The node port cannot be opened at {options.Listen}: {cause.Message}", cause);
        }

        app = starting;
        var address = starting.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.First();
        Endpoint = new IPEndPoint(options.Listen.Address, Microsoft.AspNetCore.Http.BindingAddress.Parse(address).Port);
    }

    /// <summary>Closes the port; streams that do not end in 2 s are cut.</summary>
    public async Task StopAsync()
    {
        if (app is { } stopping)
        {
            app = null;
            Endpoint = null;
            using var patience = new CancellationTokenSource(StopPatience, TimeProvider.System);
            await stopping.StopAsync(patience.Token);
            await stopping.DisposeAsync();
        }
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync() => await StopAsync();

    private void Configure(KestrelServerOptions kestrel)
    {
        kestrel.AddServerHeader = false;
        kestrel.Limits.MaxRequestBodySize = NodeRoutes.MaxJsonBytes;
        kestrel.Limits.RequestHeadersTimeout = TimeSpan.FromSeconds(10);
        kestrel.Limits.MaxConcurrentConnections = 4096;
        // A follower that stops reading must not hold a stream for ever; a slow source does not count here.
        kestrel.Limits.MinResponseDataRate = new MinDataRate(bytesPerSecond: 1024, gracePeriod: TimeSpan.FromSeconds(20));
        kestrel.Listen(options.Listen, listen =>
        {
            listen.Protocols = HttpProtocols.Http1AndHttp2;
            listen.UseHttps(new HttpsConnectionAdapterOptions
            {
                ServerCertificate = identity.Certificate,
                SslProtocols = SslProtocols.Tls13,
                HandshakeTimeout = TimeSpan.FromSeconds(5),
                ClientCertificateMode = ClientCertificateMode.RequireCertificate,
                // Any key may finish the handshake, which proves that the peer has it; the gate then asks whose it is.
                ClientCertificateValidation = static (_, _, _) => true,
                OnAuthenticate = static (_, tls) => tls.AllowTlsResume = false,
            });
        });
    }
}
