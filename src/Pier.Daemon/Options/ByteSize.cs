using System.Globalization;

namespace Pier.Daemon.Options;

/// <summary>Sizes and rates as people write them: <c>500</c>, <c>10MiB</c>, <c>2.5 MB</c>, <c>1G</c>; K, M, G, T alone are powers of 1024.</summary>
internal static class ByteSize
{
    private static readonly (string Suffix, long Factor)[] Units =
    [
        ("KIB", 1L << 10), ("MIB", 1L << 20), ("GIB", 1L << 30), ("TIB", 1L << 40),
        ("KB", 1_000), ("MB", 1_000_000), ("GB", 1_000_000_000), ("TB", 1_000_000_000_000),
        ("K", 1L << 10), ("M", 1L << 20), ("G", 1L << 30), ("T", 1L << 40), ("B", 1),
    ];

    /// <summary>Bytes; <paramref name="name"/> is the flag or key for error texts.</summary>
    /// <exception cref="ConfigurationException">It is no size.</exception>
    public static long Parse(string text, string name) =>
        TryParse(text) ?? throw new ConfigurationException($"{name}: '{text}' is not a size; write for example 500K, 10MiB or 1.5GB.");

    /// <summary>Bytes; null when it is no size.</summary>
    public static long? TryParse(ReadOnlySpan<char> text)
    {
        var number = text.Trim();
        var factor = 1L;
        if (number.EndsWith("/s", StringComparison.OrdinalIgnoreCase))
        {
            number = number[..^2];
        }
        foreach (var (suffix, unit) in Units)
        {
            if (number.EndsWith(suffix, StringComparison.OrdinalIgnoreCase))
            {
                number = number[..^suffix.Length].TrimEnd();
                factor = unit;
                break;
            }
        }
        return decimal.TryParse(number, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var value) && value <= long.MaxValue / factor
            ? (long)(value * factor)
            : null;
    }
}
