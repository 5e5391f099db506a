using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Runtime.CompilerServices;
using System.Text.Json;
using Pier.Engines.Probes;

namespace Pier.Engines.Containers;

/// <summary>The containers of a Docker Engine that have a label (Engine API over its Unix socket): which run, and what happens to them.</summary>
public sealed class DockerContainers : IDisposable
{
    /// <summary>Most containers that are looked at.</summary>
    public const int MostContainers = 1024;

    private const int MaxAnswer = 64 << 20;
    private const int MaxEvent = 4 << 20;

    private static readonly JsonDocumentOptions Shallow = new() { MaxDepth = 32 };
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);

    // The engine answers before it listens to itself; what happened in between it tells all the same.
    private static readonly TimeSpan Overlap = TimeSpan.FromSeconds(5);

    private readonly string _label;
    private readonly KeptLabels _kept;
    private readonly TimeProvider _time;
    private readonly HttpClient _http;

    /// <param name="socket">Path of the engine's socket.</param>
    /// <param name="label">The label.</param>
    /// <param name="kept">Which labels are kept of a container.</param>
    /// <param name="time">The clock.</param>
    public DockerContainers(string socket, string label, KeptLabels kept, TimeProvider time)
    {
        ArgumentNullException.ThrowIfNull(socket);
        _label = label;
        _kept = kept;
        _time = time;
        _http = DockerSocket.CreateClient(socket, MaxAnswer);
        // Events come for as long as the engine lives.
        _http.Timeout = Timeout.InfiniteTimeSpan;
    }

    /// <summary>The ids of those that run.</summary>
    /// <exception cref="EngineException">The engine does not answer.</exception>
    public async Task<IReadOnlyList<string>> ListAsync(CancellationToken cancellationToken)
    {
        using var answer = await GetAsync($"containers/json?filters={Filters("\"status\":[\"running\"]")}", cancellationToken);
        return answer is null ? [] : Read(() => ContainerJson.ReadIds(answer.RootElement, MostContainers));
    }

    /// <summary>A container, if it runs. One of which the engine says more than anybody reads, or what is no Unicode, counts as none.</summary>
    /// <param name="id">Its id.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="EngineException">The engine does not answer.</exception>
    public async Task<RunningContainer?> FindAsync(string id, CancellationToken cancellationToken)
    {
        try
        {
            using var answer = await GetAsync($"containers/{id}/json", cancellationToken);
            return answer is null ? null : Read(() => ContainerJson.ReadRunning(answer.RootElement, _kept));
        }
        catch (EngineException failure) when (failure.InnerException is InvalidOperationException or HttpRequestException { HttpRequestError: HttpRequestError.ConfigurationLimitExceeded })
        {
            return null;
        }
    }

    /// <summary>What happens from now on, until the engine hangs up. First comes null: from there on nothing is missed.</summary>
    /// <exception cref="EngineException">The engine does not answer, or has gone.</exception>
    public async IAsyncEnumerable<ContainerEvent?> WatchAsync([EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var since = (_time.GetUtcNow() - Overlap).ToUnixTimeSeconds();
        var filters = Filters("\"type\":[\"container\"],\"event\":[\"start\",\"die\"]");
        using var answer = await SendAsync(string.Create(CultureInfo.InvariantCulture, $"events?since={since}&filters={filters}"), cancellationToken);
        await using var body = await answer.Content.ReadAsStreamAsync(cancellationToken);
        var lines = new JsonLines(body, MaxEvent);
        yield return null;
        while (await NextAsync(lines, cancellationToken) is { } line)
        {
            if (ReadEvent(line) is { } happened)
            {
                yield return happened;
            }
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _http.Dispose();

    private static ContainerEvent? ReadEvent(ReadOnlyMemory<byte> line)
    {
        try
        {
            using var document = JsonDocument.Parse(line, Shallow);
            return Read(() => ContainerJson.ReadEvent(document.RootElement));
        }
        catch (JsonException malformed)
        {
            throw NotAsItShould(malformed);
        }
    }

    private static T Read<T>(Func<T> read)
    {
        try
        {
            return read();
        }
        catch (InvalidOperationException malformed)
        {
            // Text is looked at when it is read: an escape may stand for half a character.
            throw NotAsItShould(malformed);
        }
    }

    private static EngineException NotAsItShould(Exception malformed) =>
        new($"What the engine says is not what it should be: {malformed.Message}", cause: malformed);

    private static async Task<ReadOnlyMemory<byte>?> NextAsync(JsonLines lines, CancellationToken cancellationToken)
    {
        try
        {
            return await lines.ReadAsync(cancellationToken);
        }
        catch (IOException gone)
        {
            throw new EngineException($"The engine has hung up: {gone.Message}", cause: gone);
        }
    }

    private string Filters(string more) => Uri.EscapeDataString($"{{\"label\":[\"{_label}\"],{more}}}");

    private async Task<JsonDocument?> GetAsync(string path, CancellationToken cancellationToken)
    {
        using var deadline = new CancellationTokenSource(Patience, _time);
        using var both = CancellationTokenSource.CreateLinkedTokenSource(deadline.Token, cancellationToken);
        try
        {
            using var answer = await _http.GetAsync(new Uri(path, UriKind.Relative), both.Token);
            return answer.StatusCode switch
            {
                HttpStatusCode.NotFound => null,
                HttpStatusCode.OK => JsonDocument.Parse(await answer.Content.ReadAsByteArrayAsync(both.Token), Shallow),
                var status => throw new EngineException($"The engine answers {(int)status}."),
            };
        }
        catch (Exception failure) when (failure is HttpRequestException or IOException or SocketException or JsonException)
        {
            throw new EngineException($"The engine does not answer: {failure.Message}", cause: failure);
        }
        catch (OperationCanceledException silent) when (!cancellationToken.IsCancellationRequested)
        {
            throw new EngineException($"The engine said nothing for {Patience.TotalSeconds:0} s.", cause: silent);
        }
    }

    private async Task<HttpResponseMessage> SendAsync(string path, CancellationToken cancellationToken)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, path);
        try
        {
            var answer = await _http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancellationToken);
            if (answer.StatusCode == HttpStatusCode.OK)
            {
                return answer;
            }

            var status = (int)answer.StatusCode;
            answer.Dispose();
            throw new EngineException($"The engine answers {status}.");
        }
        catch (Exception failure) when (failure is HttpRequestException or IOException or SocketException)
        {
            throw new EngineException($"The engine does not answer: {failure.Message}", cause: failure);
        }
    }
}
