using System.Globalization;
using Pier.Api.Progress;

namespace Pier.Cli.Output;

/// <summary>Progress for logs and pipes: a line per part that is done, and a sum every five seconds.</summary>
internal sealed class PlainProgress(TextWriter writer, TimeProvider clock) : IProgressDisplay
{
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(5);

    private readonly ProgressTotals totals = new(clock);
    private readonly HashSet<string> told = new(StringComparer.Ordinal);
    private long lastSum = clock.GetTimestamp();

    /// <inheritdoc/>
    public Task<T> ShowAsync<T>(Func<Action<ProgressUpdate>, Task<T>> work) => work(Update);

    private void Update(ProgressUpdate update)
    {
        totals.Apply(update);
        foreach (var item in update.Items.Where(item => item.State is ProgressState.Done or ProgressState.Held && told.Add(item.Id)))
        {
            var how = item.State == ProgressState.Held ? "already here" : $"done  {SourceSplit.Shares(item.Sources)}".TrimEnd();
            writer.WriteLine($"{item.Label}  {Sizes.Bytes(item.Total)}  {how}");
        }
        if (clock.GetElapsedTime(lastSum) >= Interval && totals.Total > totals.Done)
        {
            lastSum = clock.GetTimestamp();
            writer.WriteLine(string.Create(
                CultureInfo.InvariantCulture,
                $"{100.0 * totals.Done / totals.Total:0}%  {Sizes.Bytes(totals.Done)} of {Sizes.Bytes(totals.Total)}  {Sizes.Rate(totals.Rate)}{Left()}  {SourceSplit.Shares(totals.Sources)}").TrimEnd());
        }
    }

    private string Left() => totals.Left is { } left ? $"  {Sizes.Duration(left)} left" : "";
}
