using System.Buffers;
using System.Security.Cryptography;
using Pier.BitTorrent.Hashing;

namespace Pier.BitTorrent.Torrents;

/// <summary>
/// A torrent as its info dictionary describes it: v1 (BEP 3), v2 (BEP 52) or hybrid, checked whole before anybody sees it.
/// Immutable; keeps slices of the bytes it was read from, which must not change afterwards.
/// </summary>
public sealed class Metainfo
{
    private readonly ReadOnlyMemory<byte> _v1Hashes;
    private readonly ReadOnlyMemory<byte>[] _layers;

    internal Metainfo(InfoDraft draft, TorrentLayout layout, ReadOnlyMemory<byte>[] layers, MetainfoEnvelope envelope)
    {
        Info = draft.Bytes;
        Id = new TorrentId(
            draft.HasV1 ? InfoHash.OfInfo(draft.Bytes.Span) : null,
            draft.HasV2 ? InfoHashV2.OfInfo(draft.Bytes.Span) : null);
        Name = draft.Name;
        IsSingleFile = draft.IsSingleFile;
        IsPrivate = draft.IsPrivate;
        Layout = layout;
        Envelope = envelope;
        _v1Hashes = draft.Pieces ?? default;
        _layers = layers;
    }

    /// <summary>The info dictionary's original bytes: what peers get by ut_metadata (BEP 9).</summary>
    public ReadOnlyMemory<byte> Info { get; }

    /// <summary>The info-hashes.</summary>
    public TorrentId Id { get; }

    /// <summary>Suggested name: of the file, or of the folder around the files.</summary>
    public string Name { get; }

    /// <summary>Whether the torrent is one file rather than a folder.</summary>
    public bool IsSingleFile { get; }

    /// <summary>BEP 27: peers come from the torrent's own trackers and from nowhere else.</summary>
    public bool IsPrivate { get; }

    /// <summary>Files and pieces.</summary>
    public TorrentLayout Layout { get; }

    /// <summary>Trackers, web seeds and remarks.</summary>
    public MetainfoEnvelope Envelope { get; }

    /// <summary>Whether pieces have SHA-1 hashes (v1 and hybrid).</summary>
    public bool HasV1 => Id.V1 is not null;

    /// <summary>Whether files have hash trees (v2 and hybrid).</summary>
    public bool HasV2 => Id.V2 is not null;

    /// <summary>Nominal bytes of a piece.</summary>
    public int PieceLength => Layout.PieceLength;

    /// <summary>Number of pieces.</summary>
    public int PieceCount => Layout.PieceCount;

    /// <summary>Bytes of all files that are not padding.</summary>
    public long TotalLength => Layout.ContentLength;

    /// <summary>All files in the order of the piece space, padding included.</summary>
    public IReadOnlyList<TorrentFile> Files => Layout.Files;

    /// <summary>Reads a .torrent file under <see cref="MetainfoLimits.Default"/>.</summary>
    /// <exception cref="MetainfoException">Not a torrent, or one that is refused.</exception>
    public static Metainfo Parse(ReadOnlyMemory<byte> torrent) => Parse(torrent, MetainfoLimits.Default);

    /// <summary>Reads a .torrent file.</summary>
    /// <exception cref="MetainfoException">Not a torrent, or one that is refused.</exception>
    public static Metainfo Parse(ReadOnlyMemory<byte> torrent, MetainfoLimits limits) => TorrentFileReader.Read(torrent, limits);

    /// <summary>Reads an info dictionary alone, as ut_metadata brings it; the hash layers of a v2 torrent may come later.</summary>
    /// <exception cref="MetainfoException">Not an info dictionary, or one that is refused.</exception>
    public static Metainfo ParseInfo(ReadOnlyMemory<byte> info, MetainfoEnvelope envelope, MetainfoLimits limits) =>
        MetainfoAssembler.Assemble(InfoReader.Read(info, limits), PieceLayers.None, envelope, limits);

    /// <summary>The v1 <c>pieces</c> value: SHA-1 of every piece, one after another; empty for a v2-only torrent.</summary>
    public ReadOnlyMemory<byte> V1PieceHashes => _v1Hashes;

    /// <summary>SHA-1 of a piece.</summary>
    /// <exception cref="InvalidOperationException">The torrent is v2-only.</exception>
    public ReadOnlySpan<byte> V1PieceHash(int piece)
    {
        if (!HasV1)
        {
            throw new InvalidOperationException("a v2-only torrent has no SHA-1 piece hashes");
        }

        return _v1Hashes.Span.Slice(piece * SHA1.HashSizeInBytes, SHA1.HashSizeInBytes);
    }

    /// <summary>
    /// Gives the Merkle node that a piece must hash to: from the piece layer, or the file's <c>pieces root</c> when the file is
    /// no longer than a piece. False while the file's layer is unknown.
    /// </summary>
    /// <param name="piece">Index of the piece.</param>
    /// <param name="node">Receives <see cref="MerkleTree.HashSize"/> bytes.</param>
    public bool TryGetV2PieceHash(int piece, Span<byte> node)
    {
        if (!HasV2)
        {
            return false;
        }

        var index = Layout.FileAt(Layout.PieceOffset(piece));
        var file = Files[index];
        if (file.Length <= PieceLength)
        {
            file.PiecesRoot!.Value.CopyTo(node);
            return true;
        }

        var layer = _layers[index].Span;
        if (layer.IsEmpty)
        {
            return false;
        }

        var firstPiece = (int)(file.Offset / PieceLength);
        layer.Slice((piece - firstPiece) * MerkleTree.HashSize, MerkleTree.HashSize).CopyTo(node);
        return true;
    }

    /// <summary>The piece layer of a file, as <c>piece layers</c> has it; empty when it has none or it is unknown.</summary>
    /// <param name="fileIndex">Index into <see cref="Files"/>.</param>
    public ReadOnlyMemory<byte> PieceLayer(int fileIndex) => _layers[fileIndex];

    /// <summary>The same torrent, knowing one more piece layer, for instance from a peer's hashes message.</summary>
    /// <exception cref="MetainfoException">The layer does not hash to the file's root.</exception>
    public Metainfo WithPieceLayer(int fileIndex, ReadOnlyMemory<byte> layer)
    {
        PieceLayers.Check(Files[fileIndex], layer.Span, PieceLength, $"piece layer of file {fileIndex}");
        var layers = (ReadOnlyMemory<byte>[])_layers.Clone();
        layers[fileIndex] = layer;
        return new Metainfo(this, layers, Envelope);
    }

    /// <summary>The same torrent, knowing piece layers that were checked against their roots.</summary>
    /// <param name="byRoot">Layers by the root of the files that they belong to.</param>
    internal Metainfo WithProvedLayers(IReadOnlyDictionary<MerkleRoot, ReadOnlyMemory<byte>> byRoot) => new(
        this,
        [.. _layers.Select((known, file) => known.IsEmpty && Files[file].Length > PieceLength && Files[file].PiecesRoot is { } root ? byRoot.GetValueOrDefault(root) : known)],
        Envelope);

    /// <summary>The same torrent with other trackers, web seeds and remarks.</summary>
    public Metainfo WithEnvelope(MetainfoEnvelope envelope) => new(this, _layers, envelope);

    /// <summary>The .torrent file: these info bytes, the known piece layers and the envelope.</summary>
    public byte[] ToTorrentFile()
    {
        var buffer = new ArrayBufferWriter<byte>(Info.Length + 1024);
        TorrentFileWriter.Write(this, buffer);
        return buffer.WrittenSpan.ToArray();
    }

    private Metainfo(Metainfo other, ReadOnlyMemory<byte>[] layers, MetainfoEnvelope envelope)
    {
        Info = other.Info;
        Id = other.Id;
        Name = other.Name;
        IsSingleFile = other.IsSingleFile;
        IsPrivate = other.IsPrivate;
        Layout = other.Layout;
        Envelope = envelope;
        _v1Hashes = other._v1Hashes;
        _layers = layers;
    }
}
