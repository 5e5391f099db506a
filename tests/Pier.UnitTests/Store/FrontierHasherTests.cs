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

        hasher.Finish(16).Named.ShouldBe(name);
    }
}
