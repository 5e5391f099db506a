using System.Collections.Concurrent;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using Pier.Content.Contracts;
using Pier.Volumes.Fuse.Device;

namespace Pier.Volumes.Fuse.Serving;

/// <summary>
/// The open files. The kernel refuses to read a file itself while it has other handles of it, so the first handle of a node
/// decides for all that are open with it. Thread-safe.
/// </summary>
internal sealed class FileTable(IBackingFiles backings) : IAsyncDisposable
{
    private readonly Lock _gate = new();
    private readonly Dictionary<ulong, Use> _uses = [];
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
            ref var use = ref CollectionsMarshal.GetValueRefOrAddDefault(_uses, node, out var isUsed);
            if (!isUsed && open.Whole is { } whole)
            {
                use.Backing = backings.Open(whole);
                Passthroughs += use.Backing != 0 ? 1 : 0;
            }

            use.Handles++;
            var handle = _next++;
            _files[handle] = open;
            return new Opened(handle, use.Backing);
        }
    }

    /// <summary>Takes up a file that a former server had opened.</summary>
    public OpenFile Adopt(ulong handle, ulong node, ITreeFile file)
    {
        lock (_gate)
        {
            if (_files.TryGetValue(handle, out var known))
            {
                return known;
            }

            CollectionsMarshal.GetValueRefOrAddDefault(_uses, node, out _).Handles++;
            return _files[handle] = new OpenFile(node, file);
        }
    }

    /// <summary>Closes a file.</summary>
    public async ValueTask CloseAsync(ulong handle)
    {
        if (!_files.TryRemove(handle, out var file))
        {
            return;
        }

        lock (_gate)
        {
            ref var use = ref CollectionsMarshal.GetValueRefOrNullRef(_uses, file.Node);
            if (--use.Handles == 0)
            {
                if (use.Backing != 0)
                {
                    backings.Close(use.Backing);
                }

                _uses.Remove(file.Node);
            }
        }

        await file.File.DisposeAsync();
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        foreach (var handle in _files.Keys)
        {
            await CloseAsync(handle);
        }
    }

    private struct Use
    {
        public int Handles;
        public int Backing;
    }
}
