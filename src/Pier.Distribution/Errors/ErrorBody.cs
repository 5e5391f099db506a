using System.Text.Json;
using Pier.Distribution.Wire;

namespace Pier.Distribution.Errors;

/// <summary>The first error of a registry's error document, cut to what fits in a message (OCI distribution-spec, "Error Codes").</summary>
/// <param name="Code">Upper-case code, or null.</param>
/// <param name="Message">What the registry says, or null.</param>
internal sealed record ErrorBody(string? Code, string? Message)
{
    /// <summary>Most bytes of an error body that are read.</summary>
    public const int MaxSize = 16 * 1024;

    private const int MaxText = 200;

    /// <summary>Reads an error document; null when the body is none, as with proxies that answer HTML.</summary>
    public static ErrorBody? Read(ReadOnlySpan<byte> body)
    {
        try
        {
            var first = JsonSerializer.Deserialize(body, DistributionJson.Default.ErrorDocument)?.Errors is { Count: > 0 } errors ? errors[0] : null;
            return first is null ? null : new ErrorBody(Clean(first.Code), Clean(first.Message));
        }
        catch (JsonException)
        {
            return null;
        }
    }

    /// <inheritdoc/>
    public override string ToString() => (Code, Message) switch
    {
        (null, null) => "no reason given",
        (null, var message) => message,
        (var code, null) => code,
        var (code, message) => $"{code}: {message}",
    };

    private static string? Clean(string? text)
    {
        if (string.IsNullOrWhiteSpace(text))
        {
            return null;
        }

        var plain = string.Concat(text.Take(MaxText).Select(c => char.IsControl(c) ? ' ' : c));
        return text.Length > MaxText ? plain + "…" : plain;
    }
}
