namespace Pier.Benchmarks.Harness;

/// <summary>A group of rows that share their set-up.</summary>
internal interface IBenchArea
{
    /// <summary>What the user types after <c>./bench.sh</c>.</summary>
    string Name { get; }

    /// <summary>The rows this area owes; one that is missing at the end is a failure.</summary>
    IReadOnlyList<string> RowNames { get; }

    /// <summary>Names and versions of the rivals and the settings in use, for the table's foot.</summary>
    IReadOnlyList<string> Settings { get; }

    /// <summary>Measures. Progress goes to standard error.</summary>
    Task<IReadOnlyList<BenchRow>> RunAsync(BenchContext context, CancellationToken cancellationToken);
}
