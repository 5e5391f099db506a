namespace Pier.Benchmarks.Harness;

/// <summary>The two figures that a series is judged by.</summary>
internal static class Statistics
{
    public static double Median(IReadOnlyList<double> samples)
    {
        if (samples.Count == 0)
        {
            return double.NaN;
        }

        var sorted = samples.Order().ToArray();
        var middle = sorted.Length / 2;
        return sorted.Length % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
    }

    /// <summary>Distance of the extremes as a share of the median: 0.1 means that they lie 10 % apart.</summary>
    public static double Spread(IReadOnlyList<double> samples) =>
        samples.Count == 0 ? 0 : (samples.Max() - samples.Min()) / Median(samples);
}
