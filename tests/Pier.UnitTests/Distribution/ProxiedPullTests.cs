using System.Net;
using System.Net.Sockets;
using System.Text;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging.Abstractions;
using Pier.Content;
using Pier.Content.Contracts;
using Pier.Content.Manifests;
using Pier.Content.References;
using Pier.Distribution;
using Pier.UnitTests.Content.Manifests;

namespace Pier.UnitTests.Distribution;

/// <summary>Upstreams behind a proxy: plain HTTP by its absolute address, TLS by CONNECT, and what NO_PROXY names without it.</summary>
public sealed class ProxiedPullTests
{
    private static readonly byte[] Manifest = Encoding.UTF8.GetBytes(ManifestSamples.OciImage);
    private static readonly Digest Name = Digest.Compute(Manifest);
    private static readonly RepositoryName Far = new("registry.example:5000", "team/app");

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_manifest_comes_through_the_proxy()
    {
        await using var proxy = await FakeUpstream.StartAsync(context =>
        {
            context.Request.Host.Value.ShouldBe("registry.example:5000", "the proxy is told whom to ask");
            context.Response.ContentType = MediaTypes.OciManifest;
            return context.Response.Body.WriteAsync(Manifest, context.RequestAborted).AsTask();
        });
        using var clients = Clients(new() { ["HTTP_PROXY"] = proxy.Address.ToString() }, plainHttp: true);

        var found = await clients.For(Far.Registry).GetManifestAsync(Far, Name.ToString(), Cancel);

        found.Document.Digest.ShouldBe(Name);
        proxy.Asked.Single().Path.ShouldBe($"/v2/team/app/manifests/{Name}");
    }

    [Fact]
    public async Task What_NO_PROXY_names_is_not_asked_for_there()
    {
        await using var proxy = await FakeUpstream.StartAsync(context => context.Response.Body.WriteAsync(Manifest, context.RequestAborted).AsTask());
        using var clients = Clients(
            new() { ["HTTP_PROXY"] = proxy.Address.ToString(), ["NO_PROXY"] = "other.example,registry.example" }, plainHttp: true);

        // The name does not resolve: asked without the proxy, nobody answers.
        await Should.ThrowAsync<ContentUnavailableException>(() => clients.For(Far.Registry).GetManifestAsync(Far, Name.ToString(), Cancel));

        proxy.Asked.ShouldBeEmpty();
    }

    [Fact]
    public async Task TLS_goes_through_a_tunnel()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        var heard = HearAsync(listener);
        using var clients = Clients(new() { ["HTTPS_PROXY"] = $"http://{listener.LocalEndpoint}" }, plainHttp: false);

        using var enough = CancellationTokenSource.CreateLinkedTokenSource(Cancel);
        var pull = clients.For(Far.Registry).GetManifestAsync(Far, Name.ToString(), enough.Token);
        (await heard).ShouldBe("CONNECT registry.example:5000 HTTP/1.1");
        await enough.CancelAsync();
        await Should.ThrowAsync<OperationCanceledException>(() => pull);
    }

    private static async Task<string?> HearAsync(TcpListener listener)
    {
        using var client = await listener.AcceptTcpClientAsync(Cancel);
        using var reader = new StreamReader(client.GetStream());
        return await reader.ReadLineAsync(Cancel);
    }

    private static UpstreamClients Clients(Dictionary<string, string> environment, bool plainHttp)
    {
        var options = new UpstreamOptions { DockerConfigFiles = [] };
        if (plainHttp)
        {
            options = options with
            {
                Registries = new Dictionary<string, RegistryOptions>(StringComparer.Ordinal)
                {
                    [Far.Registry] = new() { Endpoints = [new Uri($"http://{Far.Registry}/")] },
                },
            };
        }

        return new UpstreamClients(options, TimeProvider.System, NullLogger.Instance, environment.GetValueOrDefault);
    }
}
