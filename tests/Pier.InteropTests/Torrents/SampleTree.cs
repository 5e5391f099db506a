using Pier.TestKit.Files;

namespace Pier.InteropTests.Torrents;

/// <summary>A folder with what torrents find hard: nested, empty, exactly one piece, tiny, executable, names beyond ASCII.</summary>
internal static class SampleTree
{
    public static async Task<TempFolder> CreateAsync()
    {
        var cancellation = TestContext.Current.CancellationToken;
        var folder = TempFolder.Create("torrents");
        folder.MakeFolder("tree", "sub", "deeper");
        await File.WriteAllBytesAsync(folder.Below("tree", "a.bin"), Bytes(100_000), cancellation);
        await File.WriteAllBytesAsync(folder.Below("tree", "empty"), [], cancellation);
        await File.WriteAllBytesAsync(folder.Below("tree", "sub", "run.sh"), Bytes(10), cancellation);
        await File.WriteAllBytesAsync(folder.Below("tree", "sub", "deeper", "one-piece"), Bytes(32_768), cancellation);
        await File.WriteAllBytesAsync(folder.Below("tree", "zürich.txt"), Bytes(5), cancellation);
        File.SetUnixFileMode(folder.Below("tree", "sub", "run.sh"), UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        await File.WriteAllBytesAsync(folder.Below("single.iso"), Bytes(100_000), cancellation);
        return folder;
    }

    private static byte[] Bytes(int length)
    {
        var bytes = new byte[length];
        new Random(length).NextBytes(bytes);
        return bytes;
    }
}
