using System.Formats.Tar;
using System.IO.Compression;
using System.Security.Cryptography;

namespace Pier.TestKit.Images;

/// <summary>A layer that engines can unpack: a compressed tar with one file of random bytes, so that it is as large packed as unpacked.</summary>
public static class IncompressibleLayer
{
    private const int BlockSize = 1 << 20;

    /// <summary>Writes the layer and returns its diff id.</summary>
    /// <param name="path">Where to; a file beside it is used meanwhile.</param>
    /// <param name="bytes">Size of the file in it.</param>
    /// <param name="name">The file's name.</param>
    /// <param name="cancellationToken">Gives up.</param>
    public static async Task<string> WriteAsync(string path, long bytes, string name, CancellationToken cancellationToken)
    {
        var content = path + ".content";
        await WriteRandomAsync(content, bytes, cancellationToken);
        try
        {
            using var hash = SHA256.Create();
            await using (var packed = new GZipStream(File.Create(path), CompressionLevel.Fastest))
            await using (var hashed = new CryptoStream(packed, hash, CryptoStreamMode.Write))
            await using (var tar = new TarWriter(hashed, TarEntryFormat.Pax))
            await using (var file = File.OpenRead(content))
            {
                await tar.WriteEntryAsync(new PaxTarEntry(TarEntryType.RegularFile, name) { DataStream = file, ModificationTime = DateTimeOffset.UnixEpoch }, cancellationToken);
            }
            return "sha256:" + Convert.ToHexStringLower(hash.Hash!);
        }
        finally
        {
            File.Delete(content);
        }
    }

    /// <summary>Writes a file of random bytes, other ones each time.</summary>
    public static async Task WriteRandomAsync(string path, long bytes, CancellationToken cancellationToken)
    {
        var block = new byte[BlockSize];
        await using var file = File.Create(path);
        for (var written = 0L; written < bytes; written += block.Length)
        {
            RandomNumberGenerator.Fill(block);
            await file.WriteAsync(block.AsMemory(0, (int)Math.Min(block.Length, bytes - written)), cancellationToken);
        }
    }
}
