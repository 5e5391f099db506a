using System.Globalization;

namespace Pier.Daemon.Options;

/// <summary>Durations as people write them: <c>90s</c>, <c>30m</c>, <c>12h</c>, <c>7d</c>.</summary>
internal static class DurationText
{
    /// <summary>The duration; <paramref name="name"/> is the flag or key for error texts.</summary>
    /// <exception cref="ConfigurationException">It is no duration.</exception>
    public static TimeSpan Parse(string text, string name)
    {
        var value = text.AsSpan().Trim();
        var seconds = value.IsEmpty ? 0 : value[^1] switch { 's' => 1, 'm' => 60, 'h' => 3_600, 'd' => 86_400, _ => 0 };
        return seconds > 0
            && double.TryParse(value[..^1].TrimEnd(), NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var number)
            && number * seconds is > 0 and < 3_153_600_000
            ? TimeSpan.FromSeconds(number * seconds)
            : throw new ConfigurationException($"{name}: '{text}' is not a duration; write for example 90s, 30m, 12h or 7d.");
    }
}
