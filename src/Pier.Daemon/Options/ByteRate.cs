using System.Globalization;

namespace Pier.Daemon.Options;

/// <summary>Rates as people write them: bits as lines are sold (<c>20 Mbit/s</c>), or bytes (<c>2.5MB/s</c>, <c>500K</c>); <c>none</c> for no limit.</summary>
internal static class ByteRate
{
    private static readonly (string Suffix, long Factor)[] Bits = [("KBIT", 1_000), ("MBIT", 1_000_000), ("GBIT", 1_000_000_000), ("BIT", 1)];

    /// <summary>Bytes per second; null for <c>none</c>. <paramref name="name"/> is the flag or key for error texts.</summary>
    /// <exception cref="ConfigurationException">It is no rate.</exception>
    public static long? Parse(string text, string name)
    {
        var number = text.AsSpan().Trim();
        if (number is "none")
        {
            return null;
        }
        if (number.EndsWith("/s", StringComparison.OrdinalIgnoreCase))
        {
            number = number[..^2];
        }
        long? bytes = null;
        foreach (var (suffix, factor) in Bits)
        {
            if (number.EndsWith(suffix, StringComparison.OrdinalIgnoreCase))
            {
                bytes = decimal.TryParse(number[..^suffix.Length].TrimEnd(), NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var value)
                    && value <= long.MaxValue / factor
                    ? (long)(value * factor / 8)
                    : throw Wrong(text, name);
                break;
            }
        }
        bytes ??= ByteSize.TryParse(text);
        return bytes > 0 ? bytes : throw Wrong(text, name);
    }

    private static ConfigurationException Wrong(string text, string name) =>
        new($"{name}: '{text}' is not a rate; write for example 20 Mbit/s, 2.5MB/s, 500K, or none for no limit.");
}
