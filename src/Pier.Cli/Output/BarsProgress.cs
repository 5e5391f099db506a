using Pier.Api.Nodes;
using Pier.Api.Progress;
using Spectre.Console;
using Spectre.Console.Rendering;

namespace Pier.Cli.Output;

/// <summary>Progress for people at a terminal: a bar per part with size, speed, time left and sources.</summary>
internal sealed class BarsProgress(IAnsiConsole console) : IProgressDisplay
{
    /// <summary>Leaves room for the other columns on a terminal of 100.</summary>
    private const int LabelWidth = 28;

    /// <inheritdoc/>
    public Task<T> ShowAsync<T>(Func<Action<ProgressUpdate>, Task<T>> work)
    {
        var sources = new SourceColumn();
        return console.Progress()
            .AutoClear(false)
            .Columns(
                new TaskDescriptionColumn { Alignment = Justify.Left },
                new ProgressBarColumn { Width = 24 },
                new PercentageColumn(),
                new WordsColumn(task => task.IsFinished ? Sizes.Bytes(task.MaxValue) : $"{Sizes.Bytes(task.Value)} of {Sizes.Bytes(task.MaxValue)}"),
                new WordsColumn(task => task is { IsFinished: false, Speed: > 0 and var speed } ? Sizes.Rate(speed) : ""),
                new WordsColumn(task => task is { IsFinished: false, RemainingTime: { } left } ? $"{Sizes.Duration(left)} left" : ""),
                sources)
            .StartAsync(context =>
            {
                var bars = new Dictionary<string, ProgressTask>(StringComparer.Ordinal);
                return work(update =>
                {
                    foreach (var item in update.Items)
                    {
                        Show(context, bars, sources, item);
                    }
                });
            });
    }

    private static void Show(ProgressContext context, Dictionary<string, ProgressTask> bars, SourceColumn sources, ProgressItem item)
    {
        if (!bars.TryGetValue(item.Id, out var bar))
        {
            var label = item.Label.Length > LabelWidth ? $"{item.Label[..(LabelWidth - 1)]}…" : item.Label;
            bar = context.AddTask(Markup.Escape(PlainText.Of(label)), autoStart: item.State != ProgressState.Waiting, maxValue: Math.Max(1, item.Total));
            bars.Add(item.Id, bar);
        }
        if (!bar.IsStarted && item.State != ProgressState.Waiting)
        {
            bar.StartTask();
        }
        bar.MaxValue = Math.Max(1, item.Total);
        sources.Set(bar.Id, item);
        bar.Value = item.State is ProgressState.Done or ProgressState.Held ? bar.MaxValue : item.Done;
    }

    /// <summary>A column of plain words.</summary>
    private sealed class WordsColumn(Func<ProgressTask, string> words) : ProgressColumn
    {
        public override IRenderable Render(RenderOptions options, ProgressTask task, TimeSpan deltaTime) => new Text(words(task));
    }

    /// <summary>The column that tells where a part's bytes come from.</summary>
    private sealed class SourceColumn : ProgressColumn
    {
        private readonly Dictionary<int, (ProgressState State, SourceBytes Bytes)> parts = [];

        public void Set(int bar, ProgressItem item)
        {
            lock (parts)
            {
                parts[bar] = (item.State, item.Sources);
            }
        }

        public override IRenderable Render(RenderOptions options, ProgressTask task, TimeSpan deltaTime)
        {
            lock (parts)
            {
                return parts.TryGetValue(task.Id, out var part)
                    ? new Text(part.State == ProgressState.Held ? "already here" : SourceSplit.Shares(part.Bytes))
                    : Text.Empty;
            }
        }
    }
}
