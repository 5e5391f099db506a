using Microsoft.Extensions.Logging.Abstractions;
using Pier.Content;
using Pier.Content.Contracts;
using Pier.Store.Blobs;
using Pier.Store.Disk;
using Pier.Store.Partial;

if (args[0] == "torrent")
{
    await Pier.StoreCrasher.TorrentWriter.RunAsync(torrent: args[1], source: args[2], target: args[3], resume: args[4]);
    return;
}

// Fills a partial blob without end, so that a test can kill it at a moment of its choice:
// Pier.StoreCrasher STATE-FOLDER DIGEST SIZE SEED. The content is that of Random(SEED), in 64 KiB blocks of shuffled order.
var (folder, digest, size, seed) = (args[0], Digest.Parse(args[1]), int.Parse(args[2]), int.Parse(args[3]));
const int Block = 64 << 10;
var content = new byte[size];
new Random(seed).NextBytes(content);
var blocks = Enumerable.Range(0, (size + Block - 1) / Block).ToArray();
new Random(seed).Shuffle(blocks);

using var state = StateFolder.Open(folder);
var store = new FileContentStore(state.Blobs, TimeProvider.System, NullLogger<FileContentStore>.Instance);
var options = new PartialBlobOptions { SaveBytes = 1 << 20 };
await using var partials = new PartialBlobs(state.Partial, store, options, TimeProvider.System, NullLogger<PartialBlobs>.Instance);
await using var blob = await partials.OpenAsync(digest, size, CancellationToken.None);
while (true)
{
    foreach (var block in blocks.Where(block => !blob.Contains(new ByteRange(block * Block, Math.Min(Block, size - block * Block)))))
    {
        var range = new Range(block * Block, Math.Min(size, (block + 1) * Block));
        await blob.WriteAsync(block * Block, content.AsMemory()[range], SourceTrust.AtOnce, SourceKind.Upstream, CancellationToken.None);
        Console.WriteLine(blob.Present);
        await Task.Delay(TimeSpan.FromMilliseconds(2), TimeProvider.System);
    }

    await Task.Delay(TimeSpan.FromSeconds(1), TimeProvider.System);
}
