using Pier.Api.Nodes;
using Pier.Api.Progress;

namespace Pier.Cli.Output;

/// <summary>The sum over all parts of a work, with its speed over the last seconds.</summary>
internal sealed class ProgressTotals(TimeProvider clock)
{
    /// <summary>Long enough to smooth single packets, short enough to show a source that stalls.</summary>
    private static readonly TimeSpan Window = TimeSpan.FromSeconds(5);

    private readonly Dictionary<string, ProgressItem> _items = new(StringComparer.Ordinal);
    private readonly Queue<(long At, long Moved)> _samples = new();

    /// <summary>Bytes of all parts whose size is known.</summary>
    public long Total { get; private set; }

    /// <summary>Bytes of them that are there.</summary>
    public long Done { get; private set; }

    /// <summary>Bytes by source.</summary>
    public SourceBytes Sources { get; private set; } = SourceBytes.None;

    /// <summary>Bytes per second that arrive.</summary>
    public double Rate { get; private set; }

    /// <summary>Time left at this speed, or null when that cannot be told.</summary>
    public TimeSpan? Left => Rate > 0 && Total > Done ? TimeSpan.FromSeconds((Total - Done) / Rate) : null;

    /// <summary>Takes in what changed.</summary>
    public void Apply(ProgressUpdate update)
    {
        foreach (var item in update.Items)
        {
            _items[item.Id] = item;
        }
        Total = _items.Values.Sum(item => item.Total);
        Done = _items.Values.Sum(item => item.Done);
        Sources = _items.Values.Aggregate(SourceBytes.None, (sum, item) => sum + item.Sources);
        var moved = _items.Values.Where(item => item.State != ProgressState.Held).Sum(item => item.Done);
        _samples.Enqueue((clock.GetTimestamp(), moved));
        while (_samples.Count > 2 && clock.GetElapsedTime(_samples.Peek().At) > Window)
        {
            _samples.Dequeue();
        }
        var (since, before) = _samples.Peek();
        var seconds = clock.GetElapsedTime(since).TotalSeconds;
        Rate = seconds > 0 ? Math.Max(0, moved - before) / seconds : 0;
    }
}
