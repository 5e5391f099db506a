using System.Net.Http.Headers;
using System.Text.Json;
using Pier.Engines.Probes;

namespace Pier.Engines.Images;

/// <summary>Puts the image pier/frontend into a Docker Engine, so that <c># syntax=pier/frontend</c> works: a local image wins over any registry.</summary>
public static class FrontendImage
{
    /// <summary>What syntax lines call it.</summary>
    public const string Name = FrontendArchive.Name;

    private const int MaxProgram = 128 << 20;
    private const int MaxAnswer = 1 << 20;
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(2);

    /// <summary>The program as it is delivered: beside <c>pier</c>; null when this build came without it.</summary>
    public static string? Program
    {
        get
        {
            var file = Path.Combine(AppContext.BaseDirectory, "pier-frontend");
            return File.Exists(file) ? file : null;
        }
    }

    /// <summary>Loads the image (Engine API, <c>POST /images/load</c>); an older one of that name loses it.</summary>
    /// <param name="socket">The engine's Unix socket.</param>
    /// <param name="program">The frontend's program.</param>
    /// <param name="clock">Measures patience.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="EngineException">The program cannot be read, or the engine does not take the image.</exception>
    public static async Task LoadAsync(string socket, string program, TimeProvider clock, CancellationToken cancellationToken)
    {
        using var deadline = new CancellationTokenSource(Patience, clock);
        using var both = CancellationTokenSource.CreateLinkedTokenSource(deadline.Token, cancellationToken);
        try
        {
            if (new FileInfo(program).Length > MaxProgram)
            {
                throw new EngineException($"{program} is too large to be the frontend.");
            }
            using var archive = FrontendArchive.Make(await File.ReadAllBytesAsync(program, both.Token));
            using var http = DockerSocket.CreateClient(socket, MaxAnswer);
            using var content = new StreamContent(archive);
            content.Headers.ContentType = new MediaTypeHeaderValue("application/x-tar");
            using var answer = await http.PostAsync(new Uri("images/load?quiet=1", UriKind.Relative), content, both.Token);
            var text = await answer.Content.ReadAsStringAsync(both.Token);
            if (!answer.IsSuccessStatusCode || FaultIn(text) is not null)
            {
                throw new EngineException($"The engine did not take the image {Name}: {FaultIn(text) ?? text.Trim()}");
            }
        }
        catch (Exception failure) when (failure is HttpRequestException or IOException or UnauthorizedAccessException
            or OperationCanceledException && !cancellationToken.IsCancellationRequested)
        {
            throw new EngineException($"The image {Name} could not be loaded into the engine at {socket}: {failure.Message}", "Run this again, or with --no-frontend.", failure);
        }
    }

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
