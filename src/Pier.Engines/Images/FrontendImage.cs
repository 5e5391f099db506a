using System.Net;
using System.Net.Http.Headers;
using System.Text.Json;
using Pier.Engines.Probes;

namespace Pier.Engines.Images;

/// <summary>Puts the image pier/frontend into a Docker Engine, so that <c># syntax=pier/frontend</c> works: a local image wins over any registry.</summary>
public static class FrontendImage
{
    /// <summary>What syntax lines call it.</summary>
    public const string Name = FrontendArchive.Name;

    private const string Again = $"Run this again, or: docker rmi {Name}";
    private const int MaxProgram = 128 << 20;
    private const int MaxAnswer = 1 << 20;
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(2);

    /// <summary>The program as it is delivered: beside <c>pier</c>; null when this build came without it.</summary>
    public static string? Program
    {
        get
        {
            var file = Path.Combine(AppContext.BaseDirectory, FrontendArchive.Program);
            return File.Exists(file) ? file : null;
        }
    }

    /// <summary>Makes the image of the programs.</summary>
    /// <param name="program">The frontend's program; pierdat is taken from beside it.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="EngineException">A program is too large.</exception>
    /// <exception cref="IOException">A program cannot be read.</exception>
    public static async Task<FrontendPack> PackAsync(string program, CancellationToken cancellationToken)
    {
        var seeder = Path.Combine(Path.GetDirectoryName(Path.GetFullPath(program))!, FrontendArchive.Seeder);
        var carried = File.Exists(seeder) ? await ReadAsync(seeder, cancellationToken) : null;
        return FrontendArchive.Make(await ReadAsync(program, cancellationToken), carried);
    }

    /// <summary>Loads the image (Engine API, <c>POST /images/load</c>); an older one of that name loses it.</summary>
    /// <param name="socket">The engine's Unix socket.</param>
    /// <param name="program">The frontend's program; pierdat is taken from beside it.</param>
    /// <param name="coming">Told by which ids the engine may know it, before it gets it.</param>
    /// <param name="clock">Measures patience.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <returns>The id by which the engine knows it now, so that it can be taken back one day; and true when pierdat was there: images can serve their data then.</returns>
    /// <exception cref="EngineException">A program cannot be read, or the engine does not take the image.</exception>
    public static async Task<(string Id, bool Serves)> LoadAsync(
        string socket, string program, Action<IReadOnlyList<string>> coming, TimeProvider clock, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(coming);
        using var deadline = new CancellationTokenSource(Patience, clock);
        using var both = CancellationTokenSource.CreateLinkedTokenSource(deadline.Token, cancellationToken);
        try
        {
            var pack = await PackAsync(program, both.Token);
            coming([pack.Config, pack.Digest]);
            using var http = DockerSocket.CreateClient(socket, MaxAnswer);
            using var content = new StreamContent(pack.Archive);
            content.Headers.ContentType = new MediaTypeHeaderValue("application/x-tar");
            using var answer = await http.PostAsync(new Uri("images/load?quiet=1", UriKind.Relative), content, both.Token);
            var text = await answer.Content.ReadAsStringAsync(both.Token);
            if (!answer.IsSuccessStatusCode || FaultIn(text) is not null)
            {
                throw new EngineException($"The engine did not take the image {Name}: {FaultIn(text) ?? text.Trim()}");
            }
            var id = await IdAsync(http, both.Token) ?? throw new EngineException($"The engine took the image {Name} and does not have it.");
            return (id, pack.Serves);
        }
        catch (Exception failure) when (IsSilence(failure, cancellationToken))
        {
            throw new EngineException($"The image {Name} could not be loaded into the engine at {socket}: {failure.Message}", "Run this again, or with --no-frontend.", failure);
        }
    }

    /// <summary>Takes the image's name from an engine, and the image with it, when it is the one that was loaded; false when it is gone or another.</summary>
    /// <param name="loaded">What was loaded, and where.</param>
    /// <param name="clock">Measures patience.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="EngineException">The engine does not answer, or keeps the image.</exception>
    public static async Task<bool> RemoveAsync(LoadedImage loaded, TimeProvider clock, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(loaded);
        using var deadline = new CancellationTokenSource(Patience, clock);
        using var both = CancellationTokenSource.CreateLinkedTokenSource(deadline.Token, cancellationToken);
        try
        {
            using var http = DockerSocket.CreateClient(loaded.Socket, MaxAnswer);
            if (!loaded.Has(await IdAsync(http, both.Token)))
            {
                return false;
            }
            using var answer = await http.DeleteAsync(new Uri($"images/{Name}:latest", UriKind.Relative), both.Token);
            return answer.IsSuccessStatusCode
                ? true
                : throw new EngineException($"The engine keeps the image {Name}: {FaultIn(await answer.Content.ReadAsStringAsync(both.Token)) ?? $"{(int)answer.StatusCode}"}", Again);
        }
        catch (Exception failure) when (IsSilence(failure, cancellationToken))
        {
            throw new EngineException($"The image {Name} could not be removed from the engine at {loaded.Socket}: {failure.Message}", Again, failure);
        }
    }

    private static bool IsSilence(Exception failure, CancellationToken cancellationToken) => failure is HttpRequestException or IOException or UnauthorizedAccessException or JsonException
        || (failure is OperationCanceledException && !cancellationToken.IsCancellationRequested);

    /// <summary>The id of what goes by the name now (Engine API, <c>GET /images/NAME/json</c>); null when nothing does.</summary>
    private static async Task<string?> IdAsync(HttpClient http, CancellationToken cancellationToken)
    {
        using var answer = await http.GetAsync(new Uri($"images/{Name}:latest/json", UriKind.Relative), cancellationToken);
        if (answer.StatusCode == HttpStatusCode.NotFound)
        {
            return null;
        }
        using var image = JsonDocument.Parse(await answer.EnsureSuccessStatusCode().Content.ReadAsByteArrayAsync(cancellationToken));
        return image.RootElement is { ValueKind: JsonValueKind.Object } said && said.TryGetProperty("Id", out var id) && id.ValueKind == JsonValueKind.String ? id.GetString() : null;
    }

    private static async Task<byte[]> ReadAsync(string program, CancellationToken cancellationToken) => new FileInfo(program).Length <= MaxProgram
        ? await File.ReadAllBytesAsync(program, cancellationToken)
        : throw new EngineException($"{program} is too large to be part of the image {Name}.");

    /// <summary>What went wrong, by the lines of JSON that the engine answers with; null when nothing did.</summary>
    private static string? FaultIn(string lines)
    {
        foreach (var line in lines.Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries))
        {
            try
            {
                using var document = JsonDocument.Parse(line);
                if (document.RootElement is { ValueKind: JsonValueKind.Object } said
                    && (said.TryGetProperty("error", out var fault) || said.TryGetProperty("message", out fault)) && fault.ValueKind == JsonValueKind.String)
                {
                    return fault.GetString();
                }
            }
            catch (JsonException)
            {
                return line;
            }
        }
        return null;
    }
}
