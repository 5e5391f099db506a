using System.Buffers;
using Pier.BitTorrent.Pieces;
using Pier.BitTorrent.Torrents;
using Pier.Content;

namespace Pier.BitTorrent.Storage;

/// <summary>
/// Finds out which pieces are on disk. What an earlier run remembered of files that nobody has touched since is believed, what
/// was never written is not looked at, and the rest is hashed.
/// </summary>
internal sealed class TreeCheck(Metainfo metainfo, TreeFiles files, SideFile side, ResumeRecord? known)
{
    private readonly FileFacts?[] _facts = new FileFacts?[metainfo.Files.Count];

    /// <summary>Pieces that had to be hashed.</summary>
    public int Hashed { get; private set; }

    /// <summary>The pieces that are there.</summary>
    public Bitfield Held { get; } = new(metainfo.PieceCount);

    /// <summary>Which files are on disk, under either name; known after the check.</summary>
    public IReadOnlyList<bool> IsPresent => [.. _facts.Select(facts => facts is not null)];

    /// <summary>Looks at everything.</summary>
    /// <param name="parts">Where bytes of files lie that are not on disk.</param>
    /// <param name="read">Fills a span from an offset of the piece space; false when bytes are missing.</param>
    /// <param name="cancellationToken">Stops between pieces.</param>
    public void Run(SideParts parts, SpanReader read, CancellationToken cancellationToken)
    {
        if (!_facts.Any(facts => facts is not null) && !side.Exists)
        {
            return;
        }

        var layout = metainfo.Layout;
        var hashers = new PieceHasherPool(metainfo);
        var buffer = ArrayPool<byte>.Shared.Rent(layout.PieceLength);
        try
        {
            for (var piece = 0; piece < layout.PieceCount; piece++)
            {
                cancellationToken.ThrowIfCancellationRequested();
                var range = new ByteRange(layout.PieceOffset(piece), layout.PieceSize(piece));
                var isKnown = known?.Has(piece) == true;
                if (isKnown && All(range, IsUntouched))
                {
                    Held.Add(piece);
                }
                else if (All(range, slice => MayHave(slice, parts)))
                {
                    Hashed++;
                    var bytes = buffer.AsSpan(0, (int)range.Length);
                    if (read(range.Offset, bytes) && hashers.Check(piece, bytes))
                    {
                        Held.Add(piece);
                    }
                }
            }
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    /// <summary>Looks at each file's size and time.</summary>
    public void Look(CancellationToken cancellationToken)
    {
        for (var file = 0; file < _facts.Length; file++)
        {
            cancellationToken.ThrowIfCancellationRequested();
            _facts[file] = metainfo.Files[file] is { IsPadding: false, Length: > 0 } ? files.Look(file) : null;
        }
    }

    private bool All(ByteRange range, Func<TorrentSlice, bool> holds)
    {
        foreach (var slice in metainfo.Layout.Slices(range.Offset, range.Length))
        {
            if (!metainfo.Files[slice.FileIndex].IsPadding && !holds(slice))
            {
                return false;
            }
        }

        return true;
    }

    private bool IsUntouched(TorrentSlice slice) => _facts[slice.FileIndex] is { } facts
        ? facts.Length == metainfo.Files[slice.FileIndex].Length && facts.Modified == known!.Modified[slice.FileIndex]
        : side.Exists && side.Modified == known!.Modified[^1];

    private bool MayHave(TorrentSlice slice, SideParts parts) => _facts[slice.FileIndex] is { } facts
        ? slice.FileOffset + slice.Length <= facts.Length
            && (!facts.IsUnfinished || files.IsWritten(slice.FileIndex, slice.FileOffset, slice.Length))
        : parts.MayHave(slice);
}

/// <summary>Fills a span from an offset of the piece space; false when bytes are missing.</summary>
internal delegate bool SpanReader(long offset, Span<byte> destination);
