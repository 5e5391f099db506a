using System.Security.Cryptography;
using Pier.Store.Trees;
using Pier.TestKit;
using Pier.TestKit.Files;
using Pier.TestKit.Processes;
using Pier.TestKit.Trees;
using Pier.Volumes.Fuse.Serving;

namespace Pier.InteropTests.Volumes;

/// <summary>Readers of files that have not arrived: they wait, are interrupted, lose patience, and end with the whole file.</summary>
public sealed class ArrivingFilesTests
{
    private const int Length = 6 * 1024 * 1024;

    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(30);

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Two_hundred_readers_wait_and_all_get_the_file_while_others_list()
    {
        var content = RandomNumberGenerator.GetBytes(Length);
        var tree = new TrickleTree(new MemoryTree([new("a.bin", content)]));
        await using var mount = TreeMount.Open(tree);
        const string Program =
            """
            import hashlib, sys, threading
            sums = set()
            def run():
                with open(sys.argv[1] + '/a.bin', 'rb', buffering=0) as f: sums.add(hashlib.file_digest(f, 'sha256').hexdigest())
            ts = [threading.Thread(target=run) for _ in range(200)]
            [t.start() for t in ts]; [t.join() for t in ts]
            print(' '.join(sums))
            """;
        var readers = Command.RunAsync("python3", ["-c", Program, mount.Path], Token);
        await Eventually.TrueAsync(() => tree.Waiting > 0 && mount.Session.OpenFiles == 200, "200 readers wait", Deadline, Token);

        Directory.GetFiles(mount.Path).ShouldBe([mount.Below("a.bin")]);
        for (var here = 1L << 20; here <= Length; here += 1 << 20)
        {
            tree.Let(here);
        }

        (await readers).OrThrow().Output.Trim().ShouldBe(Convert.ToHexStringLower(SHA256.HashData(content)));
        await Eventually.TrueAsync(() => mount.Session.OpenFiles == 0, "all files are released", Deadline, Token);
    }

    [Fact]
    public async Task A_reader_that_waits_can_be_killed()
    {
        var tree = new TrickleTree(new MemoryTree([new("a.bin", new byte[Length])]));
        await using var mount = TreeMount.Open(tree);
        // Direct: what the kernel reads ahead for a cache belongs to no reader, and goes on.
        var reader = Command.RunAsync("timeout", ["-s", "TERM", "0.3", "dd", $"if={mount.Below("a.bin")}", "iflag=direct", "of=/dev/null"], Token);

        (await reader).ExitCode.ShouldBe(124);
        await Eventually.TrueAsync(() => tree.Waiting == 0 && mount.Session is { Waiting: 0, OpenFiles: 0 }, "nobody waits", Deadline, Token);
        mount.Session.Failures.ShouldBeEmpty();
    }

    [Theory]
    [InlineData(false, "Input/output error")]
    [InlineData(true, "Resource temporarily unavailable")]
    public async Task Patience_ends_with_the_error_that_was_asked_for_and_says_why(bool tryAgain, string error)
    {
        var tree = new TrickleTree(new MemoryTree([new("a.bin", new byte[Length])]));
        await using var mount = TreeMount.Open(tree, new FuseOptions { Patience = TimeSpan.FromMilliseconds(200), TryAgain = tryAgain });

        (await Command.RunAsync("cat", [mount.Below("a.bin")], Token)).Error.ShouldContain(error);
        mount.Session.Failures.ShouldHaveSingleItem().ShouldContain("nothing came for 0.2 s");
        mount.Logs.Has(9001).ShouldBeTrue();

        // What comes later is read as if nothing had been.
        tree.Let(Length);
        (await File.ReadAllBytesAsync(mount.Below("a.bin"), Token)).Length.ShouldBe(Length);
    }

    [Fact]
    public async Task A_failed_source_is_an_error_with_its_reason()
    {
        var tree = new TrickleTree(new MemoryTree([new("a.bin", new byte[Length])]));
        await using var mount = TreeMount.Open(tree);
        tree.Fail("the swarm has gone");

        (await Command.RunAsync("cat", [mount.Below("a.bin")], Token)).Error.ShouldContain("Input/output error");
        mount.Session.Failures.ShouldHaveSingleItem().ShouldContain("the swarm has gone");
    }

    [Fact]
    public async Task A_file_that_completes_under_readers_is_read_by_the_kernel_once_they_are_gone()
    {
        await using var folder = TempFolder.Create("whole");
        var content = RandomNumberGenerator.GetBytes(Length);
        await File.WriteAllBytesAsync(folder.Below("a.bin"), content, Token);
        var tree = new TrickleTree(new FolderTree(folder.Path));
        await using var mount = TreeMount.Open(tree);
        tree.Let(Length / 2);
        var open = new List<FileStream>();
        for (var reader = 0; reader < 8; reader++)
        {
            open.Add(File.OpenRead(mount.Below("a.bin")));
            await open[^1].ReadExactlyAsync(new byte[100_000], Token);
        }

        tree.Let(Length);
        open.Add(File.OpenRead(mount.Below("a.bin")));
        foreach (var reader in open)
        {
            var rest = new byte[Length - reader.Position];
            await reader.ReadExactlyAsync(rest, Token);
            rest.AsSpan().SequenceEqual(content.AsSpan(Length - rest.Length)).ShouldBeTrue();
            await reader.DisposeAsync();
        }

        mount.Session.PassthroughOpens.ShouldBe(0);
        await Eventually.TrueAsync(() => mount.Session.OpenFiles == 0, "all files are released", Deadline, Token);
        (await File.ReadAllBytesAsync(mount.Below("a.bin"), Token)).AsSpan().SequenceEqual(content).ShouldBeTrue();
        mount.Session.PassthroughOpens.ShouldBe(mount.Session.HasPassthrough ? 1 : 0);
    }

    [Fact]
    public async Task A_mount_in_use_stays_and_one_that_is_ended_leaves_nobody_hanging()
    {
        var tree = new TrickleTree(new MemoryTree([new("a.bin", new byte[Length])]));
        await using var mount = TreeMount.Open(tree);
        var reader = Command.RunAsync("cat", [mount.Below("a.bin")], Token);
        await Eventually.TrueAsync(() => tree.Waiting > 0, "a reader waits", Deadline, Token);

        (await mount.Session.TryUnmountAsync()).ShouldBeFalse();
        mount.Session.Ended.IsCompleted.ShouldBeFalse();
        await mount.Session.DisposeAsync();

        (await reader).ExitCode.ShouldBe(1);
        MountTable.PointsBelow(mount.Path).ShouldBeEmpty();
        await mount.Session.Ended;
    }

    [Fact]
    public async Task A_mount_that_others_have_bound_elsewhere_ends_there_too()
    {
        await using var other = TempFolder.Create("bound");
        await using var mount = TreeMount.Open(new TrickleTree(new MemoryTree([new("a.bin", new byte[Length])])));
        (await Command.RunAsync("mount", ["--bind", mount.Path, other.Path], Token)).OrThrow();
        var reader = Command.RunAsync("cat", [other.Below("a.bin")], Token);

        await mount.Session.DisposeAsync();

        (await reader).ExitCode.ShouldBe(1);
        mount.Session.Ended.IsCompleted.ShouldBeTrue();
        mount.Logs.Has(9004).ShouldBeFalse();
    }

    [Fact]
    public async Task An_unmount_by_somebody_else_ends_the_session()
    {
        await using var mount = TreeMount.Open(new MemoryTree([new("a.bin", new byte[1])]));
        (await Command.RunAsync("umount", [mount.Path], Token)).OrThrow();
        await mount.Session.Ended.WaitAsync(Deadline, TimeProvider.System, Token);
    }
}
