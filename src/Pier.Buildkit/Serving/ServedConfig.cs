using System.Globalization;
using System.Text.Json.Nodes;

namespace Pier.Buildkit.Serving;

/// <summary>The image's configuration (OCI image-spec, config.md) with its entry point behind <c>pierdat exec</c>.</summary>
internal static class ServedConfig
{
    /// <summary>What comes before an image's own entry point; it becomes that program.</summary>
    private static readonly string[] Wrap = [ServingImage.Program, "exec", "--"];

    /// <summary>For which processor an image is.</summary>
    public static string ArchitectureOf(JsonNode config) => config["architecture"]?.GetValue<string>() ?? "";

    /// <summary>
    /// Wraps the entry point. Exec form, shell form (which is <c>/bin/sh -c TEXT</c>) and none at all have the same words after
    /// it as before; an image with neither entry point nor command serves and does nothing else.
    /// </summary>
    public static void Serve(JsonNode config, int line)
    {
        if (config["config"] is not JsonObject settings)
        {
            config["config"] = settings = [];
        }

        var before = (settings["Entrypoint"] as JsonArray ?? []).Select(word => word?.GetValue<string>() ?? "").ToArray();
        if (!before.AsSpan().StartsWith(Wrap))
        {
            settings["Entrypoint"] = new JsonArray([.. Wrap.Concat(before).Select(word => (JsonNode)JsonValue.Create(word))]);
        }

        if (config["history"] is JsonArray history)
        {
            history.Add((JsonNode)new JsonObject
            {
                ["created_by"] = JsonValue.Create(string.Create(CultureInfo.InvariantCulture, $"PIER --serve (line {line}): pierdat, {ServingImage.List}")),
                ["comment"] = JsonValue.Create("pier/frontend"),
            });
        }
    }
}
