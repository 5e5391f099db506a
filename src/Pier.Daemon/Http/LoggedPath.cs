using Microsoft.AspNetCore.Http;

namespace Pier.Daemon.Http;

/// <summary>A request's path as logs may have it: without the key that an announce or scrape carries.</summary>
internal static class LoggedPath
{
    /// <summary>The path, or what it is for.</summary>
    public static string Of(PathString path)
    {
        var text = path.Value ?? "";
        foreach (var part in (ReadOnlySpan<string>)["announce", "scrape"])
        {
            if (text.Split('/', StringSplitOptions.RemoveEmptyEntries) is { Length: > 1 } parts && parts.Contains(part, StringComparer.OrdinalIgnoreCase))
            {
                return $"/{part}/…";
            }
        }
        return text;
    }
}
