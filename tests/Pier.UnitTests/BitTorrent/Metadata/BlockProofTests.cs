using Pier.BitTorrent.Metadata;
using Pier.BitTorrent.Pieces;
using Pier.BitTorrent.Swarms;
using Pier.BitTorrent.Torrents;
using Pier.BitTorrent.Wire;
using Pier.UnitTests.BitTorrent.Storage;
using Pier.UnitTests.BitTorrent.Swarms;

namespace Pier.UnitTests.BitTorrent.Metadata;

/// <summary>Block hashes as the server computes them and as the proof checks them (BEP 52), for files of every shape.</summary>
public sealed class BlockProofTests
{
    private const int Block = 16 * 1024;
    private const int Piece = 256 * 1024;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(2 * Block)]
    [InlineData(5 * Block + 1)]
    [InlineData(Piece)]
    [InlineData(Piece + 1)]
    [InlineData(3 * Piece - 5)]
    [InlineData(9 * Piece + 3 * Block)]
    public async Task What_is_served_proves_itself_by_the_piece_and_by_the_root(int length)
    {
        var bytes = Engines.RandomBytes(length);
        var metainfo = Engines.BlobOf(bytes);
        var content = ContentOf(metainfo, bytes);
        using var server = new BlockHashServer(TimeProvider.System);
        foreach (var asker in new[] { metainfo, WithoutLayers(metainfo) })
        {
            for (var piece = 0; piece < metainfo.PieceCount; piece++)
            {
                foreach (var (first, count) in new[] { (0, int.MaxValue), (0, 1), (3, 4) })
                {
                    if (first * Block >= metainfo.Layout.PieceSize(piece) || BlockProof.RequestFor(asker, piece, first, count) is not { } request)
                    {
                        continue;
                    }

                    var answer = await server.AnswerAsync(content, request, Token);
                    HashRequest.ParseAnswer(answer, out var nodes).ShouldBe(request);
                    BlockProof.Proves(asker, piece, request, nodes).ShouldBeTrue($"{request} of piece {piece}");
                    BlockProof.Proves(asker, piece, request, Flip(nodes)).ShouldBeFalse();
                    BlockProof.Proves(asker, piece, request, nodes[32..]).ShouldBeFalse();
                }
            }
        }
    }

    [Fact]
    public void A_few_blocks_cost_a_few_hashes()
    {
        var metainfo = Engines.BlobOf(Engines.RandomBytes(10 * Piece));
        BlockProof.RequestFor(metainfo, 3, 5, 2).ShouldNotBeNull()
            .ShouldBe(new HashRequest(metainfo.Files[0].PiecesRoot!.Value, 0, 3 * 16 + 4, 2, 3));
        BlockProof.RequestFor(metainfo, 3).ShouldNotBeNull().Length.ShouldBe(16);
    }

    [Fact]
    public void A_piece_of_one_block_needs_no_proof() =>
        BlockProof.RequestFor(Engines.BlobOf(Engines.RandomBytes(100)), 0).ShouldBeNull();

    [Fact]
    public async Task What_is_not_held_or_not_in_the_tree_is_refused()
    {
        var bytes = Engines.RandomBytes(3 * Piece);
        var metainfo = Engines.BlobOf(bytes);
        var root = metainfo.Files[0].PiecesRoot!.Value;
        var content = ContentOf(metainfo, bytes);
        content.Have.Remove(1);
        using var server = new BlockHashServer(TimeProvider.System);
        (await server.AnswerAsync(content, new HashRequest(root, 0, 16, 16, 0), Token)).ShouldBeNull("the piece is missing");
        (await server.AnswerAsync(content, new HashRequest(root, 0, 64, 16, 0), Token)).ShouldBeNull("beyond the file");
        (await server.AnswerAsync(content, new HashRequest(root, 0, 0, 32, 0), Token)).ShouldBeNull("more than a piece");
        (await server.AnswerAsync(content, new HashRequest(new MerkleRoot(new byte[32]), 0, 0, 16, 0), Token)).ShouldBeNull("another file");
        (await server.AnswerAsync(content, new HashRequest(root, 2, 0, 4, 0), Token)).ShouldNotBeNull("a layer in between");
        bytes[5]++;
        using var afresh = new BlockHashServer(TimeProvider.System);
        (await afresh.AnswerAsync(content, new HashRequest(root, 0, 0, 16, 0), Token))
            .ShouldBeNull("the disk has rotted");
    }

    private static TorrentContent ContentOf(Metainfo metainfo, byte[] bytes)
    {
        var have = new Bitfield(metainfo.PieceCount);
        have.Fill();
        return new TorrentContent(metainfo, PieceGrid.Of(metainfo.Layout, Block), have, MemoryStorage.Full(bytes));
    }

    private static Metainfo WithoutLayers(Metainfo metainfo) =>
        Metainfo.ParseInfo(metainfo.Info, MetainfoEnvelope.Empty, MetainfoLimits.Default);

    private static byte[] Flip(ReadOnlySpan<byte> nodes)
    {
        var lie = nodes.ToArray();
        lie[^1]++;
        return lie;
    }
}
