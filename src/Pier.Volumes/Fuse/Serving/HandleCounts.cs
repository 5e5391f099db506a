using System.IO.MemoryMappedFiles;
using System.Runtime.InteropServices;

namespace Pier.Volumes.Fuse.Serving;

/// <summary>
/// How many handles of each node are open, and which file the kernel reads for them. In a file that is mapped: what a killed
/// server wrote is there for the next, without a system call for each open. Not thread-safe.
/// </summary>
internal sealed class HandleCounts : IDisposable
{
    /// <summary>Nodes that can be open at once and still be known to the next server.</summary>
    public const int Capacity = 1 << 16;

    private readonly Dictionary<ulong, Use> _uses = [];
    private readonly Stack<int> _free = new();
    private readonly MemoryMappedFile? _file;
    private readonly MemoryMappedViewAccessor? _view;
    private int _fresh;

    /// <param name="path">The file; null when no server comes after this one.</param>
    /// <param name="resume">Whether what a former server wrote counts.</param>
    /// <exception cref="IOException">The file cannot be used.</exception>
    public HandleCounts(string? path, bool resume)
    {
        if (path is null)
        {
            return;
        }

        if (!resume)
        {
            File.Delete(path);
        }

        _file = MemoryMappedFile.CreateFromFile(Whole(path), null, 0, MemoryMappedFileAccess.ReadWrite, HandleInheritability.None, leaveOpen: false);
        _view = _file.CreateViewAccessor();
        for (; resume && _fresh < Capacity; _fresh++)
        {
            _view.Read<Slot>(At(_fresh), out var slot);
            if (slot.Handles > 0)
            {
                _uses[slot.Node] = new Use(slot.Handles, slot.Backing, _fresh);
            }
            else
            {
                _free.Push(_fresh);
            }
        }
    }

    /// <summary>The handles of a node, and the file that the kernel reads for them (0: it asks); null when none is open.</summary>
    public (int Handles, int Backing)? Find(ulong node) => _uses.TryGetValue(node, out var use) ? (use.Handles, use.Backing) : null;

    /// <summary>A handle more.</summary>
    /// <param name="node">Of this node.</param>
    /// <param name="backing">What the kernel reads for it, when it is the first.</param>
    public void Add(ulong node, int backing)
    {
        if (!_uses.TryGetValue(node, out var use))
        {
            use = new Use(0, backing, _free.TryPop(out var free) ? free : _fresh < Capacity ? _fresh++ : -1);
        }

        Set(node, use with { Handles = use.Handles + 1 });
    }

    /// <summary>A handle less.</summary>
    /// <returns>The file that need not be read any more; 0 for none.</returns>
    public int Remove(ulong node)
    {
        if (!_uses.TryGetValue(node, out var use))
        {
            return 0;
        }

        Set(node, use with { Handles = use.Handles - 1 });
        return use.Handles == 1 ? use.Backing : 0;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _view?.Dispose();
        _file?.Dispose();
    }

    private void Set(ulong node, Use use)
    {
        if (use.Handles > 0)
        {
            _uses[node] = use;
        }
        else
        {
            _uses.Remove(node);
            if (use.Slot >= 0)
            {
                _free.Push(use.Slot);
            }
        }

        if (use.Slot >= 0 && _view is not null)
        {
            var slot = new Slot { Node = node, Handles = use.Handles, Backing = use.Backing };
            _view.Write(At(use.Slot), ref slot);
        }
    }

    private static FileStream Whole(string path)
    {
        var file = new FileStream(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.ReadWrite, bufferSize: 0);
        try
        {
            // Written, not lengthened: where the disk has no room for a page that is touched, the system ends the process.
            file.Position = file.Length;
            file.Write(new byte[Math.Max(0, At(Capacity) - file.Length)]);
            return file;
        }
        catch
        {
            file.Dispose();
            File.Delete(path);
            throw;
        }
    }

    private static long At(int slot) => (long)slot * Marshal.SizeOf<Slot>();

    private readonly record struct Use(int Handles, int Backing, int Slot);

    [StructLayout(LayoutKind.Sequential)]
    private struct Slot
    {
        public ulong Node;
        public int Handles;
        public int Backing;
    }
}
