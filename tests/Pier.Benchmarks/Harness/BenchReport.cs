using System.Text.Json;

namespace Pier.Benchmarks.Harness;

/// <summary>Prints rows as a table for people and as JSON for programs.</summary>
internal static class BenchReport
{
    private static readonly JsonWriterOptions Indented = new() { Indented = true };

    public static void Print(IReadOnlyList<BenchRow> rows, IEnumerable<string> facts, TextWriter output)
    {
        output.WriteLine();
        output.WriteLine($"{"row",-22} {"value",9} {"unit",-8} {"aim",-8} {"met",-4} detail");
        foreach (var row in rows)
        {
            output.WriteLine(
                $"{row.Name,-22} {row.Value,9:0.000} {row.Unit,-8} {row.Aim?.ToString() ?? "-",-8} {(row.Met ? "yes" : "NO"),-4} {row.Detail}");
        }

        output.WriteLine();
        foreach (var fact in facts)
        {
            output.WriteLine($"  {fact}");
        }
    }

    /// <summary>The bound as a number under <c>least</c> or <c>most</c>; null for a row that only informs.</summary>
    private static void WriteAim(Utf8JsonWriter json, Aim? aim)
    {
        if (aim is not { } wanted)
        {
            json.WriteNullValue();
            return;
        }

        json.WriteStartObject();
        json.WriteNumber(wanted.AtLeast ? "least" : "most", wanted.Bound);
        json.WriteEndObject();
    }

    public static void WriteJson(IReadOnlyList<BenchRow> rows, IEnumerable<string> facts, string path)
    {
        using var stream = File.Create(path);
        using var json = new Utf8JsonWriter(stream, Indented);
        json.WriteStartObject();
        json.WriteStartArray("facts");
        foreach (var fact in facts)
        {
            json.WriteStringValue(fact);
        }

        json.WriteEndArray();
        json.WriteStartArray("rows");
        foreach (var row in rows)
        {
            json.WriteStartObject();
            json.WriteString("area", row.Area);
            json.WriteString("name", row.Name);
            json.WriteNumber("value", row.Value);
            json.WriteString("unit", row.Unit);
            json.WritePropertyName("aim");
            WriteAim(json, row.Aim);
            json.WriteBoolean("met", row.Met);
            json.WriteStartArray("samples");
            foreach (var sample in row.Samples)
            {
                json.WriteNumberValue(sample);
            }

            json.WriteEndArray();
            json.WriteString("detail", row.Detail);
            json.WriteEndObject();
        }

        json.WriteEndArray();
        json.WriteEndObject();
    }
}
