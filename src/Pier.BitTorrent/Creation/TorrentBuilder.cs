using System.Numerics;
using Pier.BitTorrent.Hashing;
using Pier.BitTorrent.Torrents;

namespace Pier.BitTorrent.Creation;

/// <summary>Makes a torrent of a file or a folder on disk.</summary>
public static class TorrentBuilder
{
    private const int MaxChosenPieceLength = 16 << 20;
    private const int WantedPieces = 2048;

    /// <summary>A piece length that gives about 2048 pieces: a power of two from 16 KiB to 16 MiB.</summary>
    /// <param name="totalLength">Bytes of all files.</param>
    public static int PieceLengthFor(long totalLength)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(totalLength);
        var wanted = Math.Clamp(totalLength / WantedPieces, MerkleTree.BlockSize, MaxChosenPieceLength);
        return (int)BitOperations.RoundUpToPowerOf2((ulong)wanted);
    }

    /// <summary>Reads and hashes everything below the path.</summary>
    /// <param name="path">A file, or a folder with at least one file.</param>
    /// <param name="options">Format, piece length and what else goes in.</param>
    /// <param name="progress">Told after each MiB or so; may be null.</param>
    /// <param name="cancellationToken">Stops between reads.</param>
    /// <exception cref="TorrentCreationException">Something there cannot go into a torrent, cannot be read, or changed meanwhile.</exception>
    public static async Task<Metainfo> CreateAsync(
        string path,
        TorrentCreationOptions options,
        IProgress<TorrentCreationProgress>? progress,
        CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(options);
        var name = options.Name ?? Path.GetFileName(Path.TrimEndingDirectorySeparator(Path.GetFullPath(path)));
        if (TorrentPathRules.Problem(name) is { } problem)
        {
            throw new TorrentCreationException(path, $"its name cannot be a torrent's: {problem}");
        }

        var sources = SourceScan.Scan(path, name);
        var totalLength = sources.Sum(file => file.Length);
        var pieceLength = CheckPieceLength(path, options.PieceLength ?? PieceLengthFor(totalLength));
        var isSingleFile = File.Exists(path);

        var pads = !isSingleFile && (options.Format == TorrentFormat.Hybrid || (options.Format == TorrentFormat.V1 && options.PadFiles));

        using var hasher = new ContentHasher(options.Format, pieceLength, totalLength, progress);
        var files = new List<HashedFile>(sources.Count);
        foreach (var source in sources)
        {
            var tree = await hasher.HashAsync(source, cancellationToken).ConfigureAwait(false);
            files.Add(new HashedFile(source.Path, source.Length, source.Attributes, source.SymlinkTarget, tree));
            var gap = MetainfoAssembler.AlignUp(source.Length, pieceLength) - source.Length;
            if (pads && gap > 0)
            {
                files.Add(HashedFile.Padding(gap));
                hasher.HashPadding(gap);
            }
        }

        var writer = new InfoWriter(options.Format, name, pieceLength, options.IsPrivate, isSingleFile);
        return Assemble(writer.Write(files, hasher.FinishPieces()), files, options.Envelope);
    }

    // Reading back what was written checks it by the same rules as anybody's torrent.
    private static Metainfo Assemble(ReadOnlyMemory<byte> info, List<HashedFile> files, MetainfoEnvelope envelope)
    {
        var layers = files
            .Where(file => file.Tree is { Layer.IsEmpty: false })
            .DistinctBy(file => file.Tree!.Root)
            .ToDictionary(file => file.Tree!.Root!.Value, file => file.Tree!.Layer);
        return MetainfoAssembler.Assemble(
            InfoReader.Read(info, MetainfoLimits.Default),
            PieceLayers.Of(layers),
            envelope,
            MetainfoLimits.Default);
    }

    private static int CheckPieceLength(string path, int pieceLength) =>
        pieceLength >= MerkleTree.BlockSize && pieceLength <= MetainfoLimits.Default.MaxPieceLength && BitOperations.IsPow2(pieceLength)
            ? pieceLength
            : throw new TorrentCreationException(path, $"a piece length of {pieceLength} is not a power of two from 16 KiB to 256 MiB");
}
