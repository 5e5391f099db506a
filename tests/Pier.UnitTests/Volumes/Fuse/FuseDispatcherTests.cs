using System.Buffers.Binary;
using System.Text;
using Pier.Content.Contracts;
using Pier.Store.Trees;
using Pier.TestKit;
using Pier.TestKit.Files;
using Pier.TestKit.Time;
using Pier.TestKit.Trees;
using Pier.Volumes.Fuse.Protocol;
using Pier.Volumes.Fuse.Serving;

namespace Pier.UnitTests.Volumes.Fuse;

/// <summary>Every request of the kernel gets its one answer: right bytes, right error number, right counts.</summary>
public sealed class FuseDispatcherTests
{
    private static readonly TimeSpan Deadline = Eventually.Patience;
    private static readonly byte[] Content = [.. Enumerable.Range(0, 5000).Select(at => (byte)(at * 7))];

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    private static MemoryTree Sample => new([new("a.bin", Content), new("d/e", [1]), new("link", Link: "a.bin", Mode: 0x1ff)]);

    [Fact]
    public async Task Names_are_looked_up_held_and_forgotten()
    {
        await using var kernel = new KernelSide(Sample);
        var file = kernel.LookUp(1, "a.bin");
        kernel.LookUp(1, "a.bin").ShouldBe(file);
        var folder = kernel.LookUp(1, "d");
        kernel.Dispatcher.Nodes.Count.ShouldBe(2);

        kernel.Ask(FuseOpcode.Lookup, 1, KernelSide.Name("none")).ShouldSatisfyAllConditions(
            answer => answer.Errno.ShouldBe(0), answer => answer.Body.Length.ShouldBe(128), answer => answer.Body[..8].ShouldAllBe(value => value == 0));
        kernel.Ask(FuseOpcode.Lookup, 1, [0xff, 0]).Body[..8].ShouldAllBe(value => value == 0);
        kernel.Ask(FuseOpcode.Lookup, 1, [0x61]).Errno.ShouldBe(22);
        kernel.Ask(FuseOpcode.Lookup, 1, KernelSide.Name(new string('x', 255))).Errno.ShouldBe(0);
        kernel.Ask(FuseOpcode.Lookup, 1, KernelSide.Name(new string('x', 256))).Errno.ShouldBe(36);

        kernel.AnswerTo(kernel.Send(FuseOpcode.Forget, file, KernelSide.Words(1))).ShouldBeNull("nobody waits for an answer");
        kernel.Dispatcher.Nodes.Count.ShouldBe(2);
        kernel.AnswerTo(kernel.Send(FuseOpcode.BatchForget, 0, KernelSide.Words(3, file, 1, folder, 5, 99, 1))).ShouldBeNull();
        kernel.Dispatcher.Nodes.Count.ShouldBe(0);
        kernel.Ask(FuseOpcode.GetAttributes, file, new byte[16]).Errno.ShouldBe(0, "what was told by a former server is found again");
        kernel.Ask(FuseOpcode.GetAttributes, 4711, new byte[16]).Errno.ShouldBe(2);
    }

    [Fact]
    public async Task Attributes_carry_owner_and_umask()
    {
        await using var kernel = new KernelSide(Sample, new FuseOptions { Uid = 7, Gid = 8, Umask = 0x12 });
        var body = kernel.Ask(FuseOpcode.GetAttributes, kernel.LookUp(1, "a.bin"), new byte[16]).Body;
        BinaryPrimitives.ReadInt64LittleEndian(body.AsSpan(16 + 8)).ShouldBe(5000);
        BinaryPrimitives.ReadUInt32LittleEndian(body.AsSpan(16 + 60)).ShouldBe(0x8000u | 0x1a4);
        BinaryPrimitives.ReadUInt64LittleEndian(body.AsSpan(16 + 68)).ShouldBe(7UL | 8UL << 32);
        BinaryPrimitives.ReadUInt32LittleEndian(kernel.Ask(FuseOpcode.GetAttributes, 1, new byte[16]).Body.AsSpan(16 + 60)).ShouldBe(0x4000u | 0x1ed);
        BinaryPrimitives.ReadUInt32LittleEndian(kernel.Ask(FuseOpcode.Lookup, 1, KernelSide.Name("link")).Body.AsSpan(40 + 60)).ShouldBe(0xa000u | 0x1ff);
    }

    [Fact]
    public async Task Files_are_opened_read_and_released()
    {
        await using var kernel = new KernelSide(Sample);
        var node = kernel.LookUp(1, "a.bin");
        var (handle, flags, backing) = kernel.Open(node);
        (flags, backing).ShouldBe(((uint)(FuseOpenFlags.KeepCache | FuseOpenFlags.NoFlush), 0));
        kernel.Ask(FuseOpcode.Read, node, KernelSide.Read(handle, 10, 100)).Body.ShouldBe(Content[10..110]);
        kernel.Ask(FuseOpcode.Read, node, KernelSide.Read(handle, 4096, 1 << 20)).Body.ShouldBe(Content[4096..]);
        kernel.Ask(FuseOpcode.Read, node, KernelSide.Read(handle, 5000, 100)).Body.ShouldBeEmpty();
        kernel.Ask(FuseOpcode.Read, node, KernelSide.Read(handle, long.MaxValue, uint.MaxValue)).Body.ShouldBeEmpty();
        kernel.Ask(FuseOpcode.Read, node, KernelSide.Read(handle + 1, 0, 3)).Body.ShouldBe(Content[..3], "a handle of a former server");
        kernel.Ask(FuseOpcode.Release, node, [.. KernelSide.Words(handle), .. new byte[16]]).Errno.ShouldBe(0);
        kernel.Ask(FuseOpcode.Release, node, [.. KernelSide.Words(handle), .. new byte[16]]).Errno.ShouldBe(0);
        kernel.Ask(FuseOpcode.Release, node, [.. KernelSide.Words(handle + 1), .. new byte[16]]).Errno.ShouldBe(0);
        kernel.Dispatcher.OpenFiles.ShouldBe(0);

        kernel.Ask(FuseOpcode.Open, node, KernelSide.Words(1)).Errno.ShouldBe(30);
        kernel.Ask(FuseOpcode.Open, kernel.LookUp(1, "d"), KernelSide.Words(0)).Errno.ShouldBe(21);
        kernel.Ask(FuseOpcode.Open, 4711, KernelSide.Words(0)).Errno.ShouldBe(2);
        kernel.Ask(FuseOpcode.ReadLink, kernel.LookUp(1, "link")).Body.ShouldBe("a.bin"u8.ToArray());
        kernel.Ask(FuseOpcode.ReadLink, node).Errno.ShouldBe(22);
    }

    [Fact]
    public async Task An_open_that_nobody_waits_for_any_more_is_closed()
    {
        await using var kernel = new KernelSide(Sample);
        var node = kernel.LookUp(1, "a.bin");
        kernel.WriteErrno = 2;
        kernel.Send(FuseOpcode.Open, node, KernelSide.Words(0));
        kernel.Dispatcher.OpenFiles.ShouldBe(0);
    }

    [Fact]
    public async Task The_first_handle_decides_who_reads_a_file()
    {
        await using var folder = TempFolder.Create("whole");
        await File.WriteAllBytesAsync(folder.Below("a"), Content, Token);
        var tree = new TrickleTree(new FolderTree(folder.Path));
        await using var kernel = new KernelSide(tree) { NextBacking = 5 };
        var node = kernel.LookUp(1, "a");
        var early = kernel.Open(node);
        early.Backing.ShouldBe(0, "it has not arrived");
        tree.Let(Content.Length);
        var cached = kernel.Open(node);
        cached.Backing.ShouldBe(0, "another handle is cached");
        Release(early.Handle);
        Release(cached.Handle);

        var direct = kernel.Open(node);
        direct.ShouldSatisfyAllConditions(open => open.Backing.ShouldBe(5), open => ((FuseOpenFlags)open.Flags).ShouldBe(FuseOpenFlags.Passthrough | FuseOpenFlags.NoFlush));
        kernel.NextBacking = 6;
        kernel.Open(node).Backing.ShouldBe(5);
        Release(direct.Handle);
        kernel.ClosedBackings.ShouldBeEmpty();
        Release(direct.Handle + 1);
        kernel.ClosedBackings.ShouldBe([5]);
        kernel.NextBacking = 0;
        kernel.Open(node).Backing.ShouldBe(0, "the kernel refused");

        void Release(ulong handle) => kernel.Ask(FuseOpcode.Release, node, [.. KernelSide.Words(handle), .. new byte[16]]);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_directory_is_listed_from_any_place(bool plus)
    {
        await using var kernel = new KernelSide(new MemoryTree([.. Enumerable.Range(0, 100).Select(at => new MemoryTreeEntry($"file-{at:000}", []))]));
        var opcode = plus ? FuseOpcode.ReadDirectoryPlus : FuseOpcode.ReadDirectory;
        var handle = BinaryPrimitives.ReadUInt64LittleEndian(kernel.Ask(FuseOpcode.OpenDirectory, 1, KernelSide.Words(0)).Body);
        var all = new List<(string Name, long Next)>();
        while (List(all.Count == 0 ? 0 : all[^1].Next) is { Count: > 0 } more)
        {
            all.AddRange(more);
        }

        all.Select(entry => entry.Name).ShouldBe([".", "..", .. Enumerable.Range(0, 100).Select(at => $"file-{at:000}")]);
        kernel.Dispatcher.Nodes.Count.ShouldBe(plus ? 100 : 0);
        List(all[49].Next)[0].Name.ShouldBe(all[50].Name, "back");
        List(all[80].Next)[0].Name.ShouldBe(all[81].Name, "and forth");
        List(1_000_000).ShouldBeEmpty();
        kernel.Ask(FuseOpcode.ReleaseDirectory, 1, [.. KernelSide.Words(handle), .. new byte[16]]).Errno.ShouldBe(0);
        kernel.Dispatcher.OpenDirectories.ShouldBe(0);
        kernel.Ask(FuseOpcode.OpenDirectory, kernel.LookUp(1, "file-001"), KernelSide.Words(0)).Errno.ShouldBe(20);

        List<(string Name, long Next)> List(long from)
        {
            var (errno, body) = kernel.Ask(opcode, 1, KernelSide.Read(handle, from, 1000));
            errno.ShouldBe(0);
            body.Length.ShouldBeLessThanOrEqualTo(1000);
            var entries = new List<(string, long)>();
            for (var rest = body.AsSpan(); rest.Length > 0;)
            {
                rest = rest[(plus ? 128 : 0)..];
                var length = BinaryPrimitives.ReadInt32LittleEndian(rest[16..]);
                entries.Add((Encoding.UTF8.GetString(rest.Slice(24, length)), BinaryPrimitives.ReadInt64LittleEndian(rest[8..])));
                rest = rest[((24 + length + 7) & ~7)..];
            }

            return entries;
        }
    }

    [Fact]
    public async Task What_changes_something_is_refused_and_what_is_unknown_is_not_implemented()
    {
        await using var kernel = new KernelSide(Sample);
        foreach (var opcode in Enum.GetValues<FuseOpcode>())
        {
            var expected = opcode switch
            {
                FuseOpcode.SetAttributes or FuseOpcode.SymbolicLink or FuseOpcode.MakeNode or FuseOpcode.MakeDirectory or FuseOpcode.Unlink
                    or FuseOpcode.RemoveDirectory or FuseOpcode.Rename or FuseOpcode.Link or FuseOpcode.Write or FuseOpcode.SetExtendedAttribute
                    or FuseOpcode.RemoveExtendedAttribute or FuseOpcode.Create or FuseOpcode.Allocate or FuseOpcode.Rename2
                    or FuseOpcode.CopyFileRange or FuseOpcode.TemporaryFile => 30,
                FuseOpcode.Sync or FuseOpcode.SyncDirectory or FuseOpcode.Access => 0,
                FuseOpcode.Flush or FuseOpcode.Init => 38,
                _ => -1,
            };
            if (expected >= 0)
            {
                kernel.Ask(opcode, 1, new byte[64]).Errno.ShouldBe(expected, opcode.ToString());
            }
        }

        kernel.Ask((FuseOpcode)9999, 1).Errno.ShouldBe(38);
        kernel.Ask(FuseOpcode.Read, 1, [1]).Errno.ShouldBe(22);
        kernel.Dispatcher.Dispatch(KernelSide.Message(FuseOpcode.Destroy, 9, 1), kernel).ShouldBeFalse();
        kernel.Dispatcher.Dispatch([1, 2, 3], kernel).ShouldBeTrue();
        kernel.Dispatcher.Waiting.ShouldBe(0);
    }

    [Fact]
    public async Task An_interrupt_ends_a_wait_whichever_comes_first()
    {
        var tree = new TrickleTree(Sample);
        await using var kernel = new KernelSide(tree);
        var node = kernel.LookUp(1, "a.bin");
        var (handle, _, _) = kernel.Open(node);
        var waiting = kernel.Send(FuseOpcode.Read, node, KernelSide.Read(handle, 0, 10));
        kernel.AnswerTo(waiting).ShouldBeNull();
        kernel.Send(FuseOpcode.Interrupt, 0, KernelSide.Words(waiting));
        await Eventually.TrueAsync(() => kernel.AnswerTo(waiting)?.Errno == 4, "EINTR", Deadline, Token);

        kernel.Send(FuseOpcode.Interrupt, 0, KernelSide.Words(waiting + 6));
        var late = kernel.Send(FuseOpcode.Read, node, KernelSide.Read(handle, 0, 10));
        late.ShouldBe(waiting + 6);
        await Eventually.TrueAsync(() => kernel.AnswerTo(late)?.Errno == 4, "EINTR", Deadline, Token);

        var last = kernel.Send(FuseOpcode.Read, node, KernelSide.Read(handle, 0, 10));
        kernel.Send(FuseOpcode.Interrupt, 0, KernelSide.Words(handle));
        tree.Let(100);
        await Eventually.TrueAsync(() => kernel.AnswerTo(last)?.Body.Length == 10, "the next is read", Deadline, Token);
        kernel.Failures.ShouldBeEmpty();
        await Eventually.TrueAsync(() => kernel.Dispatcher.Waiting == 0, "none waits", Deadline, Token);
    }

    [Fact]
    public async Task Patience_is_kept_on_the_given_clock()
    {
        var time = new ManualTimeProvider();
        await using var kernel = new KernelSide(new TrickleTree(Sample), new FuseOptions { Patience = TimeSpan.FromMinutes(2), TryAgain = true }, time);
        var node = kernel.LookUp(1, "a.bin");
        var (handle, _, _) = kernel.Open(node);
        var waiting = kernel.Send(FuseOpcode.Read, node, KernelSide.Read(handle, 0, 10));
        time.Advance(TimeSpan.FromSeconds(119));
        kernel.AnswerTo(waiting).ShouldBeNull();
        time.Advance(TimeSpan.FromSeconds(1));
        await Eventually.TrueAsync(() => kernel.AnswerTo(waiting)?.Errno == 11, "EAGAIN", Deadline, Token);
        await Eventually.TrueAsync(() => kernel.Failures.Count == 1, "it is told, after the answer", Deadline, Token);
        kernel.Failures.ShouldHaveSingleItem().ShouldBe("nothing came for 120 s");
    }

    [Fact]
    public async Task Extended_attributes_say_their_length_first()
    {
        await using var kernel = new KernelSide(new AttributedTree(Sample));
        kernel.Ask(FuseOpcode.GetExtendedAttribute, 1, [.. KernelSide.Words(0), .. KernelSide.Name("user.a")]).Body.ShouldBe(KernelSide.Words(5));
        kernel.Ask(FuseOpcode.GetExtendedAttribute, 1, [.. KernelSide.Words(4), .. KernelSide.Name("user.a")]).Errno.ShouldBe(34);
        kernel.Ask(FuseOpcode.GetExtendedAttribute, 1, [.. KernelSide.Words(5), .. KernelSide.Name("user.a")]).Body.ShouldBe("12345"u8.ToArray());
        kernel.Ask(FuseOpcode.GetExtendedAttribute, 1, [.. KernelSide.Words(5), .. KernelSide.Name("user.b")]).Body.ShouldBeEmpty();
        kernel.Ask(FuseOpcode.GetExtendedAttribute, 1, [.. KernelSide.Words(5), .. KernelSide.Name("user.c")]).Errno.ShouldBe(61);
        kernel.Ask(FuseOpcode.ListExtendedAttributes, 1, KernelSide.Words(0)).Body.ShouldBe(KernelSide.Words(14));
        kernel.Ask(FuseOpcode.ListExtendedAttributes, 1, KernelSide.Words(100)).Body.ShouldBe("user.a\0user.b\0"u8.ToArray());

        await using var plain = new KernelSide(Sample);
        plain.Ask(FuseOpcode.GetExtendedAttribute, 1, [.. KernelSide.Words(5), .. KernelSide.Name("user.a")]).Errno.ShouldBe(61);
        plain.Ask(FuseOpcode.ListExtendedAttributes, 1, KernelSide.Words(0)).Body.ShouldBe(KernelSide.Words(0));
    }

    [Fact]
    public async Task Reads_of_what_is_here_allocate_nothing()
    {
        await using var kernel = new QuietKernel();
        kernel.ReadMany(2_000);
        var before = GC.GetAllocatedBytesForCurrentThread();
        kernel.ReadMany(2_000);
        (GC.GetAllocatedBytesForCurrentThread() - before).ShouldBeLessThan(10_000);
    }

    private sealed class AttributedTree(IContentTree inner) : TreeOver(inner), ITreeAttributes
    {
        public ValueTask<IReadOnlyList<string>> ListAttributesAsync(ulong node, CancellationToken cancellationToken) => ValueTask.FromResult<IReadOnlyList<string>>(["user.a", "user.b"]);

        public ValueTask<ReadOnlyMemory<byte>?> GetAttributeAsync(ulong node, string name, CancellationToken cancellationToken) =>
            ValueTask.FromResult<ReadOnlyMemory<byte>?>(name switch { "user.a" => "12345"u8.ToArray(), "user.b" => Array.Empty<byte>(), _ => default(ReadOnlyMemory<byte>?) });
    }

    /// <summary>Answers go nowhere.</summary>
    private sealed class QuietKernel : Pier.Volumes.Fuse.Device.IFuseReplyPort, IAsyncDisposable
    {
        private readonly KernelSide _kernel = new(Sample);
        private readonly byte[] _message;

        public QuietKernel()
        {
            var node = _kernel.LookUp(1, "a.bin");
            _message = KernelSide.Message(FuseOpcode.Read, 9, node, KernelSide.Read(_kernel.Open(node).Handle, 0, 4096));
        }

        public void ReadMany(int times)
        {
            for (var time = 0; time < times; time++)
            {
                _kernel.Dispatcher.Dispatch(_message, this);
            }
        }

        public int Write(ReadOnlySpan<byte> answer) => answer.Length == 16 + 4096 ? 0 : throw new InvalidOperationException();

        public ValueTask DisposeAsync() => _kernel.DisposeAsync();
    }
}
