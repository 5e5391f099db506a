using Microsoft.Extensions.Logging.Abstractions;
using Pier.Benchmarks.Harness;
using Pier.Store.Trees;
using Pier.TestKit.Files;
using Pier.TestKit.Trees;
using Pier.Volumes.Fuse.Serving;

namespace Pier.Benchmarks.Mounts;

/// <summary>Mounted trees whose content is here, against the same files without a mount.</summary>
internal sealed class MountArea : IBenchArea
{
    private const long Size = 1L << 30;
    private const int Folders = 100;
    private const int FilesEach = 1000;

    /// <inheritdoc/>
    public string Name => "mount";

    /// <inheritdoc/>
    public IReadOnlyList<string> RowNames { get; } = ["read-passthrough", "read-cold-cache", "random-4k", "find-100k"];

    /// <inheritdoc/>
    public IReadOnlyList<string> Settings =>
    [
        "mount: 1 GiB on this folder's disk, dd bs=1M; warm for passthrough and random reads, all pages dropped before each cold read",
        $"mount: find -type f -size -100k over {Folders * FilesEach} files, the second time, against the same names on disk",
    ];

    /// <inheritdoc/>
    public async Task<IReadOnlyList<BenchRow>> RunAsync(BenchContext context, CancellationToken cancellationToken)
    {
        await using var disk = TempFolder.Create("bench-mount", Directory.GetCurrentDirectory());
        var rows = await ReadAsync(context, disk, cancellationToken);
        return [.. rows, await FindAsync(context, disk, cancellationToken)];
    }

    private static async Task<IReadOnlyList<BenchRow>> ReadAsync(BenchContext context, TempFolder disk, CancellationToken cancellationToken)
    {
        var source = disk.MakeFolder("source");
        var file = Path.Combine(source, "data.bin");
        Write(file, Size);
        await using var direct = Mount(new FolderTree(source), disk.MakeFolder("passthrough"), passthrough: true);
        await using var served = Mount(new FolderTree(source), disk.MakeFolder("served"), passthrough: false);
        if (!direct.HasPassthrough)
        {
            await Console.Error.WriteLineAsync("mount: this kernel has no FUSE passthrough");
        }

        var (passed, cached) = (Path.Combine(direct.Folder, "data.bin"), Path.Combine(served.Folder, "data.bin"));
        var warm = await context.InTurnAsync(
            "read-passthrough", token => MountReader.SequentialAsync(passed, Size, token), token => MountReader.SequentialAsync(file, Size, token), cancellationToken);
        var cold = await context.InTurnAsync("read-cold-cache", token => ColdAsync(cached, file, token), token => ColdAsync(file, file, token), cancellationToken);
        var random = await context.InTurnAsync(
            "random-4k", token => MountReader.RandomAsync(passed, token), token => MountReader.RandomAsync(file, token), cancellationToken);
        return
        [
            Row("read-passthrough", Aim.Least(0.95), warm, "MB/s"),
            Row("read-cold-cache", Aim.Least(0.6), cold, "MB/s"),
            Row("random-4k", Aim.Least(0.9), random, "reads/s"),
        ];
    }

    private static async Task<BenchRow> FindAsync(BenchContext context, TempFolder disk, CancellationToken cancellationToken)
    {
        var plain = disk.MakeFolder("plain");
        var entries = new List<MemoryTreeEntry>(Folders * FilesEach);
        for (var folder = 0; folder < Folders; folder++)
        {
            Directory.CreateDirectory(Path.Combine(plain, $"folder-{folder}"));
            for (var number = 0; number < FilesEach; number++)
            {
                var path = $"folder-{folder}/file-{number}.dat";
                entries.Add(new MemoryTreeEntry(path, []));
                File.OpenHandle(Path.Combine(plain, path), FileMode.CreateNew, FileAccess.Write).Dispose();
            }
        }

        await using var mount = Mount(new MemoryTree(entries), disk.MakeFolder("tree"), passthrough: true);
        var rounds = await context.InTurnAsync(
            "find-100k",
            token => MountReader.FindAsync(mount.Folder, entries.Count, token),
            token => MountReader.FindAsync(plain, entries.Count, token),
            cancellationToken);
        return Row("find-100k", Aim.Most(2), rounds, "s");
    }

    private static async Task<double> ColdAsync(string path, string below, CancellationToken cancellationToken)
    {
        await MountReader.DropAsync(path, cancellationToken);
        await MountReader.DropAsync(below, cancellationToken);
        return await MountReader.SequentialAsync(path, Size, cancellationToken);
    }

    private static FuseSession Mount(Pier.Content.Contracts.IContentTree tree, string folder, bool passthrough) =>
        FuseSession.Mount(tree, folder, new FuseOptions { Passthrough = passthrough }, TimeProvider.System, NullLogger.Instance);

    /// <summary>Writes a file of bytes that nothing compresses, to the disk.</summary>
    public static void Write(string path, long size)
    {
        var block = new byte[1 << 20];
        var random = new Random(1);
        using var file = File.OpenHandle(path, FileMode.CreateNew, FileAccess.Write);
        for (var offset = 0L; offset < size; offset += block.Length)
        {
            random.NextBytes(block);
            RandomAccess.Write(file, block, offset);
        }

        // Pages that are not yet on disk cannot be dropped.
        RandomAccess.FlushToDisk(file);
    }

    private static BenchRow Row(string name, Aim aim, IReadOnlyList<(double Pier, double Rival)> rounds, string unit) => new(
        "mount", name, "ratio", aim, [.. rounds.Select(round => round.Pier / round.Rival)],
        $"mount {Statistics.Median([.. rounds.Select(round => round.Pier)])}, without {Statistics.Median([.. rounds.Select(round => round.Rival)])} {unit}");
}
