using System.Threading.Channels;
using Microsoft.Extensions.Hosting;
using Pier.Fetch;
using Pier.Store.Blobs;
using Pier.Store.Borrowed;

namespace Pier.Daemon.Hosting;

/// <summary>Watches containerd's content stores: what lies there is given to peers as well, without a copy.</summary>
internal sealed class BorrowingService(BorrowedBlobs borrowed, FileContentStore store, DeliveryService delivery, TimeProvider clock) : BackgroundService
{
    /// <summary>Also without an event: the kernel drops them under load, and a store may be made later.</summary>
    private static readonly TimeSpan AtLeastEvery = TimeSpan.FromMinutes(1);

    /// <summary>A pull writes many files at once; one look takes them all.</summary>
    private static readonly TimeSpan Settle = TimeSpan.FromMilliseconds(500);

    /// <inheritdoc/>
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        if (borrowed.Folders.Count == 0)
        {
            return;
        }
        var dirty = Channel.CreateBounded<bool>(new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite });
        var watchers = new Dictionary<string, FileSystemWatcher>(StringComparer.Ordinal);
        try
        {
            while (!stoppingToken.IsCancellationRequested)
            {
                foreach (var folder in borrowed.Folders.Where(folder => !watchers.ContainsKey(folder) && Directory.Exists(folder)))
                {
                    TryWatch(folder, dirty.Writer, watchers);
                }
                await borrowed.ScanAsync(store.HoldsItself, delivery.OfferUnproven, delivery.ForgetAsync, stoppingToken);
                await WaitAsync(dirty.Reader, stoppingToken);
            }
        }
        finally
        {
            foreach (var watcher in watchers.Values)
            {
                watcher.Dispose();
            }
        }
    }

    private async Task WaitAsync(ChannelReader<bool> dirty, CancellationToken stoppingToken)
    {
        using var patience = new CancellationTokenSource(AtLeastEvery, clock);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(patience.Token, stoppingToken);
        try
        {
            await dirty.ReadAsync(either.Token);
            await Task.Delay(Settle, clock, stoppingToken);
        }
        catch (OperationCanceledException) when (!stoppingToken.IsCancellationRequested)
        {
            // Nothing happened; look all the same.
        }
    }

    private static void TryWatch(string folder, ChannelWriter<bool> dirty, Dictionary<string, FileSystemWatcher> watchers)
    {
        try
        {
            watchers[folder] = Watch(folder, dirty);
        }
        catch (IOException)
        {
            // The kernel has no watch left: it is looked at once a minute all the same, and asked again.
        }
    }

    private static FileSystemWatcher Watch(string folder, ChannelWriter<bool> dirty)
    {
        var watcher = new FileSystemWatcher(folder) { NotifyFilter = NotifyFilters.FileName };
        watcher.Created += (_, _) => dirty.TryWrite(true);
        watcher.Renamed += (_, _) => dirty.TryWrite(true);
        watcher.Deleted += (_, _) => dirty.TryWrite(true);
        watcher.Error += (_, _) => dirty.TryWrite(true);
        watcher.EnableRaisingEvents = true;
        return watcher;
    }
}
