using System.Net;
using System.Net.Http.Headers;
using System.Security.Cryptography;
using Pier.Content;
using Pier.Content.Contracts;
using Pier.Content.Uris;
using Pier.Fetch.Status;

namespace Pier.Fetch.Uris;

/// <summary>
/// A file on the web. A broken body is resumed by range; a fragment <c>#sha256=HEX</c> is held against the bytes,
/// which are not there under their name before.
/// </summary>
internal sealed class WebDownload(WebClient web, FetchOptions options, TimeProvider time) : IUriHandler
{
    private const int MostTries = 5;
    private const int BufferSize = 256 << 10;
    private const string DigestKey = "#sha256=";

    /// <inheritdoc/>
    public bool Handles(ContentUri uri) => uri is WebUri;

    /// <inheritdoc/>
    public async Task<Download> GetAsync(ContentUri uri, DownloadPlan plan, IProgress<PartProgress> progress, CancellationToken cancellationToken)
    {
        var (address, folder) = (((WebUri)uri).Address, plan.Folder);
        var expected = ExpectedOf(uri, address);
        var name = NameOf(address);
        var partial = Path.Combine(folder, $".{name}.part");
        try
        {
            using var transfer = new Transfer(uri.Text, name, progress, time);
            await FillAsync(address, partial, transfer, cancellationToken);
            var actual = transfer.Digest();
            if (expected is { } wanted && wanted != actual)
            {
                throw new ContentMismatchException($"{WebClient.Shown(address)}: its {transfer.Done} bytes are {actual}, not {wanted}; they were discarded.");
            }
            File.Move(partial, Path.Combine(folder, name));
            transfer.Report(PartState.Done);
            return new Download(name, IsSingleFile: true, [new DownloadedFile(name, transfer.Done, IsExecutable: false)], transfer.Sources);
        }
        catch (Exception refused) when (refused is not ContentException and (IOException or UnauthorizedAccessException))
        {
            throw new ContentStorageException($"{Path.Combine(folder, name)} cannot be written: {refused.Message}", refused);
        }
        finally
        {
            File.Delete(partial);
        }
    }

    private async Task FillAsync(Uri address, string path, Transfer transfer, CancellationToken cancellationToken)
    {
        await using var file = new FileStream(path, FileMode.Create, FileAccess.Write, FileShare.Read, bufferSize: 0);
        EntityTagHeaderValue? tag = null;
        for (var attempt = 1; ; attempt++)
        {
            try
            {
                using var answer = await web.SendAsync(address, transfer.Done, tag, cancellationToken);
                if (transfer.Done > 0 && answer.StatusCode != HttpStatusCode.PartialContent)
                {
                    // The server has no ranges, or another file by now: from the start.
                    transfer.Restart();
                    file.SetLength(0);
                }
                tag = answer.Headers.ETag;
                transfer.Total = answer.Content.Headers.ContentLength is { } rest ? transfer.Done + rest : 0;
                await CopyAsync(answer, file, transfer, cancellationToken);
                return;
            }
            catch (ContentUnavailableException) when (attempt < MostTries)
            {
                await Task.Delay(options.FirstPause * (1 << attempt), time, cancellationToken);
            }
        }
    }

    private async Task CopyAsync(HttpResponseMessage answer, FileStream file, Transfer transfer, CancellationToken cancellationToken)
    {
        await using var body = await answer.Content.ReadAsStreamAsync(cancellationToken);
        var buffer = new byte[BufferSize];
        while (true)
        {
            int read;
            using (var patience = new CancellationTokenSource(options.StallTimeout * 2, time))
            using (var both = CancellationTokenSource.CreateLinkedTokenSource(patience.Token, cancellationToken))
            {
                try
                {
                    read = await body.ReadAsync(buffer, both.Token);
                }
                catch (OperationCanceledException stalled) when (!cancellationToken.IsCancellationRequested)
                {
                    throw new ContentUnavailableException($"the body stopped at byte {transfer.Done}.", stalled);
                }
                catch (IOException broken)
                {
                    throw new ContentUnavailableException($"the body broke off at byte {transfer.Done}: {broken.Message}", broken);
                }
            }
            if (read == 0)
            {
                return;
            }
            file.Write(buffer, 0, read);
            transfer.Add(buffer.AsSpan(0, read));
        }
    }

    private static Digest? ExpectedOf(ContentUri uri, Uri address)
    {
        if (!address.Fragment.StartsWith(DigestKey, StringComparison.Ordinal))
        {
            return null;
        }
        return Digest.TryParse($"sha256:{address.Fragment[DigestKey.Length..]}", out var digest)
            ? digest
            : throw new ContentFormatException($"{WebClient.Shown(address)}: after {DigestKey} come 64 lower-case hex digits.");
    }

    private static string NameOf(Uri address)
    {
        var last = Uri.UnescapeDataString(address.AbsolutePath[(address.AbsolutePath.LastIndexOf('/') + 1)..]);
        return last is "" or "." or ".." || last.AsSpan().ContainsAny('/', '\0') ? "download" : last;
    }

    /// <summary>How far one file is.</summary>
    private sealed class Transfer(string id, string name, IProgress<PartProgress> progress, TimeProvider time) : IDisposable
    {
        private const long ReportStep = 1 << 20;
        private static readonly TimeSpan ReportPause = TimeSpan.FromSeconds(1);

        private readonly IncrementalHash _hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        private long _reported;
        private long _reportedAt;

        public long Done { get; private set; }

        public long Total { get; set; }

        public SourceBytes Sources => SourceBytes.None with { Upstream = Done };

        public void Add(ReadOnlySpan<byte> bytes)
        {
            _hash.AppendData(bytes);
            Done += bytes.Length;
            // The first bytes at once, and those of a slow line once a second.
            if (_reported == 0 || Done - _reported >= ReportStep || time.GetElapsedTime(_reportedAt) >= ReportPause)
            {
                Report(PartState.Running);
            }
        }

        public void Restart()
        {
            _hash.GetHashAndReset();
            Done = _reported = 0;
        }

        public Digest Digest() => Content.Digest.FromHash(DigestAlgorithm.Sha256, _hash.GetHashAndReset());

        public void Dispose() => _hash.Dispose();

        public void Report(PartState state)
        {
            (_reported, _reportedAt) = (Done, time.GetTimestamp());
            progress.Report(new PartProgress(id, name, state, Math.Max(Total, Done), Done, Sources));
        }
    }
}
