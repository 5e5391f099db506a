using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace Pier.InteropTests.Programs;

/// <summary>A web server on loopback that answers everything with the same bytes.</summary>
internal sealed class WebPage : IAsyncDisposable
{
    private readonly WebApplication _server;

    private WebPage(WebApplication server) => _server = server;

    /// <summary>Scheme, host and port.</summary>
    public string Root => _server.Urls.Single();

    public static async Task<WebPage> ServeAsync(byte[] content, string type, CancellationToken cancellationToken)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, 0));
        var server = builder.Build();
        server.Run(context => Results.Bytes(content, type).ExecuteAsync(context));
        await server.StartAsync(cancellationToken);
        return new WebPage(server);
    }

    public ValueTask DisposeAsync() => _server.DisposeAsync();
}
