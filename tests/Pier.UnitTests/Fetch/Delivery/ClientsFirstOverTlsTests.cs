using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.Logging;
using Pier.Content;
using Pier.Content.Contracts;
using Pier.Content.References;
using Pier.Distribution;
using Pier.Fetch.Ladder;
using Pier.Fetch.Upstreams;
using Pier.TestKit;

namespace Pier.UnitTests.Fetch.Delivery;

/// <summary>What is fetched ahead from a registry over TLS, whose bytes come a few records at a time.</summary>
public sealed class ClientsFirstOverTlsTests : IAsyncLifetime
{
    private const int MiB = 1 << 20;

    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(100);

    private readonly DeliveryHarness _world = new(8 * MiB);
    private WebApplication _registry = null!;

    private static CancellationToken Token => DeliveryHarness.Token;

    public async ValueTask InitializeAsync()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var now = TimeProvider.System.GetUtcNow();
        using var issued = new CertificateRequest("CN=registry", key, HashAlgorithmName.SHA256).CreateSelfSigned(now.AddDays(-1), now.AddDays(1));
        // Kestrel does not take keys that were never in a file.
        var certificate = X509CertificateLoader.LoadPkcs12(issued.Export(X509ContentType.Pkcs12), null);
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseKestrelHttpsConfiguration().ConfigureKestrel(kestrel =>
        {
            kestrel.Listen(IPAddress.Loopback, 0, listen => listen.UseHttps(certificate));
            kestrel.Limits.MinResponseDataRate = null;
        });
        _registry = builder.Build();
        _registry.Run(async context =>
        {
            context.Response.ContentLength = _world.Content.Length;
            await context.Response.Body.WriteAsync(_world.Content, context.RequestAborted);
        });
        await _registry.StartAsync(Token);
    }

    public async ValueTask DisposeAsync()
    {
        await _world.DisposeAsync();
        await _registry.DisposeAsync();
    }

    [Fact]
    public async Task It_holds_back_and_is_never_as_slow_as_one_to_be_replaced()
    {
        var name = new Uri(_registry.Urls.Single()).Authority;
        using var clients = new UpstreamClients(
            new UpstreamOptions
            {
                Registries = new Dictionary<string, RegistryOptions>(StringComparer.Ordinal) { [name] = new() { SkipVerify = true } },
                DockerConfigFiles = [],
            },
            TimeProvider.System, _world.Logs.CreateLogger("upstream"), _ => null);
        var source = new Watched(new UpstreamSource(new RegistryUpstream(clients), new RepositoryName(name, "team/app"), _world.Parts.Partials));
        _world.Finder.Upstreams.Enqueue(new Candidate("upstream", source));
        _world.Parts.Clients.Note();
        var whole = _world.Fetcher.CompleteAsync(_world.Request with { Priority = FetchPriority.Background }, Token);
        await _world.PassUntilAsync(() => Arrived > 4 * MiB, 0);

        var (before, began) = (Arrived, _world.Clock.GetTimestamp());
        var wanted = before + (MiB / 2);
        var patience = TimeSpan.FromSeconds((double)(wanted - before) / _world.Options.SlowRate);
        await Eventually.TrueAsync(
            () =>
            {
                _world.Parts.Clients.Note();
                if (Arrived >= wanted || _world.Clock.GetElapsedTime(began) > patience)
                {
                    return true;
                }

                if (_world.Clock.NextDue - _world.Clock.GetUtcNow() <= Pause)
                {
                    // Only what waits for the clock is given time: what is on its way through TLS takes real time.
                    _world.Clock.Advance(Pause);
                }

                return false;
            },
            "half a mebibyte, or the time for it",
            Eventually.Patience,
            Token);

        Arrived.ShouldBeInRange(wanted, (8 * MiB) - 1);
        source.LargestRead.ShouldBeInRange(1, 64 << 10, "a few records of 16 KiB: else this test shows nothing");
        (await _world.WhileTimePassesAsync(whole)).ShouldNotBeNull().Arrived.ShouldBe(8 * MiB);
    }

    private long Arrived => _world.Table.Find(_world.Digest)?.Arrived ?? 0;

    /// <summary>A source, and how much it writes at once.</summary>
    private sealed class Watched(IContentSource source) : IContentSource
    {
        public SourceKind Kind => source.Kind;

        public int LargestRead { get; private set; }

        public ValueTask<ContentOffer?> ProbeAsync(BlobRequest request, CancellationToken cancellationToken) => source.ProbeAsync(request, cancellationToken);

        public Task FetchAsync(ContentOffer offer, IContentSink sink, CancellationToken cancellationToken) =>
            source.FetchAsync(offer, new Sink(this, sink), cancellationToken);

        private sealed class Sink(Watched watched, IContentSink sink) : IContentSink
        {
            public long Length => sink.Length;

            public long Wanted => sink.Wanted;

            public ByteRange? NextMissing(long from, long limit) => sink.NextMissing(from, limit);

            public ValueTask WriteAsync(long offset, ReadOnlyMemory<byte> bytes, SourceTrust trust, SourceKind kind, CancellationToken cancellationToken)
            {
                watched.LargestRead = Math.Max(watched.LargestRead, bytes.Length);
                return sink.WriteAsync(offset, bytes, trust, kind, cancellationToken);
            }
        }
    }
}
