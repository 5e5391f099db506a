using Microsoft.Extensions.Logging.Abstractions;
using Pier.Content;
using Pier.Content.Contracts;
using Pier.Store.Blobs;
using Pier.Store.Disk;
using Pier.Store.Partial;
using Pier.TestKit;
using Pier.TestKit.Files;
using Pier.TestKit.Logging;
using Pier.TestKit.Processes;
using Pier.TestKit.Time;

namespace Pier.UnitTests.Store;

/// <summary>What is left of an arriving blob after the daemon, the disk or a write ended in the middle.</summary>
public sealed class PartialBlobCrashTests : IAsyncDisposable
{
    private const int Size = 40_000_000;
    private const int Seed = 7;
    private static readonly TimeSpan Soon = Eventually.Patience;

    private readonly TempFolder _folder = TempFolder.Create("crash");
    private readonly CollectedLogs _logs = new();
    private readonly byte[] _content = new byte[Size];
    private readonly Digest _digest;

    public PartialBlobCrashTests()
    {
        new Random(Seed).NextBytes(_content);
        _digest = Digest.Compute(_content);
    }

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    private string MapPath => _folder.Below("partial", _digest.Hex + ".map");

    public async ValueTask DisposeAsync()
    {
        await _folder.DisposeAsync();
        _logs.Dispose();
    }

    [Fact]
    public async Task A_killed_writer_leaves_only_true_bytes_and_the_next_run_goes_on()
    {
        var before = 0L;
        for (var kill = 1; kill <= 3; kill++)
        {
            await RunUntilKilledAsync(reached: before + 4_000_000);
            await using var after = Open();
            await using var blob = await after.OpenAsync(_digest, Size, Cancel);
            blob.Present.ShouldBeGreaterThan(before);
            blob.Present.ShouldBeLessThan(Size);
            blob.BytesFrom(SourceKind.Upstream).ShouldBe(blob.Present);
            ShouldBeTrue(blob);
            before = blob.Present;
        }

        await using var partials = Open();
        await using var last = await partials.OpenAsync(_digest, Size, Cancel);
        await last.WriteAsync(0, _content, SourceTrust.AtOnce, SourceKind.Upstream, Cancel);
        (await last.SealAsync(Cancel)).Size.ShouldBe(Size);
    }

    [Fact]
    public async Task A_torn_map_starts_over_and_says_so()
    {
        await FillHalfAsync();
        var map = await File.ReadAllBytesAsync(MapPath, Cancel);
        await File.WriteAllBytesAsync(MapPath, map[..(map.Length / 2)], Cancel);

        await ShouldStartOverAsync("torn");
    }

    [Fact]
    public async Task A_map_that_speaks_of_more_than_the_data_holds_starts_over()
    {
        await FillHalfAsync();
        using (var data = File.OpenHandle(MapPath[..^4], FileMode.Open, FileAccess.ReadWrite))
        {
            RandomAccess.SetLength(data, 100);
        }

        await ShouldStartOverAsync("100 bytes");
    }

    [Fact]
    public async Task A_map_under_another_name_starts_over()
    {
        await FillHalfAsync();
        var other = PartialMap.Empty(Digest.Compute("other"u8), Size);
        await File.WriteAllBytesAsync(MapPath, PartialMapCodec.Encode(other), Cancel);

        await ShouldStartOverAsync("speaks of");
    }

    [Fact]
    public async Task Data_without_a_map_a_map_without_data_and_half_written_maps_are_wiped()
    {
        var folder = _folder.MakeFolder("partial");
        foreach (var name in new[] { _digest.Hex, Digest.Compute("other"u8).Hex + ".map", "abc.tmp" })
        {
            await File.WriteAllTextAsync(Path.Combine(folder, name), "x", Cancel);
        }

        await using var partials = Open();

        Directory.GetFiles(folder).ShouldBeEmpty();
        partials.List().ShouldBeEmpty();
    }

    [Fact]
    public async Task A_full_disk_ends_the_write_and_the_readers_know_the_file()
    {
        await using var disk = await TinyTmpfs.MountAsync(8 << 20, Cancel);
        await using var partials = Open(disk.Path);
        await using (var blob = await partials.OpenAsync(_digest, Size, Cancel))
        {
            var fault = await Should.ThrowAsync<ContentStorageException>(() => WriteInOrderAsync(blob, Size));
            fault.Message.ShouldContain(_digest.Hex);
            fault.Message.ShouldContain("no space left");
            blob.Present.ShouldBeInRange(1 << 20, 8 << 20);
            ShouldBeTrue(blob);
        }

        _logs.Has(3005).ShouldBeTrue();

        partials.Find(_digest).ShouldBeNull();
        partials.Discard(_digest);
        disk.FreeBytes.ShouldBeGreaterThan(7 << 20);
    }

    private async Task RunUntilKilledAsync(long reached)
    {
        var program = Path.Combine(AppContext.BaseDirectory, "Pier.StoreCrasher");
        string[] arguments = [_folder.Path, _digest.ToString(), $"{Size}", $"{Seed}"];
        await using var process = await ExternalProcess.StartAsync(
            new ProcessPlan("the writer", program, arguments) { Ready = Readiness.WhenLogSays(""), Deadline = Soon }, Cancel);
        await Eventually.TrueAsync(
            () => process.Log.Lines is [.., var line] && long.TryParse(line, out var present) && present >= reached,
            $"{reached} bytes written", Soon, Cancel);
        await process.KillAsync(Cancel);
    }

    private async Task FillHalfAsync()
    {
        await using var partials = Open();
        await using var blob = await partials.OpenAsync(_digest, Size, Cancel);
        await WriteInOrderAsync(blob, Size / 2);
    }

    private async Task WriteInOrderAsync(PartialBlob blob, int end)
    {
        const int Block = 256 << 10;
        for (var offset = 0; offset < end; offset += Block)
        {
            await blob.WriteAsync(offset, _content.AsMemory(offset, Math.Min(Block, end - offset)), SourceTrust.AtOnce, SourceKind.Upstream, Cancel);
        }
    }

    private void ShouldBeTrue(PartialBlob blob)
    {
        foreach (var range in blob.PresentRanges())
        {
            var bytes = new byte[range.Length];
            blob.ReadPresent(range.Offset, bytes).ShouldBe(bytes.Length);
            bytes.AsSpan().SequenceEqual(_content.AsSpan((int)range.Offset, bytes.Length)).ShouldBeTrue($"{range} differs");
        }
    }

    private async Task ShouldStartOverAsync(string reason)
    {
        await using var partials = Open();
        await using var blob = await partials.OpenAsync(_digest, Size, Cancel);

        blob.Present.ShouldBe(0);
        _logs.Entries.Single(entry => entry.Event.Id == 3003).Message.ShouldContain(reason);
        await blob.WriteAsync(0, _content, SourceTrust.AtOnce, SourceKind.Upstream, Cancel);
        await blob.SealAsync(Cancel);
    }

    private PartialBlobs Open(string? root = null)
    {
        var folder = root ?? _folder.Path;
        var clock = new ManualTimeProvider();
        var store = new FileContentStore(Path.Combine(folder, "blobs"), clock, NullLogger<FileContentStore>.Instance);
        return new PartialBlobs(Path.Combine(folder, "partial"), store, new PartialBlobOptions(), clock, _logs.CreateLogger<PartialBlobs>());
    }
}
