using Microsoft.Extensions.Logging.Abstractions;
using Pier.Content;
using Pier.Content.Contracts;
using Pier.Store.Blobs;
using Pier.Store.Partial;
using Pier.TestKit;
using Pier.TestKit.Files;
using Pier.TestKit.Time;

namespace Pier.UnitTests.Store;

/// <summary>A store with room for one arriving blob of sixteen bytes, on a clock moved by hand.</summary>
public abstract class PartialBlobSetting : IAsyncDisposable
{
    private protected static readonly TimeSpan Soon = Eventually.Patience;
    private protected static readonly byte[] Content = "0123456789abcdef"u8.ToArray();
    private protected static readonly byte[] Lies = "################"u8.ToArray();
    private protected static readonly Digest Name = Digest.Compute(Content);

    private protected readonly TempFolder _folder = TempFolder.Create("partial");
    private protected readonly ManualTimeProvider _clock = new();
    private protected readonly FileContentStore _store;
    private protected PartialBlobs _partials;

    private protected PartialBlobSetting()
    {
        _store = new FileContentStore(_folder.Below("blobs"), _clock, NullLogger<FileContentStore>.Instance);
        _partials = Reopen();
    }

    private protected static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public async ValueTask DisposeAsync()
    {
        GC.SuppressFinalize(this);
        await _partials.DisposeAsync();
        await _folder.DisposeAsync();
    }

    private protected string MapPath => _folder.Below("partial", Name.Hex + ".map");

    private protected PartialBlobs Reopen(PartialBlobOptions? options = null) =>
        new(_folder.Below("partial"), _store, options ?? new PartialBlobOptions(), _clock, NullLogger<PartialBlobs>.Instance);

    private protected Task<PartialBlob> OpenAsync() => _partials.OpenAsync(Name, 16, Cancel).AsTask();

    private protected static Task WriteAsync(PartialBlob blob, int offset, int count) =>
        blob.WriteAsync(offset, Content.AsMemory(offset, count), SourceTrust.AtOnce, SourceKind.Upstream, Cancel).AsTask();

    private protected static async Task<byte[]> ReadAsync(IContentReader reader, long offset, int count)
    {
        var buffer = new byte[count];
        return buffer[..await reader.ReadAtAsync(offset, buffer, Cancel)];
    }

    private protected string[] FilesLeft() => Directory.GetFiles(_folder.Below("partial"));
}
