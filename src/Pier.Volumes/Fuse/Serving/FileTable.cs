using System.Collections.Concurrent;
using System.Security.Cryptography;
using Pier.Content.Contracts;
using Pier.Volumes.Fuse.Device;

namespace Pier.Volumes.Fuse.Serving;

/// <summary>
/// The open files. The kernel refuses to read a file itself while it has other handles of it, so the first handle of a node
/// decides for all that are open with it, those of a former server too. Thread-safe.
/// </summary>
internal sealed class FileTable(IBackingFiles backings, HandleCounts counts) : IAsyncDisposable
{
    private readonly Lock _gate = new();
    private readonly ConcurrentDictionary<ulong, OpenFile> _files = new();

    // Far from those of a former server, whose handles may still be open.
    private ulong _next = (ulong)RandomNumberGenerator.GetInt32(int.MaxValue) << 32;

    /// <summary>Open files.</summary>
    public int Count => _files.Count;

    /// <summary>Files that the kernel was let read itself, ever.</summary>
    public long Passthroughs { get; private set; }

    /// <summary>An open file; null when it was opened by a former server.</summary>
    public OpenFile? Find(ulong handle) => _files.TryGetValue(handle, out var file) ? file : null;

    /// <summary>Takes a file up.</summary>
    public Opened Add(ulong node, ITreeFile file)
    {
        var open = new OpenFile(node, file);
        lock (_gate)
        {
            int backing;
            if (counts.Find(node) is { } used)
            {
                backing = used.Backing;
            }
            else
            {
                backing = open.Whole is { } whole ? backings.Open(whole) : 0;
                Passthroughs += backing != 0 ? 1 : 0;
            }

            counts.Add(node, backing);
            var handle = _next++;
            _files[handle] = open;
            return new Opened(handle, backing);
        }
    }

    /// <summary>Takes up a file that a former server had opened, and counted.</summary>
    public async ValueTask<OpenFile> AdoptAsync(ulong handle, ulong node, ITreeFile file)
    {
        var adopted = _files.GetOrAdd(handle, static (_, open) => open, new OpenFile(node, file));
        if (adopted.File != file)
        {
            // Another read of the same handle was quicker.
            await file.DisposeAsync();
        }

        return adopted;
    }

    /// <summary>Closes a file, also one of a former server that nobody has asked for since.</summary>
    public async ValueTask CloseAsync(ulong handle, ulong node)
    {
        _files.TryRemove(handle, out var file);
        lock (_gate)
        {
            if (counts.Remove(node) is not 0 and var backing)
            {
                backings.Close(backing);
            }
        }

        if (file is not null)
        {
            await file.File.DisposeAsync();
        }
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        foreach (var (handle, file) in _files)
        {
            await CloseAsync(handle, file.Node);
        }

        counts.Dispose();
    }
}
