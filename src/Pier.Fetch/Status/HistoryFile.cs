using System.Text.Json;
using Microsoft.Extensions.Logging;
using Pier.Content.Contracts;
using Pier.Store.Disk;

namespace Pier.Fetch.Status;

/// <summary>Keeps the history over restarts: read once, written each minute when it has changed, and at the end.</summary>
/// <param name="path">The document; null keeps nothing.</param>
/// <param name="history">What is kept.</param>
/// <param name="time">The clock.</param>
/// <param name="log">Where a refusing disk is told of.</param>
internal sealed class HistoryFile(string? path, FetchHistory history, TimeProvider time, ILogger log) : IAsyncDisposable
{
    private const long Limit = 4 << 20;
    private static readonly TimeSpan Every = TimeSpan.FromMinutes(1);

    private readonly CancellationTokenSource _stop = new();
    private Task _writing = Task.CompletedTask;
    private long _written;

    /// <summary>Reads what the last run left, which is no reason not to start when it is damaged, and writes from now on.</summary>
    public void Start()
    {
        if (path is null)
        {
            return;
        }
        try
        {
            if (DurableFile.Read(path, Limit) is { } bytes
                && JsonSerializer.Deserialize(bytes, HistoryJson.Default.HistoryDocument) is { Version: HistoryDocument.Current, Blobs: { } blobs })
            {
                history.Restore(blobs.Select(entry => entry?.ToDelivery()).OfType<BlobDelivery>());
            }
        }
        catch (Exception damage) when (damage is JsonException or ContentException)
        {
            LogMessages.HistoryIgnored(log, path, damage.Message);
        }
        _written = history.Version;
        _writing = Task.Run(WriteAsync, CancellationToken.None);
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        if (!_stop.IsCancellationRequested)
        {
            await _stop.CancelAsync();
            await _writing;
            Write();
            _stop.Dispose();
        }
    }

    private async Task WriteAsync()
    {
        using var tick = new PeriodicTimer(Every, time);
        try
        {
            while (await tick.WaitForNextTickAsync(_stop.Token))
            {
                Write();
            }
        }
        catch (OperationCanceledException) when (_stop.IsCancellationRequested)
        {
            // The node is stopping.
        }
    }

    private void Write()
    {
        var version = history.Version;
        if (path is null || version == _written)
        {
            return;
        }
        try
        {
            var document = new HistoryDocument(HistoryDocument.Current, [.. history.Last.Select(HistoryEntry.Of)]);
            DurableFile.Replace(path, JsonSerializer.SerializeToUtf8Bytes(document, HistoryJson.Default.HistoryDocument));
            _written = version;
        }
        catch (ContentStorageException refusal)
        {
            LogMessages.HistoryNotKept(log, refusal.Message);
        }
    }
}
