using Microsoft.Win32.SafeHandles;
using Pier.Engines.Containers;

namespace Pier.Daemon.Containers;

/// <summary>Content in a container's file system. Few files are open at once, whatever a torrent lists.</summary>
/// <param name="root">The container's root; whoever gave it closes it.</param>
/// <param name="path">The content there.</param>
internal sealed class ContainerFiles(ContainerRoot root, string path) : IDataFiles
{
    private const int MostOpen = 8;

    private readonly SemaphoreSlim _gate = new(1, 1);
    private readonly Dictionary<string, SafeFileHandle> _open = new(StringComparer.Ordinal);
    private bool _isClosed;

    /// <inheritdoc/>
    public ValueTask<long> LengthAsync(string name, CancellationToken cancellationToken) => WithAsync(name, RandomAccess.GetLength, cancellationToken);

    /// <inheritdoc/>
    public ValueTask<int> ReadAsync(string name, long offset, Memory<byte> destination, CancellationToken cancellationToken) =>
        WithAsync(name, file => RandomAccess.Read(file, destination.Span, offset), cancellationToken);

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await _gate.WaitAsync();
        _isClosed = true;
        CloseAll();
        _gate.Release();
    }

    private async ValueTask<T> WithAsync<T>(string name, Func<SafeFileHandle, T> use, CancellationToken cancellationToken)
    {
        await _gate.WaitAsync(cancellationToken);
        try
        {
            return use(Open(name));
        }
        catch (ObjectDisposedException gone)
        {
            throw new IOException("the container has ended", gone);
        }
        finally
        {
            _gate.Release();
        }
    }

    private SafeFileHandle Open(string name)
    {
        ObjectDisposedException.ThrowIf(_isClosed, this);
        if (_open.TryGetValue(name, out var known))
        {
            return known;
        }

        if (_open.Count >= MostOpen)
        {
            CloseAll();
        }

        return _open[name] = root.OpenFile(name.Length == 0 ? path : $"{path.TrimEnd('/')}/{name}");
    }

    private void CloseAll()
    {
        foreach (var file in _open.Values)
        {
            file.Dispose();
        }

        _open.Clear();
    }
}
