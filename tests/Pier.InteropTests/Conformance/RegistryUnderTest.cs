using System.Net.Http.Headers;
using Pier.Content;

namespace Pier.InteropTests.Conformance;

/// <summary>One repository of a registry, spoken to in plain HTTP.</summary>
internal sealed class RegistryUnderTest(Uri address, string repository) : IDisposable
{
    private readonly HttpClient _http = new(new SocketsHttpHandler { UseProxy = false, AllowAutoRedirect = false }) { BaseAddress = address };

    public string Repository { get; } = repository;

    public HttpClient Http => _http;

    /// <summary>Another repository of the same registry.</summary>
    public RegistryUnderTest Other() => new(_http.BaseAddress!, Repository + "-other");

    /// <summary>The address of something in the repository.</summary>
    public string At(string path) => $"/v2/{Repository}/{path}";

    public Task<RegistryAnswer> GetAsync(string address, params (string Name, string Value)[] headers) => SendAsync(HttpMethod.Get, address, null, headers);

    public Task<RegistryAnswer> HeadAsync(string address) => SendAsync(HttpMethod.Head, address, null);

    public Task<RegistryAnswer> DeleteAsync(string address) => SendAsync(HttpMethod.Delete, address, null);

    public async Task<RegistryAnswer> SendAsync(HttpMethod method, string address, byte[]? body, params (string Name, string Value)[] headers)
    {
        using var request = new HttpRequestMessage(method, new Uri(_http.BaseAddress!, address));
        request.Headers.Accept.Add(new MediaTypeWithQualityHeaderValue("*/*"));
        foreach (var type in Documents.ManifestTypes)
        {
            request.Headers.Accept.Add(new MediaTypeWithQualityHeaderValue(type));
        }

        request.Content = body is null ? null : new ByteArrayContent(body);
        foreach (var (name, value) in headers)
        {
            if (!request.Headers.TryAddWithoutValidation(name, value))
            {
                (request.Content ??= new ByteArrayContent([])).Headers.TryAddWithoutValidation(name, value);
            }
        }

        return await SendAsync(request);
    }

    public async Task<RegistryAnswer> SendAsync(HttpRequestMessage request)
    {
        using var answer = await _http.SendAsync(request, TestContext.Current.CancellationToken);
        var headers = answer.Headers.NonValidated.Concat(answer.Content.Headers.NonValidated)
            .ToDictionary(header => header.Key, header => string.Join(", ", header.Value), StringComparer.OrdinalIgnoreCase);
        return new RegistryAnswer((int)answer.StatusCode, headers, await answer.Content.ReadAsByteArrayAsync(TestContext.Current.CancellationToken));
    }

    /// <summary>Begins an upload and returns where it goes on.</summary>
    public async Task<string> StartUploadAsync(string query = "") =>
        (await SendAsync(HttpMethod.Post, At("blobs/uploads/") + query, [])).Is(202)["Location"].ShouldNotBeNull();

    /// <summary>Pushes a blob by POST and PUT.</summary>
    public async Task<Digest> PushBlobAsync(byte[] content, DigestAlgorithm algorithm = DigestAlgorithm.Sha256)
    {
        var digest = Digest.Compute(content, algorithm);
        var location = await StartUploadAsync();
        (await SendAsync(HttpMethod.Put, With(location, $"digest={digest}"), content, ("Content-Type", "application/octet-stream"))).Is(201);
        return digest;
    }

    public Task<RegistryAnswer> PutManifestAsync(string reference, byte[] content, string mediaType, string query = "") =>
        SendAsync(HttpMethod.Put, At($"manifests/{reference}{query}"), content, ("Content-Type", mediaType));

    /// <summary>Sends a chunk.</summary>
    public Task<RegistryAnswer> PatchAsync(string location, byte[] chunk, long start) => SendAsync(
        HttpMethod.Patch, location, chunk, ("Content-Type", "application/octet-stream"), ("Content-Range", $"{start}-{start + chunk.Length - 1}"));

    /// <summary>An address with another query parameter.</summary>
    public static string With(string location, string parameter) => location + (location.Contains('?', StringComparison.Ordinal) ? '&' : '?') + parameter;

    public void Dispose() => _http.Dispose();
}
