using Pier.Content.Contracts;
using Pier.Volumes.Specs;

namespace Pier.Volumes.Whole;

/// <summary>Finds torrents by their names: some at once, each for a bounded time. Thread-safe.</summary>
/// <param name="spec">The volume's options.</param>
/// <param name="folder">Where what arrives is kept.</param>
/// <param name="trees">Where torrents come from.</param>
/// <param name="numbers">Keeps which are known.</param>
/// <param name="time">The clock.</param>
internal sealed class TorrentSearch(VolumeSpec spec, string folder, ITreeFetcher trees, TorrentNumbers numbers, TimeProvider time) : IDisposable
{
    /// <summary>Most that are looked for at once.</summary>
    public const int MaxAtOnce = 16;

    private readonly SemaphoreSlim _places = new(MaxAtOnce);

    /// <summary>Opens a torrent once somebody has told what is in it; from then on it is known.</summary>
    /// <param name="name">Its name.</param>
    /// <param name="leaving">Ends when what was there of it before is gone.</param>
    /// <param name="closing">Gives up.</param>
    /// <exception cref="ContentNotFoundException">Nobody told of it.</exception>
    /// <exception cref="ContentStorageException">It cannot be kept, or something else went wrong here.</exception>
    public async Task<IArrivingTree> FindAsync(string name, Task leaving, CancellationToken closing)
    {
        try
        {
            await leaving;
            await _places.WaitAsync(closing);
            try
            {
                using var patience = new CancellationTokenSource(spec.LookUpPatience, time);
                using var either = CancellationTokenSource.CreateLinkedTokenSource(closing, patience.Token);
                return await RememberAsync(name, await trees.OpenAsync(new TreeRequest([TorrentName.Magnet(name, spec.Trackers)], folder, spec.Limit), either.Token));
            }
            finally
            {
                _places.Release();
            }
        }
        catch (OperationCanceledException slow) when (!closing.IsCancellationRequested)
        {
            throw new ContentNotFoundException($"{name}: nobody told for {spec.LookUpPatience.TotalSeconds:0} s what is in it.", slow);
        }
        catch (ContentException refused) when (refused is not ContentStorageException)
        {
            throw new ContentNotFoundException($"{name}: {refused.Message}", refused);
        }
        catch (Exception fault) when (fault is not (ContentException or OperationCanceledException))
        {
            // It says nothing of the torrent, which may be asked for again at once.
            throw new ContentStorageException($"{name} cannot be opened: {fault.Message}", fault);
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _places.Dispose();

    private async Task<IArrivingTree> RememberAsync(string name, IArrivingTree found)
    {
        try
        {
            numbers.Remember(name);
            return found;
        }
        catch
        {
            await found.DisposeAsync();
            throw;
        }
    }
}
