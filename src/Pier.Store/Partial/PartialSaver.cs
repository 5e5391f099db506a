using Microsoft.Win32.SafeHandles;

namespace Pier.Store.Partial;

/// <summary>
/// Makes an arriving blob durable in the background: after so many bytes or so much time, data first and then the map,
/// so that writers never wait for the disk and a crash costs little.
/// </summary>
internal sealed class PartialSaver : IAsyncDisposable
{
    private readonly Lock _saving = new();
    private readonly PartialFiles _files;
    private readonly SafeFileHandle _data;
    private readonly Func<PartialMap> _snapshot;
    private readonly long _saveBytes;
    private readonly CoalescingTask _saves;
    private readonly ITimer _timer;
    private long _unsaved;

    public PartialSaver(
        PartialFiles files, SafeFileHandle data, Func<PartialMap> snapshot, PartialBlobOptions options, TimeProvider clock, Action<Exception> failed)
    {
        _files = files;
        _data = data;
        _snapshot = snapshot;
        _saveBytes = options.SaveBytes;
        _saves = new CoalescingTask(Save, failed);
        _timer = clock.CreateTimer(_ => SaveIfUnsaved(), null, options.SaveInterval, options.SaveInterval);
    }

    /// <summary>Notes bytes that were written; returns at once.</summary>
    public void Written(long bytes)
    {
        if (Interlocked.Add(ref _unsaved, bytes) >= _saveBytes)
        {
            _saves.Signal();
        }
    }

    /// <summary>Saves now, on the calling thread.</summary>
    /// <exception cref="Content.Contracts.ContentStorageException">The disk refused; the older map stands.</exception>
    public void Save()
    {
        lock (_saving)
        {
            Interlocked.Exchange(ref _unsaved, 0);
            _files.Save(_data, _snapshot());
        }
    }

    /// <summary>Ends the saving in the background; what is unsaved stays so.</summary>
    public async ValueTask DisposeAsync()
    {
        await _timer.DisposeAsync();
        await _saves.StopAsync();
    }

    private void SaveIfUnsaved()
    {
        if (Interlocked.Read(ref _unsaved) > 0)
        {
            _saves.Signal();
        }
    }
}
