using System.Globalization;
using Pier.Distribution;

namespace Pier.Daemon.Options;

/// <summary>Rates of requests as people write them: <c>10/s</c>, <c>300/m</c>, <c>100/h</c>.</summary>
internal static class RequestRateText
{
    /// <summary>The rate; <paramref name="name"/> is the key for error texts.</summary>
    /// <exception cref="ConfigurationException">It is no rate.</exception>
    public static RequestRate Parse(string text, string name)
    {
        var slash = text.IndexOf('/', StringComparison.Ordinal);
        var seconds = slash < 0 ? 0 : text[(slash + 1)..].Trim() switch { "s" => 1, "m" => 60, "h" => 3_600, "d" => 86_400, _ => 0 };
        return seconds > 0
            && int.TryParse(text.AsSpan(0, slash).Trim(), NumberStyles.None, CultureInfo.InvariantCulture, out var count) && count > 0
            ? new RequestRate(count, TimeSpan.FromSeconds(seconds))
            : throw new ConfigurationException($"{name}: '{text}' is no rate of requests; write for example 10/s, 300/m or 100/h.");
    }
}
