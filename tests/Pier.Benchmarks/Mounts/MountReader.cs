using System.Globalization;
using Pier.TestKit.Processes;

namespace Pier.Benchmarks.Mounts;

/// <summary>Reads files in processes of their own: a server that waits for its own mount could not even be killed.</summary>
internal static class MountReader
{
    private const int Small = 4096;
    private const int RandomReads = 100_000;

    /// <summary>Bytes per second of <c>dd</c> over a whole file.</summary>
    public static async Task<double> SequentialAsync(string path, long size, CancellationToken cancellationToken)
    {
        var start = TimeProvider.System.GetTimestamp();
        (await Command.RunAsync("dd", [$"if={path}", "of=/dev/null", "bs=1M"], cancellationToken)).OrThrow();
        return Math.Round(size / TimeProvider.System.GetElapsedTime(start).TotalSeconds / 1e6);
    }

    /// <summary>Takes a file's pages out of the cache (<c>dd</c>'s nocache asks for it by posix_fadvise).</summary>
    public static async Task DropAsync(string path, CancellationToken cancellationToken) =>
        (await Command.RunAsync("dd", [$"if={path}", "iflag=nocache", "count=0"], cancellationToken)).OrThrow();

    /// <summary>Random reads of 4 KiB a second, one after the other, measured in a process of its own.</summary>
    public static async Task<double> RandomAsync(string path, CancellationToken cancellationToken)
    {
        var result = await Command.RunAsync(Environment.ProcessPath!, ["random-reads", path], cancellationToken);
        return double.Parse(result.OrThrow().Output, CultureInfo.InvariantCulture);
    }

    /// <summary>That process: prints its figure.</summary>
    public static int Run(string path)
    {
        using var file = File.OpenHandle(path, options: FileOptions.RandomAccess);
        var pages = RandomAccess.GetLength(file) / Small;
        var random = new Random(1);
        var buffer = new byte[Small];
        var start = TimeProvider.System.GetTimestamp();
        for (var read = 0; read < RandomReads; read++)
        {
            if (RandomAccess.Read(file, buffer, random.NextInt64(pages) * Small) != Small)
            {
                return 1;
            }
        }

        Console.WriteLine((RandomReads / TimeProvider.System.GetElapsedTime(start).TotalSeconds).ToString("0", CultureInfo.InvariantCulture));
        return 0;
    }

    /// <summary>Seconds that <c>find</c> takes to see the types and sizes of all below a folder.</summary>
    public static async Task<double> FindAsync(string folder, int files, CancellationToken cancellationToken)
    {
        var start = TimeProvider.System.GetTimestamp();
        var found = (await Command.RunAsync("find", [folder, "-type", "f", "-size", "-100k", "-printf", "x"], cancellationToken)).OrThrow().Output.Length;
        var seconds = TimeProvider.System.GetElapsedTime(start).TotalSeconds;
        return found == files ? Math.Round(seconds, 3) : throw new InvalidOperationException($"find saw {found} of {files} files in {folder}");
    }
}
