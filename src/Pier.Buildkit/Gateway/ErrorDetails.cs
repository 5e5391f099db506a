using System.Text.Json;
using Google.Protobuf;
using Pier.Buildkit.Dockerfiles;
using Pier.Buildkit.Wire;

namespace Pier.Buildkit.Gateway;

/// <summary>
/// Where in the Dockerfile an error is, as BuildKit's clients show it: details of a status whose values are JSON
/// (<c>errdefs.Source</c>).
/// </summary>
internal static class ErrorDetails
{
    private const string SourceType = "github.com/moby/buildkit/errdefs.Source+json";
    private const int Unknown = 2;

    /// <summary>The status for an error of one line; the text names the line too, for clients that show no excerpts.</summary>
    public static Status Of(DockerfileException error, SourceInfo? dockerfile)
    {
        if (dockerfile is null || error.Line == 0)
        {
            return new Status { Code = Unknown, Message = error.Message };
        }

        return new Status
        {
            Code = Unknown,
            Message = $"{dockerfile.Filename}:{error.Line}: PIER: {error.Message}",
            Details = { Detail(dockerfile, writer => WriteRange(writer, error.Line, error.EndLine)) },
        };
    }

    /// <summary>A status of BuildKit's own whose excerpts are of the rewritten Dockerfile, with the user's in its place.</summary>
    public static Status Restore(Status status, SourceInfo? dockerfile)
    {
        var restored = status.Clone();
        restored.Message = SourceMarker.Restore(restored.Message);
        if (dockerfile is null)
        {
            return restored;
        }

        for (var index = 0; index < restored.Details.Count; index++)
        {
            if (restored.Details[index].TypeUrl == SourceType)
            {
                restored.Details[index] = Restore(restored.Details[index], dockerfile);
            }
        }

        return restored;
    }

    private static Detail Restore(Detail detail, SourceInfo dockerfile)
    {
        try
        {
            using var document = JsonDocument.Parse(detail.Value.Memory);
            return document.RootElement.GetProperty("info").GetProperty("filename").GetString() == dockerfile.Filename
                ? Detail(dockerfile, document.RootElement.GetProperty("ranges").WriteTo)
                : detail;
        }
        catch (Exception unknown) when (unknown is JsonException or KeyNotFoundException or InvalidOperationException)
        {
            return detail;
        }
    }

    private static Detail Detail(SourceInfo dockerfile, Action<Utf8JsonWriter> ranges)
    {
        var buffer = new MemoryStream();
        using (var writer = new Utf8JsonWriter(buffer))
        {
            writer.WriteStartObject();
            writer.WriteStartObject("info");
            writer.WriteString("filename", dockerfile.Filename);
            writer.WriteBase64String("data", dockerfile.Data.Span);
            writer.WriteString("language", "Dockerfile");
            writer.WriteEndObject();
            writer.WritePropertyName("ranges");
            ranges(writer);
            writer.WriteEndObject();
        }

        return new Detail { TypeUrl = SourceType, Value = ByteString.CopyFrom(buffer.ToArray()) };
    }

    private static void WriteRange(Utf8JsonWriter writer, int line, int end)
    {
        writer.WriteStartArray();
        writer.WriteStartObject();
        foreach (var (name, value) in new[] { ("start", line), ("end", end) })
        {
            writer.WriteStartObject(name);
            writer.WriteNumber("line", value);
            writer.WriteNumber("character", 0);
            writer.WriteEndObject();
        }

        writer.WriteEndObject();
        writer.WriteEndArray();
    }
}
