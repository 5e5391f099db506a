using System.Buffers.Binary;
using System.Runtime.CompilerServices;
using System.Text;
using Pier.Content.Contracts;
using Pier.TestKit;
using Pier.TestKit.Time;
using Pier.TestKit.Trees;
using Pier.Volumes.Fuse.Protocol;
using Pier.Volumes.Fuse.Serving;

namespace Pier.UnitTests.Volumes.Fuse;

/// <summary>Trees that break every rule of theirs: the kernel is told of nothing that would fail its directories, and memory stays bounded.</summary>
public sealed class HostileTreeTests
{
    private const int Many = 100_000;

    private static readonly TimeSpan Deadline = Eventually.Patience;

    [Fact]
    public async Task Names_that_cannot_be_are_left_out()
    {
        string[] names = ["", ".", "..", "a/b", "a\0b", new string('x', 256), new string('ü', 128), "\ud800", "fine", new string('ü', 127)];
        await using var kernel = new KernelSide(new ListTree(names));

        List(kernel).ShouldBe([".", "..", "fine", new string('ü', 127)]);
    }

    [Fact]
    public async Task A_directory_of_very_many_is_listed_without_being_held()
    {
        var tree = new CountTree();
        await using var kernel = new KernelSide(tree);
        kernel.Ask(FuseOpcode.ReadDirectory, 1, KernelSide.Read(kernel.Ask(FuseOpcode.OpenDirectory, 1, KernelSide.Words(0)).Body[0], 0, 4096));
        tree.Taken.ShouldBeLessThan(200, "no more than was asked for");
        tree.Taken = 0;

        List(kernel).Count.ShouldBe(Many + 2);

        tree.Taken.ShouldBe(Many, "each once");
        kernel.Dispatcher.Nodes.Count.ShouldBe(0);
    }

    [Fact]
    public async Task A_listing_that_never_comes_ends_with_its_readers_patience_and_with_the_mount()
    {
        var time = new ManualTimeProvider();
        var kernel = new KernelSide(new SilentTree(), time: time);
        var handle = BinaryPrimitives.ReadUInt64LittleEndian(kernel.Ask(FuseOpcode.OpenDirectory, 1, KernelSide.Words(0)).Body);
        foreach (var _ in new[] { "the first", "and whoever comes after it" })
        {
            var asked = kernel.Send(FuseOpcode.ReadDirectory, 1, KernelSide.Read(handle, 2, 4096));
            kernel.AnswerTo(asked).ShouldBeNull();
            time.Advance(new FuseOptions().Patience);
            await Eventually.TrueAsync(() => kernel.AnswerTo(asked) is { Errno: > 0 }, "an answer", Deadline, TestContext.Current.CancellationToken);
        }

        kernel.Send(FuseOpcode.ReadDirectory, 1, KernelSide.Read(handle, 2, 4096));
        await kernel.DisposeAsync().AsTask().WaitAsync(Deadline, TestContext.Current.CancellationToken);
    }

    [Fact]
    public async Task A_source_that_gives_more_than_was_asked_for_is_an_error()
    {
        await using var kernel = new KernelSide(new GreedyTree());
        var node = kernel.LookUp(1, "a");
        kernel.Ask(FuseOpcode.Read, node, KernelSide.Read(kernel.Open(node).Handle, 0, 100)).Errno.ShouldBe(5);
        kernel.Failures.ShouldHaveSingleItem().ShouldContain("gave 200 bytes where 100 were asked for");
    }

    private static List<string> List(KernelSide kernel)
    {
        var handle = BinaryPrimitives.ReadUInt64LittleEndian(kernel.Ask(FuseOpcode.OpenDirectory, 1, KernelSide.Words(0)).Body);
        var names = new List<string>();
        var next = 0L;
        while (kernel.Ask(FuseOpcode.ReadDirectory, 1, KernelSide.Read(handle, next, 128 << 10)).Body is { Length: > 0 } body)
        {
            for (var rest = body.AsSpan(); rest.Length > 0;)
            {
                var length = BinaryPrimitives.ReadInt32LittleEndian(rest[16..]);
                names.Add(Encoding.UTF8.GetString(rest.Slice(24, length)));
                next = BinaryPrimitives.ReadInt64LittleEndian(rest[8..]);
                rest = rest[((24 + length + 7) & ~7)..];
            }

            kernel.ForgetAnswers();
        }

        return names;
    }

    private abstract class OddTree() : TreeOver(new MemoryTree([new("a", [1])]))
    {
        protected static async IAsyncEnumerable<TreeNode> Nodes(IEnumerable<string> names, [EnumeratorCancellation] CancellationToken cancellationToken = default)
        {
            ulong id = 10;
            foreach (var name in names)
            {
                cancellationToken.ThrowIfCancellationRequested();
                yield return new TreeNode(id++, name, TreeNodeKind.File, 0x1a4, 1);
            }

            await ValueTask.CompletedTask;
        }
    }

    private sealed class ListTree(string[] names) : OddTree
    {
        public override IAsyncEnumerable<TreeNode> ReadDirectoryAsync(ulong directory, CancellationToken cancellationToken) => Nodes(names, cancellationToken);
    }

    private sealed class SilentTree : OddTree
    {
        public override async IAsyncEnumerable<TreeNode> ReadDirectoryAsync(ulong directory, [EnumeratorCancellation] CancellationToken cancellationToken)
        {
            await new TaskCompletionSource().Task.WaitAsync(cancellationToken);
            yield break;
        }
    }

    private sealed class CountTree : OddTree
    {
        /// <summary>Entries that were asked for.</summary>
        public int Taken { get; set; }

        public override IAsyncEnumerable<TreeNode> ReadDirectoryAsync(ulong directory, CancellationToken cancellationToken) =>
            Nodes(Enumerable.Range(0, Many).Select(number => $"file-{Taken++}-{number}"), cancellationToken);
    }

    private sealed class GreedyTree : OddTree
    {
        public override ValueTask<ITreeFile> OpenAsync(ulong file, CancellationToken cancellationToken) => ValueTask.FromResult<ITreeFile>(new GreedyFile());

        private sealed class GreedyFile : ITreeFile
        {
            public long Length => 1;

            public ValueTask<int> ReadAtAsync(long offset, Memory<byte> buffer, CancellationToken cancellationToken) => ValueTask.FromResult(200);

            public ValueTask DisposeAsync() => ValueTask.CompletedTask;
        }
    }
}
