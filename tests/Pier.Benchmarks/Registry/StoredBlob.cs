using Microsoft.Extensions.Logging.Abstractions;
using Pier.Content;
using Pier.Content.References;
using Pier.Fetch.Policy;
using Pier.TestKit.Processes;

namespace Pier.Benchmarks.Registry;

/// <summary>A random blob where a store and nginx both find it.</summary>
internal static class StoredBlob
{
    /// <summary>Writes the blob as a store keeps it, in the public repository bench/blob, and links it for nginx: both serve the same pages of memory.</summary>
    public static async Task<Digest> WriteAsync(string state, string nginxRoot, long size, CancellationToken cancellationToken, int seed = 1)
    {
        var unnamed = Path.Combine(state, "unnamed");
        using var hash = Digest.CreateHash(DigestAlgorithm.Sha256);
        var block = new byte[1 << 20];
        var random = new Random(seed);
        await using (var file = File.Create(unnamed))
        {
            for (var written = 0L; written < size; written += block.Length)
            {
                random.NextBytes(block);
                hash.AppendData(block);
                await file.WriteAsync(block, cancellationToken);
            }
        }

        var digest = Digest.FromHash(DigestAlgorithm.Sha256, hash.GetHashAndReset());
        var shard = Directory.CreateDirectory(Path.Combine(state, "blobs", "sha256", digest.Hex[..2])).FullName;
        var path = Path.Combine(shard, digest.Hex);
        File.Move(unnamed, path);
        MakePublic(state, digest);
        (await Command.RunAsync("ln", [path, Path.Combine(nginxRoot, digest.Hex)], cancellationToken)).OrThrow();
        return digest;
    }

    /// <summary>Puts what a state folder holds into the public repository bench/blob: what belongs to nobody would be asked of an upstream first.</summary>
    public static void MakePublic(string state, Digest digest) =>
        new AccessRecords(Path.Combine(state, "access"), NullLogger<AccessRecords>.Instance).Put(
            new RepositoryName("docker.io", "bench/blob"), new RepositoryAccess(IsPublic: true, TimeProvider.System.GetUtcNow(), IsOurs: true), [digest], BlobClaim.Proved);
}
