using System.Security.Cryptography;
using System.Runtime.InteropServices;
using Pier.Content;

namespace Pier.Membership.Holdings;

/// <summary>What this node holds, with its last changes, so that members are told of those alone. Thread-safe.</summary>
internal sealed class HoldingsJournal
{
    private const int MaxChanges = 4096;

    private readonly Lock _gate = new();
    private readonly HashSet<ulong> _keys = [];
    private readonly Queue<(ulong Number, ulong Key)> _changes = new();
    private HoldingsVersion _version = new(MemoryMarshal.Read<ulong>(RandomNumberGenerator.GetBytes(sizeof(ulong))), 0);

    /// <summary>The moment now.</summary>
    public HoldingsVersion Version
    {
        get
        {
            lock (_gate)
            {
                return _version;
            }
        }
    }

    /// <summary>A blob was sealed.</summary>
    public void Add(Digest sha256)
    {
        lock (_gate)
        {
            Set(HoldingsDelta.KeyOf(sha256), isHeld: true);
        }
    }

    /// <summary>A blob is gone.</summary>
    public void Remove(Digest sha256)
    {
        lock (_gate)
        {
            Set(HoldingsDelta.KeyOf(sha256), isHeld: false);
        }
    }

    /// <summary>The store was looked over: these were there. What has changed since the look began is left as it is.</summary>
    /// <param name="held">All that was found.</param>
    /// <param name="since">The moment before the look.</param>
    public void Replace(IEnumerable<Digest> held, HoldingsVersion since)
    {
        var found = held.Select(HoldingsDelta.KeyOf).ToHashSet();
        lock (_gate)
        {
            var newer = _changes.Where(change => change.Number > since.Number).Select(change => change.Key).ToHashSet();
            foreach (var key in found.Except(newer).Where(key => !_keys.Contains(key)).Concat(_keys.Except(newer).Where(key => !found.Contains(key))).ToArray())
            {
                Set(key, found.Contains(key));
            }
        }
    }

    /// <summary>The way from a moment that somebody knows to now.</summary>
    public HoldingsDelta Since(HoldingsVersion known)
    {
        lock (_gate)
        {
            if (_keys.Count > HoldingsDelta.MaxKeys)
            {
                return new HoldingsDelta(_version, [], []) { IsWhole = true, IsTruncated = true };
            }

            if (known.Epoch != _version.Epoch || known.Number > _version.Number || _version.Number - known.Number > (ulong)_changes.Count)
            {
                return new HoldingsDelta(_version, [.. _keys], []) { IsWhole = true };
            }

            var changed = _changes.Where(change => change.Number > known.Number).Select(change => change.Key).Distinct().ToLookup(_keys.Contains);
            return new HoldingsDelta(_version, [.. changed[true]], [.. changed[false]]);
        }
    }

    private void Set(ulong key, bool isHeld)
    {
        if (!(isHeld ? _keys.Add(key) : _keys.Remove(key)))
        {
            return;
        }

        _version = _version with { Number = _version.Number + 1 };
        _changes.Enqueue((_version.Number, key));
        if (_changes.Count > MaxChanges)
        {
            _changes.Dequeue();
        }
    }
}
