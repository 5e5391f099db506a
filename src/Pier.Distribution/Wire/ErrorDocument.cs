using System.Text.Json.Serialization;

namespace Pier.Distribution.Wire;

/// <summary>The JSON body of a registry's refusals (OCI distribution-spec, "Error Codes").</summary>
/// <param name="Errors">One or more errors.</param>
public sealed record ErrorDocument([property: JsonPropertyName("errors")] IReadOnlyList<ErrorEntry>? Errors);

/// <summary>One error of an <see cref="ErrorDocument"/>.</summary>
/// <param name="Code">One of <see cref="ErrorCodes"/>, or a registry's own.</param>
/// <param name="Message">For people.</param>
public sealed record ErrorEntry(
    [property: JsonPropertyName("code")] string? Code,
    [property: JsonPropertyName("message")] string? Message);
