using System.Buffers;
using Microsoft.Win32.SafeHandles;
using Pier.Content;
using Pier.Store.Blobs;

namespace Pier.Store.Uploads;

/// <summary>Hashes an upload as it arrives, and from its file what arrived before this process.</summary>
internal sealed class UploadHash(DigestAlgorithm algorithm) : IDisposable
{
    private const int ReadSize = 1 << 20;

    private readonly BlobHasher _hasher = new(algorithm);

    public DigestAlgorithm Algorithm => algorithm;

    /// <summary>Bytes hashed so far, from the beginning.</summary>
    public long Hashed { get; private set; }

    public void Append(ReadOnlySpan<byte> bytes)
    {
        _hasher.Append(bytes);
        Hashed += bytes.Length;
    }

    /// <summary>The names of the file's first <paramref name="length"/> bytes; hashing starts over afterwards.</summary>
    /// <exception cref="IOException">The file is shorter, or cannot be read.</exception>
    public BlobNames Finish(SafeFileHandle file, long length)
    {
        var buffer = ArrayPool<byte>.Shared.Rent(ReadSize);
        try
        {
            while (Hashed < length)
            {
                var count = RandomAccess.Read(file, buffer.AsSpan(0, (int)Math.Min(buffer.Length, length - Hashed)), Hashed);
                Append(count > 0 ? buffer.AsSpan(0, count) : throw new IOException($"The file ends at {Hashed} and should have {length} bytes."));
            }
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }

        Hashed = 0;
        return _hasher.Finish();
    }

    public void Dispose() => _hasher.Dispose();
}
