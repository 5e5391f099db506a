using System.Text;
using System.Text.Json;
using Microsoft.Extensions.Logging.Abstractions;
using Pier.BitTorrent.Blobs;
using Pier.BitTorrent.Torrents;
using Pier.Content;
using Pier.Store.Swarms;

namespace Pier.Benchmarks.Seeds;

/// <summary>
/// The state folder of a node that has held many small public blobs for long: what pierd finds at its start. The blobs are
/// sparse files; nothing at a start reads them.
/// </summary>
internal static class SeedState
{
    private const int BlobBytes = 256 << 10;
    private const string Registry = "docker.io";
    private const string Repository = "library/seeds";

    /// <summary>Makes it.</summary>
    public static async Task MakeAsync(string state, int blobs, CancellationToken cancellationToken)
    {
        var records = new SwarmRecords(Path.Combine(state, "swarms"), NullLogger<SwarmRecords>.Instance);
        var names = Enumerable.Range(0, blobs).Select(index => Digest.Compute(BitConverter.GetBytes(index))).ToArray();
        var zeros = new byte[BlobBytes];
        await Parallel.ForEachAsync(names, cancellationToken, (name, _) =>
        {
            var folder = Directory.CreateDirectory(Path.Combine(state, "blobs", "sha256", name.Hex[..2])).FullName;
            using (var file = File.Create(Path.Combine(folder, name.Hex)))
            {
                file.SetLength(BlobBytes);
            }

            using var hasher = new BlobTorrentHasher(BlobBytes);
            hasher.Append(zeros);
            var torrent = hasher.Complete(name.Hex);
            records.Put(
                new SwarmRecord(name, BlobBytes, torrent.Id.V1.ToString()!, torrent.Id.V2.ToString()!, V1Twin.Of(torrent)!.Id.V1.ToString()),
                torrent.ToTorrentFile());
            return ValueTask.CompletedTask;
        });
        var access = Directory.CreateDirectory(Path.Combine(state, "access")).FullName;
        await File.WriteAllBytesAsync(
            Path.Combine(access, Digest.Compute(Encoding.UTF8.GetBytes($"{Registry}/{Repository}")).Hex + ".json"),
            JsonSerializer.SerializeToUtf8Bytes(new
            {
                version = 1,
                registry = Registry,
                path = Repository,
                @public = true,
                checkedAt = TimeProvider.System.GetUtcNow(),
                blobs = names.Select(name => name.ToString()),
            }),
            cancellationToken);
    }
}
