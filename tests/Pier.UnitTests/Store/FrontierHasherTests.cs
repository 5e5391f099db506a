using Pier.Content;
using Pier.Store.Partial;
using Pier.TestKit.Files;

namespace Pier.UnitTests.Store;

public sealed class FrontierHasherTests
{
    [Fact]
    public async Task Bytes_dropped_while_they_are_hashed_leave_no_trace()
    {
        await using var folder = TempFolder.Create();
        await File.WriteAllTextAsync(folder.Below("data"), "01234567########", TestContext.Current.CancellationToken);
        using var file = File.OpenHandle(folder.Below("data"), FileMode.Open, FileAccess.ReadWrite);
        var name = Digest.Compute("0123456789abcdef"u8);
        using var hasher = new FrontierHasher(file, name);
        var frontiers = new Queue<long>([16, 8, 8]);

        hasher.Advance(
            () =>
            {
                // The second half is found false after this frontier was read, before its bytes are.
                if (frontiers.Count == 3)
                {
                    hasher.Invalidate();
                }

                return frontiers.Dequeue();
            },
            CancellationToken.None);
        hasher.Hashed.ShouldBe(8);
        RandomAccess.Write(file, "89abcdef"u8, 8);

        hasher.Finish(16).Names.Named.ShouldBe(name);
    }

    [Fact]
    public async Task What_has_just_come_is_hashed_from_memory_and_the_rest_from_the_file()
    {
        await using var folder = TempFolder.Create();
        await File.WriteAllTextAsync(folder.Below("data"), "####4567####cdef", TestContext.Current.CancellationToken);
        using var file = File.OpenHandle(folder.Below("data"));
        var name = Digest.Compute("0123456789abcdef"u8);
        using var hasher = new FrontierHasher(file, name);

        hasher.TryAppend(100 << 20, "0123"u8, hasher.Version).ShouldBeFalse("far too much lies before it");
        hasher.TryAppend(0, "0123"u8, hasher.Version).ShouldBeTrue();
        hasher.TryAppend(8, "89ab"u8, hasher.Version).ShouldBeTrue();
        hasher.Hashed.ShouldBe(12);
        hasher.TryAppend(4, "4567"u8, hasher.Version).ShouldBeFalse("it has been hashed");
        hasher.Finish(16).Names.Named.ShouldBe(name);
    }

    [Fact]
    public async Task What_was_replaced_since_it_was_written_is_not_hashed_from_memory()
    {
        await using var folder = TempFolder.Create();
        await File.WriteAllTextAsync(folder.Below("data"), "01234567", TestContext.Current.CancellationToken);
        using var file = File.OpenHandle(folder.Below("data"));
        var name = Digest.Compute("01234567"u8);
        using var hasher = new FrontierHasher(file, name);

        var version = hasher.Version;
        hasher.TryAppend(0, "####"u8, version).ShouldBeTrue();
        hasher.Invalidate();
        hasher.TryAppend(4, "####"u8, version).ShouldBeFalse();
        hasher.TryAppend(4, "4567"u8, hasher.Version).ShouldBeFalse("what is before it is to be hashed again");
        hasher.Advance(() => 4, CancellationToken.None);
        hasher.TryAppend(4, "4567"u8, hasher.Version).ShouldBeTrue();
        hasher.Finish(8).Names.Named.ShouldBe(name);
    }
}
