using Pier.BitTorrent.Wire;

namespace Pier.BitTorrent.Metadata;

/// <summary>One effort to gather an info dictionary of a claimed size. Memory is taken as pieces come, not as claimed.</summary>
internal sealed class MetadataAttempt
{
    private readonly int _size;
    private readonly byte[]?[] _pieces;
    private readonly (object Peer, long At)?[] _asked;
    private readonly HashSet<object> _contributors = [];
    private int _received;

    public MetadataAttempt(int size)
    {
        _size = size;
        var count = (size + MetadataMessage.PieceSize - 1) / MetadataMessage.PieceSize;
        _pieces = new byte[]?[count];
        _asked = new (object Peer, long At)?[count];
    }

    /// <summary>Whether every piece has come.</summary>
    public bool IsComplete => _received == _pieces.Length;

    /// <summary>Everyone who sent a piece.</summary>
    public IReadOnlyList<object> Contributors => [.. _contributors];

    /// <summary>Chooses pieces that nobody is asked for and marks them.</summary>
    public IReadOnlyList<int> Ask(object peer, int most, long now)
    {
        var chosen = new List<int>();
        var room = most - _asked.Count(asked => ReferenceEquals(asked?.Peer, peer));
        for (var piece = 0; piece < _pieces.Length && chosen.Count < room; piece++)
        {
            if (_pieces[piece] is null && _asked[piece] is null)
            {
                _asked[piece] = (peer, now);
                chosen.Add(piece);
            }
        }

        return chosen;
    }

    /// <summary>Takes a piece that came.</summary>
    /// <exception cref="WireException">It has the wrong length.</exception>
    public void Receive(object peer, int piece, byte[] data)
    {
        if (piece >= _pieces.Length || _pieces[piece] is not null)
        {
            return;
        }

        var expected = Math.Min(MetadataMessage.PieceSize, _size - piece * MetadataMessage.PieceSize);
        if (data.Length != expected)
        {
            throw new WireException($"{data.Length} bytes in piece {piece} of an info dictionary of {_size} bytes");
        }

        _pieces[piece] = data;
        _asked[piece] = null;
        _received++;
        _contributors.Add(peer);
    }

    /// <summary>A peer will not send what it was asked for.</summary>
    public void Release(object peer)
    {
        for (var piece = 0; piece < _asked.Length; piece++)
        {
            if (ReferenceEquals(_asked[piece]?.Peer, peer))
            {
                _asked[piece] = null;
            }
        }
    }

    /// <summary>Frees pieces by when they were asked for.</summary>
    public void ReleaseAsked(Predicate<long> isOld)
    {
        for (var piece = 0; piece < _asked.Length; piece++)
        {
            if (_asked[piece] is { } asked && isOld(asked.At))
            {
                _asked[piece] = null;
            }
        }
    }

    /// <summary>The whole.</summary>
    public byte[] Join()
    {
        var whole = new byte[_size];
        for (var piece = 0; piece < _pieces.Length; piece++)
        {
            _pieces[piece]!.CopyTo(whole, piece * MetadataMessage.PieceSize);
        }

        return whole;
    }
}
