namespace Pier.Benchmarks.Registry;

/// <summary>What one round of downloads took.</summary>
/// <param name="MegabytesPerSecond">All clients together, from the first's start to the last's end.</param>
/// <param name="CpuSecondsPerGiB">Processor time of the server alone.</param>
internal readonly record struct Download(double MegabytesPerSecond, double CpuSecondsPerGiB)
{
    public override string ToString() => $"{MegabytesPerSecond:0} MB/s, {CpuSecondsPerGiB:0.00} CPU s/GiB";
}
