using System.Buffers;
using System.Security.Cryptography;
using Pier.BitTorrent.Blobs;
using Pier.BitTorrent.Creation;
using Pier.BitTorrent.Torrents;
using Pier.Content;
using Pier.Content.Labels;

namespace Pier.Daemon.Containers;

/// <summary>
/// Reads labelled content once from its beginning to its end: is it what a digest of the label names? A file has to have the
/// label's SHA-256; a folder has to make the torrent whose info-hash the label tells.
/// </summary>
internal sealed class DataProof : IDisposable
{
    /// <summary>Most bytes of one content.</summary>
    public const long MostBytes = 64L << 30;

    private const int BlocksAtOnce = 16;

    // What a label can have hashed; what is kept in memory of it is ProvedData.Weight.
    private static readonly MetainfoLimits Limits = new() { MaxInfoBytes = DataLabelText.MaxOutline, MaxFiles = 2000, MaxPieces = 1 << 18, MaxLength = 2 * MostBytes };

    private readonly DataLabel _label;
    private readonly IDataFiles _files;
    private readonly BlockSeals _seals = new();
    private readonly List<Digest> _digests = [];
    private readonly IncrementalHash _sha256 = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
    private readonly OutlineHasher? _torrent;
    private readonly BlobTorrentHasher? _blob;
    private readonly TorrentOutline? _outline;
    private readonly long _length;

    private DataProof(DataLabel label, IDataFiles files, TorrentOutline outline)
    {
        (_label, _files, _outline, _torrent) = (label, files, outline, outline.Fill());
        Weight = ProvedData.WeightOf(outline.Frame.TotalLength, outline.Frame.PieceCount, outline.Frame.Files.Count);
    }

    private DataProof(DataLabel label, IDataFiles files, long length)
    {
        (_label, _files, _length, _blob) = (label, files, length, new BlobTorrentHasher(length));
        Weight = ProvedData.WeightOf(length, ((length - 1) / BlobTorrent.PieceLengthFor(length)) + 1, files: 1);
    }

    /// <summary>What the content weighs when it is what the label says (<see cref="ProvedData.Weight"/>).</summary>
    public long Weight { get; }

    /// <summary>Begins a proof: tells what there is to prove, and reads no content yet.</summary>
    /// <param name="label">What a stranger says of it.</param>
    /// <param name="files">Where it is read.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="DataRefusedException">What the label says cannot be.</exception>
    /// <exception cref="IOException">It cannot be read.</exception>
    public static async Task<DataProof> BeginAsync(DataLabel label, IDataFiles files, CancellationToken cancellationToken)
    {
        if (!label.Outline.IsEmpty)
        {
            return new DataProof(label, files, ReadOutline(label));
        }

        if (label.IsTree)
        {
            throw new DataRefusedException("its label has no torrent, by which alone a folder can be served");
        }

        var length = await files.LengthAsync("", cancellationToken);
        return length is > 0 and <= MostBytes
            ? new DataProof(label, files, length)
            : throw new DataRefusedException($"it has {length} bytes; one to {MostBytes} are served so");
    }

    /// <summary>Proves it. To be called once.</summary>
    /// <exception cref="DataRefusedException">It is not what the label says.</exception>
    /// <exception cref="IOException">It cannot be read.</exception>
    public async Task<ProvedData> RunAsync(CancellationToken cancellationToken)
    {
        try
        {
            return new ProvedData(_torrent is null ? await BlobAsync(cancellationToken) : await TorrentAsync(_torrent, cancellationToken), _seals, _digests);
        }
        catch (MetainfoException refused)
        {
            throw new DataRefusedException($"its torrent: {refused.Message}", refused);
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _sha256.Dispose();
        _torrent?.Dispose();
        _blob?.Dispose();
    }

    private static TorrentOutline ReadOutline(DataLabel label)
    {
        TorrentOutline outline;
        try
        {
            outline = TorrentOutline.Read(label.Outline, Limits);
        }
        catch (MetainfoException refused)
        {
            throw new DataRefusedException($"its torrent: {refused.Message}", refused);
        }

        if (outline.Frame.IsSingleFile == label.IsTree || outline.Frame.TotalLength > MostBytes)
        {
            throw new DataRefusedException($"its torrent is of {(label.IsTree ? "one file" : "a folder")}, or larger than {MostBytes >> 30} GiB");
        }

        return label.IsTree && label.Size is { } said && outline.Frame.Files.Sum(file => file.IsPadding ? 0 : file.Length) > said
            ? throw new DataRefusedException($"its torrent has more than the {said} bytes of its label")
            : outline;
    }

    private async Task<Metainfo> TorrentAsync(OutlineHasher hasher, CancellationToken cancellationToken)
    {
        while (hasher.Next() is { } index)
        {
            var file = _outline!.Frame.Files[index];
            // A link of the torrent is a link in the container: it has no bytes.
            if (file.SymlinkTarget is null)
            {
                await ReadAsync(_label.IsTree ? file.RelativePath : "", file.Length, cancellationToken);
            }
        }

        CheckDigest();
        var torrent = hasher.Complete();
        return _label.InfoHashes.Contains(torrent.Id.V1?.ToString() ?? torrent.Id.V2.ToString()!, StringComparer.Ordinal)
            ? torrent
            : throw new DataRefusedException($"its content makes the torrent {torrent.Id}, which the label does not name");
    }

    private async Task<Metainfo> BlobAsync(CancellationToken cancellationToken)
    {
        await ReadAsync("", _length, cancellationToken);
        CheckDigest();
        return _blob!.Complete(_label.Digest.Hex);
    }

    private void CheckDigest()
    {
        if (!_label.IsTree && (_digests is not [var digest] || digest != _label.Digest))
        {
            throw new DataRefusedException($"it is not {_label.Digest}");
        }
    }

    private async Task ReadAsync(string name, long length, CancellationToken cancellationToken)
    {
        if (await _files.LengthAsync(name, cancellationToken) != length || (!_label.IsTree && _label.Size is { } said && said != length))
        {
            throw new DataRefusedException($"{(name.Length == 0 ? "it" : name)} has another length");
        }

        _seals.Add(name, length);
        var buffer = ArrayPool<byte>.Shared.Rent(BlockSeals.KeySize + (BlocksAtOnce * BlockSeals.BlockSize));
        var keyed = ArrayPool<byte>.Shared.Rent(BlockSeals.KeySize + BlockSeals.BlockSize);
        try
        {
            for (var offset = 0L; offset < length;)
            {
                var part = buffer.AsMemory(0, (int)Math.Min(BlocksAtOnce * BlockSeals.BlockSize, length - offset));
                await FillAsync(name, offset, part, cancellationToken);
                _sha256.AppendData(part.Span);
                _torrent?.Append(part.Span);
                _blob?.Append(part.Span);
                for (var at = 0; at < part.Length; at += BlockSeals.BlockSize)
                {
                    var block = part.Span[at..Math.Min(part.Length, at + BlockSeals.BlockSize)];
                    block.CopyTo(keyed.AsSpan(BlockSeals.KeySize));
                    _seals.Seal(name, (offset + at) / BlockSeals.BlockSize, keyed.AsSpan(0, BlockSeals.KeySize + block.Length));
                }

                offset += part.Length;
            }

            var digest = Digest.Parse($"sha256:{Convert.ToHexStringLower(_sha256.GetHashAndReset())}");
            if (length > 0 || !_label.IsTree)
            {
                _digests.Add(digest);
            }
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
            ArrayPool<byte>.Shared.Return(keyed);
        }
    }

    private async Task FillAsync(string name, long offset, Memory<byte> part, CancellationToken cancellationToken)
    {
        for (var done = 0; done < part.Length;)
        {
            var read = await _files.ReadAsync(name, offset + done, part[done..], cancellationToken);
            done += read > 0 ? read : throw new DataRefusedException("it became shorter while it was read");
        }
    }
}
