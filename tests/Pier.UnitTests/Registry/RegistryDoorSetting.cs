using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using Pier.Content;
using Pier.Content.Contracts;
using Pier.Content.Manifests;
using Pier.Registry;
using Pier.TestKit.Registry;
using Pier.TestKit.Stores;
using Pier.TestKit.Time;

namespace Pier.UnitTests.Registry;

/// <summary>A registry door on loopback, over a store in memory and a delivery that does as told.</summary>
public abstract class RegistryDoorSetting : IAsyncLifetime
{
    private protected static readonly byte[] Content = Encoding.ASCII.GetBytes("0123456789");
    private protected static readonly byte[] ManifestBytes = """{"schemaVersion":2}"""u8.ToArray();
    private protected static readonly Digest ManifestDigest = Digest.Compute(ManifestBytes);

    private protected readonly MemoryContentStore _store = new(new ManualTimeProvider());
    private protected readonly FakeDelivery _delivery;
    private protected readonly Digest _blob;
    private protected RegistryServer _server = null!;

    private protected RegistryDoorSetting()
    {
        _blob = _store.Add(Content);
        _delivery = new FakeDelivery(_store) { Manifest = new ManifestDocument(ManifestDigest, MediaTypes.OciManifest, ManifestBytes) };
    }

    private protected static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync() =>
        _server = await RegistryServer.StartAsync(_delivery, new MirrorOptions { Pseudonym = "pier-abc" }, Cancel, _store);

    public ValueTask DisposeAsync()
    {
        GC.SuppressFinalize(this);
        return _server.DisposeAsync();
    }

    private protected async Task<HttpResponseMessage> SendAsync(HttpMethod method, string path, params (string Name, string Value)[] headers)
    {
        using var request = new HttpRequestMessage(method, path);
        foreach (var (name, value) in headers)
        {
            request.Headers.TryAddWithoutValidation(name, value);
        }

        return await _server.Http.SendAsync(request, Cancel);
    }

    private protected static string Header(HttpResponseMessage answer, string name) =>
        (answer.Headers.TryGetValues(name, out var values) || answer.Content.Headers.TryGetValues(name, out values)
            ? values
            : answer.Headers.NonValidated.TryGetValues(name, out var raw) ? raw : []).ShouldHaveSingleItem();

    private protected static async Task<(int Status, string? Code)> CodeAsync(HttpResponseMessage answer)
    {
        answer.Content.Headers.ContentType.ShouldBe(new MediaTypeHeaderValue("application/json"));
        using var document = JsonDocument.Parse(await answer.Content.ReadAsStringAsync(Cancel));
        var error = document.RootElement.GetProperty("errors")[0];
        error.GetProperty("message").GetString().ShouldNotBeNullOrEmpty();
        return ((int)answer.StatusCode, error.GetProperty("code").GetString());
    }
}
