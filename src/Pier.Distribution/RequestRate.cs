namespace Pier.Distribution;

/// <summary>A bound on requests: so many in each stretch of time, spent at once or evenly.</summary>
/// <param name="Count">Requests, at least 1.</param>
/// <param name="Period">The stretch in which they come back.</param>
public sealed record RequestRate(int Count, TimeSpan Period);
