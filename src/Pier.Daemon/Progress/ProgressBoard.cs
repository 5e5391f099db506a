using Pier.Api.Progress;

namespace Pier.Daemon.Progress;

/// <summary>Where work notes how far its parts are; the stream takes what has changed since it last looked.</summary>
internal sealed class ProgressBoard
{
    private readonly Lock _gate = new();
    private readonly Dictionary<string, ProgressItem> _items = new(StringComparer.Ordinal);
    private readonly HashSet<string> _changed = new(StringComparer.Ordinal);

    /// <summary>Notes a part; the same again changes nothing.</summary>
    public void Set(ProgressItem item)
    {
        lock (_gate)
        {
            if (!_items.TryGetValue(item.Id, out var before) || before != item)
            {
                _items[item.Id] = item;
                _changed.Add(item.Id);
            }
        }
    }

    /// <summary>The parts that changed since the last call.</summary>
    public IReadOnlyList<ProgressItem> TakeChanged()
    {
        lock (_gate)
        {
            var changed = _changed.Select(id => _items[id]).ToArray();
            _changed.Clear();
            return changed;
        }
    }
}
