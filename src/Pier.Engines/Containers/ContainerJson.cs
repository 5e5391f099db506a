using System.Text.Json;

namespace Pier.Engines.Containers;

/// <summary>Reads what the Engine API says of containers; an engine of another kind or version may say less, or something else.</summary>
internal static class ContainerJson
{
    private const int IdDigits = 64;

    /// <summary>The ids in an answer of <c>GET /containers/json</c>.</summary>
    /// <param name="answer">The answer.</param>
    /// <param name="most">How many at most.</param>
    /// <exception cref="InvalidOperationException">Text in it is no Unicode.</exception>
    public static IReadOnlyList<string> ReadIds(JsonElement answer, int most) => answer.ValueKind == JsonValueKind.Array
        ? [.. answer.EnumerateArray().Select(container => Text(container, "Id")).Where(IsId).OfType<string>().Take(most)]
        : [];

    /// <summary>Reads an answer of <c>GET /containers/{id}/json</c>; null when the container does not run.</summary>
    /// <param name="answer">The answer.</param>
    /// <param name="kept">Which labels are kept of it.</param>
    /// <exception cref="InvalidOperationException">Text in it is no Unicode.</exception>
    public static RunningContainer? ReadRunning(JsonElement answer, KeptLabels kept)
    {
        if (Text(answer, "Id") is not { } id || !IsId(id) || Below(answer, "State") is not { } state
            || !Flag(state, "Running") || Flag(state, "Restarting")
            || !state.TryGetProperty("Pid", out var pid) || pid.ValueKind != JsonValueKind.Number || !pid.TryGetInt32(out var process) || process <= 0)
        {
            return null;
        }

        var labels = Below(answer, "Config") is { } config && Below(config, "Labels") is { } list ? ReadLabels(list, kept) : [];
        return new RunningContainer(id, Text(answer, "Name")?.TrimStart('/') ?? id[..12], process, Text(state, "StartedAt") ?? "", labels);
    }

    /// <summary>Reads one event of <c>GET /events</c>; null when it concerns no container.</summary>
    /// <exception cref="InvalidOperationException">Text in it is no Unicode.</exception>
    public static ContainerEvent? ReadEvent(JsonElement happened) =>
        Below(happened, "Actor") is { } actor && Text(actor, "ID") is { } id && IsId(id) && Text(happened, "Type") == "container"
            ? new ContainerEvent(id, Text(happened, "Action") == "die")
            : null;

    private static Dictionary<string, string> ReadLabels(JsonElement list, KeptLabels kept)
    {
        var labels = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var label in list.EnumerateObject().Where(label => label.Value.ValueKind == JsonValueKind.String && kept.IsKept(label.Name)))
        {
            if (labels.Count >= kept.Most)
            {
                break;
            }

            var value = label.Value.GetString()!;
            labels[label.Name] = value.Length > kept.MaxLength ? value[..(kept.MaxLength + 1)] : value;
        }

        return labels;
    }

    private static bool IsId(string? text) => text?.Length == IdDigits && text.All(char.IsAsciiHexDigitLower);

    private static JsonElement? Below(JsonElement element, string name) =>
        element.ValueKind == JsonValueKind.Object && element.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.Object ? value : null;

    private static bool Flag(JsonElement element, string name) => element.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.True;

    private static string? Text(JsonElement element, string name) =>
        element.ValueKind == JsonValueKind.Object && element.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;
}
