using System.Buffers;
using Pier.Content.Contracts;

namespace Pier.Fetch.Uris;

/// <summary>Copies a blob out of the store into a plain file.</summary>
internal static class BlobCopy
{
    private const int BufferSize = 1 << 20;

    /// <summary>Writes the whole blob; the file must not exist.</summary>
    /// <exception cref="ContentStorageException">The disk refused.</exception>
    public static async Task ToFileAsync(IContentReader reader, string path, CancellationToken cancellationToken)
    {
        var buffer = ArrayPool<byte>.Shared.Rent(BufferSize);
        try
        {
            using var file = File.OpenHandle(path, FileMode.CreateNew, FileAccess.Write, preallocationSize: reader.Length);
            for (var offset = 0L; offset < reader.Length;)
            {
                var read = await reader.ReadAtAsync(offset, buffer, cancellationToken);
                RandomAccess.Write(file, buffer.AsSpan(0, read), offset);
                offset += read;
            }
        }
        catch (Exception refused) when (refused is not ContentException and (IOException or UnauthorizedAccessException))
        {
            throw new ContentStorageException($"{path} cannot be written: {refused.Message}", refused);
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }
}
