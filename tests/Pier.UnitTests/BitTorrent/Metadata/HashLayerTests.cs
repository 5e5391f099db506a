using Pier.BitTorrent.Creation;
using Pier.BitTorrent.Metadata;
using Pier.BitTorrent.Torrents;
using Pier.BitTorrent.Wire;
using Pier.TestKit.Files;
using Pier.TestKit.Time;
using Pier.UnitTests.BitTorrent.Swarms;

namespace Pier.UnitTests.BitTorrent.Metadata;

/// <summary>Hash layers asked for and served (BEP 52), against each other and against what must be refused.</summary>
public sealed class HashLayerTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(2)]
    [InlineData(5)]
    [InlineData(700)]
    public async Task What_is_served_completes_what_is_asked_for(int pieces)
    {
        var (whole, bare) = await TorrentAsync(pieces);
        var fetch = new LayerFetch(bare, new ManualTimeProvider());
        fetch.IsComplete.ShouldBeFalse();
        foreach (var request in fetch.NextRequests("peer"))
        {
            var answer = HashServer.Answer(whole, request).ShouldNotBeNull();
            fetch.Receive("peer", answer).ShouldBeTrue();
        }

        fetch.IsComplete.ShouldBeTrue();
        fetch.Complete().PieceLayer(0).ToArray().ShouldBe(whole.PieceLayer(0).ToArray());
    }

    [Fact]
    public async Task A_layer_that_does_not_hash_to_the_root_tells_a_liar_and_another_is_asked()
    {
        var (whole, bare) = await TorrentAsync(5);
        var fetch = new LayerFetch(bare, new ManualTimeProvider());
        var request = fetch.NextRequests("liar").ShouldHaveSingleItem();
        var lie = HashServer.Answer(whole, request)!;
        lie[HashRequest.Size] ^= 1;
        fetch.Receive("liar", lie).ShouldBeFalse();
        fetch.NextRequests("other").ShouldBe([request]);
    }

    [Fact]
    public async Task Slow_and_unable_peers_are_replaced()
    {
        var (_, bare) = await TorrentAsync(5);
        var clock = new ManualTimeProvider();
        var fetch = new LayerFetch(bare, clock);
        fetch.NextRequests("slow").ShouldHaveSingleItem();
        fetch.NextRequests("other").ShouldBeEmpty();
        clock.Advance(TimeSpan.FromSeconds(16));
        fetch.Tick();
        fetch.NextRequests("slow").ShouldBeEmpty();
        fetch.NextRequests("other").ShouldHaveSingleItem();
    }

    [Fact]
    public async Task Other_layers_files_and_ranges_are_refused()
    {
        var (whole, bare) = await TorrentAsync(5);
        var good = new LayerFetch(bare, new ManualTimeProvider()).NextRequests("peer").Single();
        HashServer.Answer(whole, good with { BaseLayer = 1 }).ShouldBeNull();
        HashServer.Answer(whole, good with { Root = new MerkleRoot(new byte[32]) }).ShouldBeNull();
        HashServer.Answer(whole, good with { Index = 8 }).ShouldBeNull();
        HashServer.Answer(bare, good).ShouldBeNull();
    }

    [Fact]
    public async Task Uncles_prove_a_part_up_to_the_root()
    {
        var (whole, _) = await TorrentAsync(5);
        var root = whole.Files[0].PiecesRoot!.Value;
        var answer = HashServer.Answer(whole, new HashRequest(root, BaseLayer: 0, Index: 4, Length: 2, ProofLayers: 2)).ShouldNotBeNull();
        HashRequest.ParseAnswer(answer, out var nodes);
        nodes.Length.ShouldBe(4 * 32);
        var pair = Combine(nodes[..32], nodes[32..64]);
        var right = Combine(pair, nodes[64..96]);
        new MerkleRoot(Combine(nodes[96..128], right)).ShouldBe(root);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(510)]
    [InlineData(1536)]
    [InlineData(2044)]
    public async Task Uncles_of_a_large_file_prove_up_to_the_root(int index)
    {
        var (whole, _) = await TorrentAsync(2047);
        var root = whole.Files[0].PiecesRoot!.Value;
        var answer = HashServer.Answer(whole, new HashRequest(root, BaseLayer: 0, index, Length: 2, ProofLayers: 48)).ShouldNotBeNull();
        HashRequest.ParseAnswer(answer, out var nodes);
        nodes.Length.ShouldBe(12 * 32);
        var node = Combine(nodes[..32], nodes[32..64]);
        for (var level = 1; level < 11; level++)
        {
            var uncle = nodes.Slice((level + 1) * 32, 32);
            node = (index >> level & 1) == 0 ? Combine(node, uncle) : Combine(uncle, node);
        }

        new MerkleRoot(node).ShouldBe(root);
    }

    [Fact]
    public async Task Copies_of_a_file_share_a_layer_and_other_files_are_asked_of_other_peers()
    {
        await using var folder = TempFolder.Create();
        foreach (var (name, seed) in new[] { ("a", 1), ("b", 2), ("c", 1), ("d", 1) })
        {
            await File.WriteAllBytesAsync(folder.Below(name), Engines.RandomBytes(3 * 16384, seed), Token);
        }

        var whole = await TorrentBuilder.CreateAsync(
            folder.Path, new TorrentCreationOptions { Format = TorrentFormat.V2, PieceLength = 16384 }, progress: null, Token);
        var fetch = new LayerFetch(Metainfo.ParseInfo(whole.Info, MetainfoEnvelope.Empty, MetainfoLimits.Default), new ManualTimeProvider());
        foreach (var peer in new[] { "one", "other" })
        {
            fetch.IsComplete.ShouldBeFalse();
            fetch.Receive(peer, HashServer.Answer(whole, fetch.NextRequests(peer).ShouldHaveSingleItem())!).ShouldBeTrue();
        }

        fetch.NextRequests("third").ShouldBeEmpty();
        fetch.IsComplete.ShouldBeTrue();
        var complete = fetch.Complete();
        for (var file = 0; file < 4; file++)
        {
            complete.PieceLayer(file).ToArray().ShouldBe(whole.PieceLayer(file).ToArray());
        }
    }

    private static byte[] Combine(ReadOnlySpan<byte> left, ReadOnlySpan<byte> right) =>
        System.Security.Cryptography.SHA256.HashData((byte[])[.. left, .. right]);

    private static async Task<(Metainfo Whole, Metainfo Bare)> TorrentAsync(int pieces)
    {
        await using var folder = TempFolder.Create();
        var path = folder.Below("file");
        await File.WriteAllBytesAsync(path, Engines.RandomBytes(pieces * 16384 - 100), Token);
        var whole = await TorrentBuilder.CreateAsync(
            path, new TorrentCreationOptions { Format = TorrentFormat.V2, PieceLength = 16384 }, progress: null, Token);
        return (whole, Metainfo.ParseInfo(whole.Info, MetainfoEnvelope.Empty, MetainfoLimits.Default));
    }
}
