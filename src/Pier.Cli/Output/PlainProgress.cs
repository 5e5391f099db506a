using System.Globalization;
using Pier.Api.Progress;

namespace Pier.Cli.Output;

/// <summary>Progress for logs and pipes: a line per part that is done, and a sum every five seconds.</summary>
internal sealed class PlainProgress(TextWriter writer, TimeProvider clock) : IProgressDisplay
{
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(5);

    private readonly ProgressTotals _totals = new(clock);
    private readonly HashSet<string> _told = new(StringComparer.Ordinal);
    private long _lastSum = clock.GetTimestamp();

    /// <inheritdoc/>
    public Task<T> ShowAsync<T>(Func<Action<ProgressUpdate>, Task<T>> work) => work(Update);

    private void Update(ProgressUpdate update)
    {
        _totals.Apply(update);
        foreach (var item in update.Items.Where(item => item.State is ProgressState.Done or ProgressState.Held && _told.Add(item.Id)))
        {
            var how = item.State == ProgressState.Held ? "already here" : $"done  {SourceSplit.Shares(item.Sources)}".TrimEnd();
            writer.WriteLine($"{PlainText.Of(item.Label)}  {Sizes.Bytes(item.Total)}  {how}");
        }
        if (clock.GetElapsedTime(_lastSum) >= Interval && _totals.Total > _totals.Done)
        {
            _lastSum = clock.GetTimestamp();
            writer.WriteLine(string.Create(
                CultureInfo.InvariantCulture,
                $"{100.0 * _totals.Done / _totals.Total:0}%  {Sizes.Bytes(_totals.Done)} of {Sizes.Bytes(_totals.Total)}  {Sizes.Rate(_totals.Rate)}{Left()}  {SourceSplit.Shares(_totals.Sources)}").TrimEnd());
        }
    }

    private string Left() => _totals.Left is { } left ? $"  {Sizes.Duration(left)} left" : "";
}
