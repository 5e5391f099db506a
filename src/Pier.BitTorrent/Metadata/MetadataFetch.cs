using Pier.BitTorrent.Wire;

namespace Pier.BitTorrent.Metadata;

/// <summary>
/// Gathers an info dictionary from several peers (BEP 9). Peers that claim the same size help each other; once such a common
/// effort has failed its hash, each peer is asked for the whole, so that who lies is found. Owned by the swarm's loop.
/// </summary>
/// <param name="maxBytes">Largest size that is believed.</param>
/// <param name="time">The clock.</param>
internal sealed class MetadataFetch(int maxBytes, TimeProvider time)
{
    private const int MaxAttempts = 4;
    private const int MaxRequestsPerPeer = 4;
    private static readonly TimeSpan RequestTimeout = TimeSpan.FromSeconds(10);

    private readonly Dictionary<object, long> _claims = [];
    private readonly Dictionary<object, MetadataAttempt> _attempts = [];
    private bool _alone;

    /// <summary>A peer says that it has the info dictionary, and how large it is; false when that cannot be.</summary>
    public bool Offer(object peer, long size)
    {
        if (size <= 0 || size > maxBytes)
        {
            return false;
        }

        _claims[peer] = size;
        return true;
    }

    /// <summary>Which pieces to ask a peer for now.</summary>
    public IReadOnlyList<int> NextRequests(object peer)
    {
        if (!_claims.TryGetValue(peer, out var size) || AttemptFor(peer, size) is not { } attempt)
        {
            return [];
        }

        return attempt.Ask(peer, MaxRequestsPerPeer, time.GetTimestamp());
    }

    /// <summary>A peer sent a piece. When it was the last, the whole and everyone who helped.</summary>
    /// <exception cref="WireException">The piece has another length than the claimed size allows.</exception>
    public (byte[] Info, IReadOnlyList<object> Contributors)? Receive(object peer, int piece, byte[] data)
    {
        // What is whole stays until it was checked: whoever asked for it anew meanwhile would be taken for a flood.
        if (!_claims.TryGetValue(peer, out var size) || !_attempts.TryGetValue(KeyOf(peer, size), out var attempt) || attempt.IsComplete)
        {
            return null;
        }

        attempt.Receive(peer, piece, data);
        return attempt.IsComplete ? (attempt.Join(), attempt.Contributors) : null;
    }

    /// <summary>A peer will not send a piece: it does not have the info dictionary after all.</summary>
    public void Reject(object peer) => Left(peer);

    /// <summary>A peer has gone.</summary>
    public void Left(object peer)
    {
        if (_claims.Remove(peer, out var size) && _attempts.TryGetValue(KeyOf(peer, size), out var attempt))
        {
            attempt.Release(peer);
            if (_alone)
            {
                _attempts.Remove(peer);
            }
        }
    }

    /// <summary>What was gathered is not what the id says. From now on each peer is asked for the whole.</summary>
    public void Failed()
    {
        _alone = true;
        _attempts.Clear();
    }

    /// <summary>Once a second: pieces that were asked for too long ago may be asked of others.</summary>
    public void Tick()
    {
        foreach (var attempt in _attempts.Values)
        {
            attempt.ReleaseAsked(at => time.GetElapsedTime(at) > RequestTimeout);
        }
    }

    private object KeyOf(object peer, long size) => _alone ? peer : size;

    private MetadataAttempt? AttemptFor(object peer, long size)
    {
        var key = KeyOf(peer, size);
        if (!_attempts.TryGetValue(key, out var attempt) && _attempts.Count < MaxAttempts)
        {
            attempt = _attempts[key] = new MetadataAttempt((int)size);
        }

        return attempt;
    }
}
