using Pier.BitTorrent.Creation;
using Pier.BitTorrent.Selection;
using Pier.BitTorrent.Storage;
using Pier.BitTorrent.Swarms;
using Pier.TestKit;
using Pier.TestKit.Files;
using Pier.UnitTests.BitTorrent.Storage;

namespace Pier.UnitTests.BitTorrent.Swarms;

/// <summary>Two engines and a torrent of which only some files are wanted.</summary>
public sealed class SelectionTests : IAsyncDisposable
{
    private static readonly string[] Selected = ["b/b.bin", "b/c/d.bin", "e.bin"];

    private readonly TempFolder _folder = TempFolder.Create();
    private readonly Engines _engines = new();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    private string Target => _folder.Below("got");

    public async ValueTask DisposeAsync()
    {
        await _engines.DisposeAsync();
        await _folder.DisposeAsync();
    }

    [Theory]
    [InlineData(TorrentFormat.V1)]
    [InlineData(TorrentFormat.V2)]
    [InlineData(TorrentFormat.Hybrid)]
    public async Task Only_the_selected_files_travel(TorrentFormat format)
    {
        var (tree, seeding, swarm) = await StartAsync(format, FileChoice.Of([FilePattern.Parse("b/**"), FilePattern.Parse("e*")], []));
        await swarm.Completion.WaitAsync(Engines.Deadline, Token);

        ShouldHave([.. Selected, "empty"]);
        File.Exists(Path.Combine(Target, "a.bin")).ShouldBeFalse();
        File.Exists(Path.Combine(Target, "z.bin")).ShouldBeFalse();
        var pieces = Selected.SelectMany(tree.PiecesOf).Distinct().ToArray();
        await Eventually.TrueAsync(() => swarm.Statistics is { IsUploadOnly: true, MissingBytes: 0 }, "it wants no more", Engines.Deadline, Token);
        swarm.Statistics.PiecesHave.ShouldBe(pieces.Length);
        await Eventually.TrueAsync(() => seeding.Statistics.Uploaded >= Selected.Sum(path => SampleTree.Bytes(path).Length), "it is counted", Engines.Deadline, Token);
        seeding.Statistics.Uploaded.ShouldBeLessThanOrEqualTo(pieces.Sum(piece => (long)tree.Piece(piece).Length));
    }

    [Fact]
    public async Task More_may_be_selected_later()
    {
        var (_, _, swarm) = await StartAsync(TorrentFormat.V1, FileChoice.Of([FilePattern.Parse("b/b.bin")], []));
        await swarm.Completion.WaitAsync(Engines.Deadline, Token);

        await swarm.SelectAsync(FileChoice.All, Token);
        await swarm.Completion.WaitAsync(Engines.Deadline, Token);

        ShouldHave([.. SampleTree.Files.Select(file => file.Path)]);
        Directory.GetFiles(Target, ".*").ShouldBeEmpty();
    }

    [Fact]
    public async Task A_choice_that_names_no_file_changes_nothing_and_fails_a_swarm_that_starts_with_it()
    {
        var nothing = FileChoice.Of([FilePattern.Parse("*.iso")], []);
        var (tree, _, swarm) = await StartAsync(TorrentFormat.Hybrid, FileChoice.All);

        (await Should.ThrowAsync<FileChoiceException>(() => swarm.SelectAsync(nothing, Token))).Message.ShouldContain("'*.iso'");
        await swarm.Completion.WaitAsync(Engines.Deadline, Token);

        var third = await _engines.StartAsync();
        var failing = await third.AddAsync(SwarmSpec.For(tree.Torrent, Tree(_folder.Below("third"))) with { Files = nothing }, Token);
        (await Should.ThrowAsync<SwarmException>(() => failing.Completion.WaitAsync(Engines.Deadline, Token))).InnerException
            .ShouldBeOfType<FileChoiceException>();
    }

    [Fact]
    public async Task With_nothing_selected_a_readers_window_is_fetched_and_no_more()
    {
        var (tree, _, swarm) = await StartAsync(TorrentFormat.Hybrid, FileChoice.None);
        await swarm.Completion.WaitAsync(Engines.Deadline, Token);
        await Eventually.TrueAsync(() => swarm.Statistics.Peers.Count == 1, "they are connected", Engines.Deadline, Token);
        swarm.Statistics.PiecesHave.ShouldBe(0);

        var file = tree.Torrent.Files[tree.IndexOf("z.bin")];
        using var window = swarm.Prioritise(new Pier.Content.ByteRange(file.Offset + SampleTree.PieceLength, 1));

        await Eventually.TrueAsync(() => swarm.Statistics.PiecesHave == 1, "the piece is here", Engines.Deadline, Token);
        swarm.Statistics.State.ShouldBe(SwarmState.Seeding);
        swarm.Statistics.PiecesHave.ShouldBe(1);
    }

    [Fact]
    public async Task Removing_a_swarm_ends_the_wait_for_a_choice()
    {
        var engine = await _engines.StartAsync();
        var tree = await SampleTree.CreateAsync(_folder, TorrentFormat.V1, Token);
        var swarm = await engine.AddAsync(SwarmSpec.For(tree.Torrent, Tree(Target)), Token);
        await swarm.DisposeAsync();

        await Should.ThrowAsync<SwarmException>(() => swarm.SelectAsync(FileChoice.None, Token));
    }

    private static StorageFactory Tree(string path) =>
        (metainfo, token) => FileTreeStorage.OpenAsync(metainfo, path, new FileTreeOptions(), token);

    private void ShouldHave(params string[] paths)
    {
        foreach (var path in paths)
        {
            File.ReadAllBytes(Path.Combine(Target, path)).ShouldBe(SampleTree.Bytes(path), path);
        }
    }

    private async Task<(SampleTree Tree, Swarm Seeding, Swarm Leeching)> StartAsync(TorrentFormat format, FileChoice choice)
    {
        var tree = await SampleTree.CreateAsync(_folder, format, Token);
        var seeder = await _engines.StartAsync();
        var seeding = await seeder.AddAsync(
            SwarmSpec.For(tree.Torrent, (metainfo, token) => FileTreeStorage.OpenAsync(metainfo, tree.Folder, new FileTreeOptions { IsSealed = true }, token)),
            Token);
        var leecher = await _engines.StartAsync();
        var swarm = await leecher.AddAsync(
            SwarmSpec.For(tree.Torrent, Tree(Target)) with { Files = choice, Peers = [seeder.ListenEndPoint] }, Token);
        return (tree, seeding, swarm);
    }
}
