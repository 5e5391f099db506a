namespace Pier.Benchmarks.Harness;

/// <summary>What a row is measured against: a bound, and on which side of it the value has to be.</summary>
/// <param name="Bound">The bound, in the row's unit.</param>
/// <param name="AtLeast">True when more is better.</param>
internal readonly record struct Aim(double Bound, bool AtLeast)
{
    public static Aim Least(double bound) => new(bound, AtLeast: true);

    public static Aim Most(double bound) => new(bound, AtLeast: false);

    public bool IsMetBy(double value) => AtLeast ? value >= Bound : value <= Bound;

    public override string ToString() => $"{(AtLeast ? "≥" : "≤")} {Bound:0.##}";
}
