using Pier.Content.Contracts;
using Pier.TestKit.Trees;

namespace Pier.UnitTests.Content.Trees;

/// <summary>What every <see cref="IContentTree"/> must do; each implementation inherits these and shows the sample.</summary>
public abstract class ContentTreeConformance
{
    private const int Executable = 0x1ed;
    private const int LinkMode = 0x1ff;

    protected static CancellationToken Token => TestContext.Current.CancellationToken;

    /// <summary>The tree that implementations have to show.</summary>
    protected static IReadOnlyList<MemoryTreeEntry> Sample { get; } =
    [
        new("a.bin", Bytes(200_001)),
        new("b/b.bin", Bytes(65_536)),
        new("b/c/run.sh", Bytes(10), Mode: Executable),
        new("b/link", Link: "../a.bin", Mode: LinkMode),
        new("empty", []),
        new("z\u00fcrich", Bytes(3)),
        new("\uffee", Bytes(1)),
        new("\U0001f600", Bytes(2)),
    ];

    [Fact]
    public async Task Shows_every_entry_in_the_byte_order_of_names()
    {
        var tree = await OpenAsync();
        var nodes = await WalkAsync(tree);

        nodes.Keys.ShouldBe(["a.bin", "b", "b/b.bin", "b/c", "b/c/run.sh", "b/link", "empty", "z\u00fcrich", "\uffee", "\U0001f600"]);
        foreach (var entry in Sample)
        {
            var node = nodes[entry.Path];
            node.Kind.ShouldBe(entry.Link is null ? TreeNodeKind.File : TreeNodeKind.SymbolicLink, entry.Path);
            node.Mode.ShouldBe(entry.Mode, entry.Path);
            node.Size.ShouldBe(entry.Content?.Length ?? entry.Link!.Length, entry.Path);
            node.LinkTarget.ShouldBe(entry.Link, entry.Path);
        }

        nodes["b/c"].ShouldSatisfyAllConditions(
            node => node.Kind.ShouldBe(TreeNodeKind.Directory), node => node.Size.ShouldBe(0), node => node.Mode.ShouldBe(Executable));
    }

    [Fact]
    public async Task Ids_survive_a_restart_and_are_each_their_own()
    {
        var first = (await WalkAsync(await OpenAsync())).Select(node => (node.Key, node.Value.Id)).ToArray();
        await CloseAsync();
        var tree = await OpenAsync();
        var second = (await WalkAsync(tree)).Select(node => (node.Key, node.Value.Id)).ToArray();

        second.ShouldBe(first);
        first.Select(node => node.Id).Append(tree.Root).Distinct().Count().ShouldBe(first.Length + 1);
    }

    [Fact]
    public async Task Finds_children_by_name_and_nothing_else()
    {
        var tree = await OpenAsync();
        var folder = (await tree.LookupAsync(tree.Root, "b", Token))!;
        var inner = (await tree.LookupAsync(folder.Id, "c", Token))!;
        (await tree.LookupAsync(inner.Id, "run.sh", Token))!.Size.ShouldBe(10);
        foreach (var name in new[] { "", ".", "..", "B", "c", "b/c", "b/", "b\0", new string('x', 300), "\ud800" })
        {
            (await tree.LookupAsync(tree.Root, name, Token)).ShouldBeNull(name);
        }

        (await tree.FindAsync(folder.Id, Token)).ShouldBe(folder);
        (await tree.FindAsync(tree.Root, Token))!.Kind.ShouldBe(TreeNodeKind.Directory);
        (await tree.FindAsync(ulong.MaxValue, Token)).ShouldBeNull();
        (await tree.FindAsync(0, Token)).ShouldBeNull();
        (await tree.LookupAsync((await tree.LookupAsync(tree.Root, "a.bin", Token))!.Id, "x", Token)).ShouldBeNull();
        (await tree.LookupAsync(ulong.MaxValue, "b", Token)).ShouldBeNull();
        (await tree.LookupAsync(0, "b", Token)).ShouldBeNull();
    }

    [Fact]
    public async Task Reads_whole_files_and_parts_of_them()
    {
        var tree = await OpenAsync();
        var nodes = await WalkAsync(tree);
        foreach (var entry in Sample.Where(entry => entry.Content is not null))
        {
            await using var file = await tree.OpenAsync(nodes[entry.Path].Id, Token);
            file.Length.ShouldBe(entry.Content!.Length);
            (await ReadAsync(file, 0, entry.Content.Length + 1)).AsSpan().SequenceEqual(entry.Content).ShouldBeTrue(entry.Path);
        }

        await using var large = await tree.OpenAsync(nodes["a.bin"].Id, Token);
        foreach (var (offset, length) in new[] { (199_000, 5_000), (1, 1), (32_767, 2), (200_000, 9), (200_001, 9), (900_000, 9) })
        {
            var expected = Sample[0].Content!.Skip(offset).Take(length).ToArray();
            (await ReadAsync(large, offset, length)).ShouldBe(expected, $"{length} at {offset}");
        }

        (await large.ReadAtAsync(0, Memory<byte>.Empty, Token)).ShouldBe(0);
        await Should.ThrowAsync<ArgumentOutOfRangeException>(async () => await large.ReadAtAsync(-1, new byte[1], Token));
    }

    [Fact]
    public async Task Many_read_at_once()
    {
        var tree = await OpenAsync();
        var id = (await tree.LookupAsync(tree.Root, "a.bin", Token))!.Id;
        await Parallel.ForAsync(0, 16, Token, async (reader, token) =>
        {
            await using var file = await tree.OpenAsync(id, token);
            (await ReadAsync(file, reader * 12_000, 20_000)).ShouldBe(Sample[0].Content!.Skip(reader * 12_000).Take(20_000));
        });
    }

    [Fact]
    public async Task What_is_no_file_cannot_be_opened()
    {
        var tree = await OpenAsync();
        var nodes = await WalkAsync(tree);
        foreach (var id in new[] { tree.Root, nodes["b"].Id, nodes["b/link"].Id, 0UL, ulong.MaxValue })
        {
            await Should.ThrowAsync<ContentNotFoundException>(async () => await tree.OpenAsync(id, Token));
        }

        (await tree.ReadDirectoryAsync(nodes["a.bin"].Id, Token).CountAsync(Token)).ShouldBe(0);
        (await tree.ReadDirectoryAsync(ulong.MaxValue, Token).CountAsync(Token)).ShouldBe(0);
    }

    /// <summary>The sample, freshly opened.</summary>
    protected abstract Task<IContentTree> OpenAsync();

    /// <summary>Closes what was opened, before it is opened again.</summary>
    protected virtual Task CloseAsync() => Task.CompletedTask;

    /// <summary>Reads until so much has come or the file ends.</summary>
    protected static async Task<byte[]> ReadAsync(ITreeFile file, long offset, int length)
    {
        var bytes = new byte[length];
        var done = 0;
        while (done < length && await file.ReadAtAsync(offset + done, bytes.AsMemory(done), Token) is > 0 and var read)
        {
            done += read;
        }

        return bytes[..done];
    }

    private static byte[] Bytes(int length)
    {
        var bytes = new byte[length];
        new Random(length).NextBytes(bytes);
        return bytes;
    }

    private static async Task<Dictionary<string, TreeNode>> WalkAsync(IContentTree tree)
    {
        var nodes = new Dictionary<string, TreeNode>();
        await VisitAsync(tree.Root, "");
        return nodes;

        async Task VisitAsync(ulong directory, string above)
        {
            await foreach (var node in tree.ReadDirectoryAsync(directory, Token))
            {
                nodes.Add(above + node.Name, node);
                if (node.Kind == TreeNodeKind.Directory)
                {
                    await VisitAsync(node.Id, $"{above}{node.Name}/");
                }
            }
        }
    }
}

/// <summary>The twin in memory.</summary>
public sealed class MemoryTreeConformanceTests : ContentTreeConformance
{
    protected override Task<IContentTree> OpenAsync() => Task.FromResult<IContentTree>(new MemoryTree(Sample));
}
