using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Microsoft.AspNetCore.Http;

namespace Pier.Daemon.Http;

/// <summary>Reads the small documents that control requests carry.</summary>
internal static class Bodies
{
    /// <summary>Far above any request of the contract.</summary>
    private const int MaxBytes = 1 << 20;

    /// <summary>The request's document.</summary>
    /// <param name="context">The request.</param>
    /// <param name="type">What it is to be.</param>
    /// <param name="maxBytes">Bytes it may have.</param>
    /// <exception cref="ControlException">It is missing, too large, or not the JSON that belongs here.</exception>
    public static async Task<T> ReadAsync<T>(HttpContext context, JsonTypeInfo<T> type, int maxBytes = MaxBytes)
        where T : class => await ReadOrNullAsync(context, type, maxBytes) ?? throw ControlException.BadRequest("The request has no document.");

    /// <summary>The request's document, or null when the request has no body.</summary>
    /// <exception cref="ControlException">It is too large, or not the JSON that belongs here.</exception>
    public static async Task<T?> ReadOrNullAsync<T>(HttpContext context, JsonTypeInfo<T> type, int maxBytes = MaxBytes)
        where T : class
    {
        using var body = new MemoryStream();
        var buffer = new byte[16 << 10];
        while (await context.Request.Body.ReadAsync(buffer, context.RequestAborted) is > 0 and var read)
        {
            body.Write(buffer, 0, read);
            if (body.Length > maxBytes)
            {
                throw ControlException.BadRequest($"The request's document has more than {maxBytes} bytes.");
            }
        }
        if (body.Length == 0)
        {
            return null;
        }
        try
        {
            return JsonSerializer.Deserialize(body.GetBuffer().AsSpan(0, (int)body.Length), type);
        }
        catch (JsonException malformed)
        {
            throw ControlException.BadRequest($"The request's document is not a {typeof(T).Name}: {malformed.Message}");
        }
    }
}
