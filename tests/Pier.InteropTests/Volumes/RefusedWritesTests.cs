using Pier.TestKit.Processes;
using Pier.TestKit.Trees;

namespace Pier.InteropTests.Volumes;

/// <summary>Every way to change a mounted tree is refused with the error number that read-only file systems give.</summary>
public sealed class RefusedWritesTests
{
    private const string Program =
        """
        import ctypes, errno, os, sys
        m = sys.argv[1]; f = m + '/a'; d = m + '/folder'; l = m + '/link'; x = m + '/new'
        libc = ctypes.CDLL(None, use_errno=True)
        def c(name, *args):
            if getattr(libc, name)(*args) < 0: raise OSError(ctypes.get_errno(), name)
        ro = os.open(f, os.O_RDONLY)
        cases = {
            'open for writing': lambda: os.open(f, os.O_WRONLY), 'open for both': lambda: os.open(f, os.O_RDWR),
            'create': lambda: os.open(x, os.O_CREAT | os.O_WRONLY), 'truncate by open': lambda: os.open(f, os.O_WRONLY | os.O_TRUNC),
            'nameless file': lambda: os.open(d, os.O_TMPFILE | os.O_RDWR), 'truncate': lambda: os.truncate(f, 0),
            'mkdir': lambda: os.mkdir(x), 'rmdir': lambda: os.rmdir(d), 'unlink': lambda: os.unlink(f), 'rename': lambda: os.rename(f, x),
            'exchange': lambda: c('renameat2', -100, f.encode(), -100, l.encode(), 2), 'link': lambda: os.link(f, x), 'symlink': lambda: os.symlink('a', x),
            'mknod': lambda: os.mknod(x), 'fifo': lambda: os.mkfifo(x), 'chmod': lambda: os.chmod(f, 0o777), 'chown': lambda: os.chown(f, 1, 1),
            'lchown': lambda: os.lchown(l, 1, 1), 'utime': lambda: os.utime(f, (1, 1)), 'setxattr': lambda: os.setxattr(f, 'user.a', b'1'),
            'removexattr': lambda: os.removexattr(f, 'user.a'),
        }
        wrong = []
        for name, act in cases.items():
            try: act(); wrong.append(name + ': done')
            except OSError as e:
                if e.errno != errno.EROFS: wrong.append('%s: %s' % (name, errno.errorcode[e.errno]))
        others = {'write': (lambda: os.write(ro, b'x'), 'EBADF'), 'pwrite': (lambda: os.pwrite(ro, b'x', 0), 'EBADF'),
            'ftruncate': (lambda: os.ftruncate(ro, 0), 'EINVAL'), 'fallocate': (lambda: os.posix_fallocate(ro, 0, 9), 'EBADF'),
            'fchmod': (lambda: os.fchmod(ro, 0), 'EROFS'), 'mkdir of what is there': (lambda: os.mkdir(d), 'EEXIST'),
            'unlink of nothing': (lambda: os.unlink(x), 'EROFS'), 'open a folder': (lambda: os.open(d, os.O_WRONLY), 'EISDIR'),
            'list a file': (lambda: os.listdir(f), 'ENOTDIR'), 'through a file': (lambda: os.open(f + '/b', 0), 'ENOTDIR'),
            'readlink of a file': (lambda: os.readlink(f), 'EINVAL'), 'long name': (lambda: os.stat(m + '/' + 'x' * 256), 'ENAMETOOLONG'),
            'not UTF-8': (lambda: os.stat(m.encode() + b'/\xff\xfe'), 'ENOENT'), 'no-follow': (lambda: os.open(l, os.O_NOFOLLOW), 'ELOOP')}
        for name, (act, right) in others.items():
            try: act(); wrong.append(name + ': done')
            except OSError as e:
                if errno.errorcode[e.errno] != right: wrong.append('%s: %s' % (name, errno.errorcode[e.errno]))
        os.fsync(ro)
        assert os.access(f, os.R_OK) and not os.access(f, os.W_OK) and not os.access(f, os.X_OK)
        print(', '.join(wrong) or 'all right')
        """;

    [Fact]
    public async Task Each_has_the_right_error_number()
    {
        await using var mount = TreeMount.Open(new MemoryTree([new("a", [1, 2, 3]), new("folder/b", [1]), new("link", Link: "a", Mode: 0x1ff)]));

        var result = await Command.RunAsync("python3", ["-c", Program, mount.Path], TestContext.Current.CancellationToken);

        result.OrThrow().Output.Trim().ShouldBe("all right");
        mount.Session.Failures.ShouldBeEmpty();
    }
}
