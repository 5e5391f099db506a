using System.Numerics;
using System.Security.Cryptography;
using Pier.BitTorrent.Bencoding;
using Pier.BitTorrent.Hashing;

namespace Pier.BitTorrent.Torrents;

/// <summary>Reads an info dictionary field by field (BEP 3, 27, 47, 52).</summary>
internal sealed class InfoReader
{
    private readonly MetainfoLimits _limits;
    private readonly ReadOnlyMemory<byte> _info;
    private string? _name;
    private long? _pieceLength;
    private ReadOnlyMemory<byte>? _pieces;
    private long? _length;
    private List<FileDraft>? _listed;
    private List<FileDraft>? _tree;
    private long? _metaVersion;
    private TorrentFileAttributes _attributes;
    private bool _isPrivate;

    private InfoReader(ReadOnlyMemory<byte> info, MetainfoLimits limits)
    {
        _info = info;
        _limits = limits;
    }

    /// <exception cref="MetainfoException">Malformed, or a field breaks a rule that concerns it alone.</exception>
    public static InfoDraft Read(ReadOnlyMemory<byte> info, MetainfoLimits limits)
    {
        if (info.Length > limits.MaxInfoBytes)
        {
            throw new MetainfoException("info", $"{info.Length} bytes, more than {limits.MaxInfoBytes}");
        }

        try
        {
            var reading = new InfoReader(info, limits);
            reading.ReadFields();
            return reading.ToDraft();
        }
        catch (BencodeException error)
        {
            throw new MetainfoException("info", error.Message, error);
        }
    }

    private void ReadFields()
    {
        // BEP 3 wants sorted keys; v1 torrents without order are in use, and the hash is over the original bytes anyway.
        var reader = new BencodeReader(_info.Span, BencodeKeyOrder.Tolerant);
        reader.EnterDictionary();
        while (reader.TryReadKey(out var key))
        {
            ReadField(ref reader, key);
        }

        reader.ReadEnd();
        if (_tree is not null && !reader.KeysInOrder)
        {
            throw new MetainfoException("info", "keys of a v2 torrent are not in ascending order");
        }
    }

    private void ReadField(ref BencodeReader reader, ReadOnlySpan<byte> key)
    {
        switch (key)
        {
            case var _ when key.SequenceEqual("name"u8):
                _name = Once(_name, InfoText.Segment(reader.ReadBytes(), "info.name"), "name");
                break;
            case var _ when key.SequenceEqual("piece length"u8):
                _pieceLength = Once(_pieceLength, reader.ReadInteger(), "piece length");
                break;
            case var _ when key.SequenceEqual("pieces"u8):
                var hashes = reader.ReadBytes().Length;
                _pieces = Once(_pieces, _info.Slice(reader.Position - hashes, hashes), "pieces");
                break;
            case var _ when key.SequenceEqual("length"u8):
                _length = Once(_length, reader.ReadInteger(), "length");
                break;
            case var _ when key.SequenceEqual("files"u8):
                _listed = Once(_listed, ReadList(ref reader), "files");
                break;
            case var _ when key.SequenceEqual("file tree"u8):
                _tree = Once(_tree, FileTreeReader.Read(ref reader, _limits), "file tree");
                break;
            case var _ when key.SequenceEqual("meta version"u8):
                _metaVersion = Once(_metaVersion, reader.ReadInteger(), "meta version");
                break;
            case var _ when key.SequenceEqual("private"u8):
                _isPrivate = reader.ReadInteger() == 1;
                break;
            case var _ when key.SequenceEqual("attr"u8):
                _attributes = InfoText.Attributes(reader.ReadBytes());
                break;
            default:
                reader.Skip();
                break;
        }
    }

    private List<FileDraft> ReadList(ref BencodeReader reader)
    {
        var files = new List<FileDraft>();
        reader.EnterList();
        while (reader.NextItem())
        {
            if (files.Count == _limits.MaxFiles)
            {
                throw new MetainfoException("info.files", $"more than {_limits.MaxFiles} files");
            }

            files.Add(FileEntryReader.ReadListed(ref reader, $"info.files[{files.Count}]"));
        }

        return files;
    }

    private InfoDraft ToDraft()
    {
        if (_metaVersion is not (null or 1 or 2))
        {
            throw new MetainfoException("info.meta version", $"version {_metaVersion} is not known");
        }

        if ((_metaVersion == 2) != (_tree is not null))
        {
            throw new MetainfoException("info", "'meta version' 2 and 'file tree' come together");
        }

        var name = _name ?? throw new MetainfoException("info.name", "missing");
        return new InfoDraft
        {
            Bytes = _info,
            Name = name,
            PieceLength = CheckPieceLength(),
            IsPrivate = _isPrivate,
            Pieces = _pieces,
            V1Files = V1Files(name),
            V2Files = _tree,
            V1IsSingleFile = _length is not null,
        };
    }

    private List<FileDraft>? V1Files(string name)
    {
        if (_length is not null && _listed is not null)
        {
            throw new MetainfoException("info", "both 'length' and 'files'");
        }

        if (_length < 0)
        {
            throw new MetainfoException("info.length", $"{_length} bytes");
        }

        var files = _length is { } length
            ? [new FileDraft([name], length, _attributes & TorrentFileAttributes.Executable, SymlinkTarget: null, PiecesRoot: null)]
            : _listed;
        if (files is null != _pieces is null)
        {
            throw new MetainfoException("info", "'pieces' come together with 'length' or 'files'");
        }

        if (files is null && _tree is null)
        {
            throw new MetainfoException("info", "neither 'pieces' nor 'file tree'");
        }

        return _pieces is { } pieces && pieces.Length % SHA1.HashSizeInBytes != 0
            ? throw new MetainfoException("info.pieces", $"{pieces.Length} bytes are not a whole number of SHA-1 hashes")
            : files;
    }

    private int CheckPieceLength()
    {
        var length = _pieceLength ?? throw new MetainfoException("info.piece length", "missing");
        if (length < 1 || length > _limits.MaxPieceLength)
        {
            throw new MetainfoException("info.piece length", $"{length} is not within 1 to {_limits.MaxPieceLength} bytes");
        }

        if (_tree is not null && (length < MerkleTree.BlockSize || !BitOperations.IsPow2(length)))
        {
            throw new MetainfoException("info.piece length", $"{length} is not a power of two of at least {MerkleTree.BlockSize}, as BEP 52 demands");
        }

        return (int)length;
    }

    private static T Once<T>(T? earlier, T value, string name)
        where T : class =>
        earlier is null ? value : throw new MetainfoException($"info.{name}", "there twice");

    private static T Once<T>(T? earlier, T value, string name)
        where T : struct =>
        earlier is null ? value : throw new MetainfoException($"info.{name}", "there twice");
}
