using System.Globalization;
using System.Text.Json;

namespace Pier.Engines.Probes;

/// <summary>Asks a Docker Engine what it is and which mirrors it really uses (Engine API, <c>GET /info</c>).</summary>
public static class DockerProbe
{
    private const int MaxAnswer = 4 << 20;
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);

    /// <summary>The socket of the engine that this user's docker talks to, where it is one of this host.</summary>
    public static string Socket => Environment.GetEnvironmentVariable("DOCKER_HOST") is { } host && host.StartsWith("unix://", StringComparison.Ordinal)
        ? host["unix://".Length..]
        : "/var/run/docker.sock";

    /// <summary>What the engine says; null when none answers there.</summary>
    public static async Task<DockerFacts?> AskAsync(string socket, TimeProvider clock, CancellationToken cancellationToken)
    {
        if (!File.Exists(socket))
        {
            return null;
        }
        using var deadline = new CancellationTokenSource(Patience, clock);
        using var both = CancellationTokenSource.CreateLinkedTokenSource(deadline.Token, cancellationToken);
        using var http = DockerSocket.CreateClient(socket, MaxAnswer);
        try
        {
            using var info = JsonDocument.Parse(await http.GetByteArrayAsync(new Uri("info", UriKind.Relative), both.Token));
            return Read(info.RootElement);
        }
        catch (Exception silent) when (silent is HttpRequestException or JsonException or OperationCanceledException && !cancellationToken.IsCancellationRequested)
        {
            return null;
        }
    }

    /// <summary>Reads an answer of <c>GET /info</c>.</summary>
    internal static DockerFacts Read(JsonElement info) => new(
        Text(info, "ServerVersion") ?? "",
        Text(info, "Driver") ?? "",
        Text(info, "DockerRootDir") ?? "",
        info.TryGetProperty("DriverStatus", out var status) && status.ValueKind == JsonValueKind.Array
            && status.EnumerateArray().Any(pair => pair.ValueKind == JsonValueKind.Array && pair.EnumerateArray().Any(word => word.ValueKind == JsonValueKind.String && word.ValueEquals("io.containerd.snapshotter.v1"))),
        info.TryGetProperty("RegistryConfig", out var registries) && registries.ValueKind == JsonValueKind.Object
            && registries.TryGetProperty("Mirrors", out var mirrors) && mirrors.ValueKind == JsonValueKind.Array
                ? [.. mirrors.EnumerateArray().Select(mirror => mirror.GetString()).OfType<string>()]
                : []);

    private static string? Text(JsonElement info, string name) =>
        info.ValueKind == JsonValueKind.Object && info.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;
}

/// <summary>What a Docker Engine says of itself.</summary>
/// <param name="Version">Its version.</param>
/// <param name="Driver">Its storage driver.</param>
/// <param name="Folder">Where it keeps its data.</param>
/// <param name="HasContainerdStore">True when its images lie in containerd's content store, with the layers as they were pulled.</param>
/// <param name="Mirrors">The mirrors of docker.io that it uses now.</param>
public sealed record DockerFacts(string Version, string Driver, string Folder, bool HasContainerdStore, IReadOnlyList<string> Mirrors)
{
    /// <summary>The first number of the version; null when it has none.</summary>
    public int? Major => int.TryParse(Version.Split('.')[0], NumberStyles.None, CultureInfo.InvariantCulture, out var major) ? major : null;
}
