using System.Text.Json;
using Pier.Content.Contracts;
using Pier.Store.Disk;
using Pier.Volumes.State;

namespace Pier.Volumes.Whole;

/// <summary>
/// The numbers that stand for torrents in the ids of nodes. A number is never given to another torrent: the kernel may hold
/// what it was told under it, also over a restart. Thread-safe.
/// </summary>
internal sealed class TorrentNumbers
{
    /// <summary>The most that there can be in the life of a mount.</summary>
    public const int Most = 16384;

    private const int MaxDocument = 4 << 20;

    // Changes take turns, and are on the disk before anybody sees them: a number that was handed out stays that torrent's over a
    // crash. Who only looks, such as the kernel's requests, does not wait for the disk.
    private readonly Lock _writing = new();
    private readonly Lock _gate = new();
    private readonly string _path;
    private readonly List<string> _names = [];
    private readonly Dictionary<string, int> _numbers = new(StringComparer.Ordinal);
    private readonly HashSet<string> _known = new(StringComparer.Ordinal);

    private TorrentNumbers(string path) => _path = path;

    /// <summary>The torrents that are known now, in the order of their names.</summary>
    public IReadOnlyList<string> Known
    {
        get
        {
            lock (_gate)
            {
                return [.. _known.Order(StringComparer.Ordinal)];
            }
        }
    }

    /// <summary>Reads what an earlier run gave out.</summary>
    /// <exception cref="ContentException">The document cannot be read, or is damaged.</exception>
    public static TorrentNumbers Open(string path)
    {
        var numbers = new TorrentNumbers(path);
        if (DurableFile.Read(path, MaxDocument) is not { } bytes)
        {
            return numbers;
        }

        try
        {
            if (JsonSerializer.Deserialize(bytes, VolumeJson.Default.NumbersDocument) is
                { Version: NumbersDocument.Current, Names: { Count: <= Most } names, Forgotten: { } forgotten } && names.All(TorrentName.Is))
            {
                foreach (var name in names)
                {
                    numbers._names.Add(name);
                    numbers._numbers[name] = numbers._names.Count;
                }

                numbers._known.UnionWith(names.Except(forgotten));
                return numbers;
            }
        }
        catch (JsonException damaged)
        {
            throw Damaged(path, damaged);
        }

        throw Damaged(path, cause: null);
    }

    /// <summary>The name behind a number, known or not; null when none has it.</summary>
    public string? NameOf(ulong number)
    {
        lock (_gate)
        {
            return number is > 0 and var place && place <= (ulong)_names.Count ? _names[(int)place - 1] : null;
        }
    }

    /// <summary>The number of a torrent that was known once; null when it never was.</summary>
    public int? NumberOf(string name)
    {
        lock (_gate)
        {
            return _numbers.TryGetValue(name, out var number) ? number : null;
        }
    }

    /// <summary>A torrent has become known.</summary>
    /// <exception cref="ContentException">There are too many, or the disk refused: it is as it was.</exception>
    public void Remember(string name)
    {
        lock (_writing)
        {
            if (_known.Contains(name))
            {
                return;
            }

            var isNew = !_numbers.ContainsKey(name);
            if (isNew && _names.Count == Most)
            {
                throw new ContentUnavailableException($"{Most} torrents were looked up through this mount already; unmount it and mount it again.");
            }

            Put(isNew ? [.. _names, name] : _names, [.. _known, name]);
            lock (_gate)
            {
                if (isNew)
                {
                    _names.Add(name);
                    _numbers[name] = _names.Count;
                }

                _known.Add(name);
            }
        }
    }

    /// <summary>A torrent is not known any more; its number stays.</summary>
    /// <exception cref="ContentException">The disk refused; it is not known all the same.</exception>
    public void Forget(string name)
    {
        lock (_writing)
        {
            lock (_gate)
            {
                if (!_known.Remove(name))
                {
                    return;
                }
            }

            Put(_names, _known);
        }
    }

    private static ContentFormatException Damaged(string path, Exception? cause) => new($"{path} is damaged; unmount what it belongs to and mount it again.", cause);

    private void Put(IReadOnlyList<string> names, HashSet<string> known) => DurableFile.Replace(_path, JsonSerializer.SerializeToUtf8Bytes(
        new NumbersDocument(NumbersDocument.Current, names, [.. names.Where(name => !known.Contains(name))]), VolumeJson.Default.NumbersDocument));
}
