using Pier.TestKit.Files;
using Pier.Store.Trees;
using Pier.Volumes.Fuse.Serving;

namespace Pier.InteropTests.Volumes;

/// <summary>Real programs see through a mount what they see on disk, read by the kernel itself, by us, and from what trickles in.</summary>
public sealed class ProgramsOnMountsTests(SampleFolder sample) : IClassFixture<SampleFolder>
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(true, true)]
    [InlineData(true, false)]
    [InlineData(false, false)]
    public async Task Everything_is_equal(bool isWhole, bool passthrough)
    {
        await using var copy = TempFolder.Create("copy");
        var tree = new FolderTree(sample.Path, isWhole);
        await using var mount = TreeMount.Open(tree, new FuseOptions { Passthrough = passthrough, TotalBytes = tree.TotalBytes });
        var disk = sample.Path;

        foreach (var same in new[]
        {
            "find . -type f -print0 | sort -z | xargs -0 sha256sum",
            "find . ! -type d -printf '%P %y %m %n %s %T@ %l\\n' | sort",
            "find . -type d -printf '%P %m %T@\\n' | sort",
            "ls -lR --time-style=full-iso many deep/er modes | grep -v ^total | awk '{$2=\"\"; print}' | grep -v ^d",
            "sqlite3 -readonly 'file:numbers.db?immutable=1' 'select count(*), sum(n), min(s), max(s) from t; pragma integrity_check'",
            "git -c safe.directory='*' -C repository.git log --stat main",
            "tar c --sort=name --owner=0 --group=0 --numeric-owner --exclude=loop . | tar t | sha256sum",
        })
        {
            (await mount.ShellAsync($"cd $M; {same}", disk, Token)).ShouldBe(await mount.ShellAsync($"cd $D; {same}", disk, Token), same);
        }

        await mount.ShellAsync("cp -a $M/. $D/", copy.Path, Token);
        (await mount.ShellAsync($"diff -r --no-dereference {disk} $D && cd {disk} && find . -links +1 | sort", copy.Path, Token))
            .ShouldBe(await mount.ShellAsync("cd $D; find . -type f -links +1 -o -type d -links +1 | sort", copy.Path, Token));
        (await mount.ShellAsync($"cmp <(cd {disk}; find . ! -type d -printf '%P %m %T@ %l %n\\n' | sort) <(cd $D; find . ! -type d -printf '%P %m %T@ %l %n\\n' | sort) && echo same", copy.Path, Token))
            .Trim().ShouldBe("same");
        (await mount.ShellAsync("git -c safe.directory='*' clone -q $M/repository.git $D/clone && git -C $D/clone fsck && cat $D/clone/f3", copy.Path, Token)).Length.ShouldBeGreaterThan(20000);
        (await mount.ShellAsync("$M/modes/run && echo ran", disk, Token)).Trim().ShouldBe("ran");
        (await mount.RunAsync("cat $M/loop", disk, Token)).Error.ShouldContain("Too many levels");
        (await mount.RunAsync("cat $M/dangling $M/none", disk, Token)).Error.ShouldContain("No such file");
        mount.Session.HasPassthrough.ShouldBe(passthrough);
        mount.Session.Failures.ShouldBeEmpty();
        mount.Session.Waiting.ShouldBe(0);
    }

    [Fact]
    public async Task Maps_random_reads_and_holes_are_those_of_the_file()
    {
        const string Program =
            """
            import mmap, os, random, sys
            mount, disk = sys.argv[1:3]
            def both(name): return open(os.path.join(mount, name), 'rb'), open(os.path.join(disk, name), 'rb')
            with open(os.path.join(mount, 'large.bin'), 'rb') as m, open(os.path.join(disk, 'large.bin'), 'rb') as d:
                a, b = mmap.mmap(m.fileno(), 0, prot=mmap.PROT_READ), d.read()
                random.seed(7)
                for _ in range(2000):
                    o = random.randrange(len(b)); n = random.randrange(1, 9000)
                    assert a[o:o+n] == b[o:o+n], o
                    assert os.pread(m.fileno(), n, o) == b[o:o+n], o
                assert a[:] == b
                assert os.pread(m.fileno(), 10, len(b)) == b'' and os.pread(m.fileno(), 10, len(b) + 5000) == b''
            m, d = both('sparse.bin')
            if sys.argv[3] == 'whole':
                at = os.lseek(d.fileno(), 0, os.SEEK_DATA)
                assert 0 < at <= 8388608 and os.lseek(m.fileno(), 0, os.SEEK_DATA) == at
                assert os.lseek(m.fileno(), at, os.SEEK_HOLE) == os.lseek(d.fileno(), at, os.SEEK_HOLE)
            assert m.read() == d.read()
            s = os.statvfs(mount)
            assert s.f_namemax == 255 and s.f_blocks > 0 and s.f_bfree == 0 and s.f_flag & os.ST_RDONLY, s
            assert os.getxattr(mount + '/large.bin', 'user.origin') == b'test' and 'user.origin' in os.listxattr(mount + '/large.bin')
            try: os.getxattr(mount, 'user.other'); raise SystemExit('no ENODATA')
            except OSError as e: assert e.errno == 61, e
            print('fine')
            """;
        foreach (var isWhole in new[] { true, false })
        {
            var tree = new FolderTree(sample.Path, isWhole);
            await using var mount = TreeMount.Open(tree, new FuseOptions { TotalBytes = tree.TotalBytes });
            (await mount.ShellAsync($"python3 -c \"$PROGRAM\" $M $D {(isWhole ? "whole" : "parts")}".Replace("\"$PROGRAM\"", Quote(Program), StringComparison.Ordinal), sample.Path, Token))
                .Trim().ShouldBe("fine");
        }
    }

    private static string Quote(string text) => $"'{text.Replace("'", "'\\''", StringComparison.Ordinal)}'";
}
