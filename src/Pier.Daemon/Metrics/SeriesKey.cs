namespace Pier.Daemon.Metrics;

/// <summary>Tells the series of one instrument apart by the values of its labels, which it always names in the same order; made for each measurement, so without text.</summary>
internal readonly record struct SeriesKey(object? First, object? Second, object? Third, string Rest)
{
    /// <summary>The key of a measurement's labels.</summary>
    public static SeriesKey Of(ReadOnlySpan<KeyValuePair<string, object?>> labels) => new(
        labels.Length > 0 ? labels[0].Value : null,
        labels.Length > 1 ? labels[1].Value : null,
        labels.Length > 2 ? labels[2].Value : null,
        labels.Length > 3 ? RestOf(labels[3..]) : "");

    private static string RestOf(ReadOnlySpan<KeyValuePair<string, object?>> labels)
    {
        var text = "";
        foreach (var (_, value) in labels)
        {
            text += $"{value}\n";
        }
        return text;
    }
}
