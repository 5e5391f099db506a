namespace Pier.Benchmarks.Harness;

/// <summary>One measured figure: the median of its samples against its aim.</summary>
/// <param name="Area">The part of Pier that is measured.</param>
/// <param name="Name">Fixed name; scripts look for it.</param>
/// <param name="Unit">Unit of value, aim and samples; <c>ratio</c> for Pier over the rival.</param>
/// <param name="Aim">The bound to meet, or null for a row that only informs.</param>
/// <param name="Samples">Every round's figure, in order.</param>
/// <param name="Detail">What lies behind the figure in words: absolute numbers of both sides.</param>
internal sealed record BenchRow(string Area, string Name, string Unit, Aim? Aim, IReadOnlyList<double> Samples, string Detail)
{
    public double Value => Statistics.Median(Samples);

    public bool Met => Aim is not { } aim || aim.IsMetBy(Value);
}
