using Pier.BitTorrent.Creation;
using Pier.BitTorrent.Selection;
using Pier.BitTorrent.Torrents;
using Pier.Content.Contracts;
using Pier.Content.Labels;
using Pier.Content.Uris;
using Pier.Fetch.Status;
using Pier.Fetch.Uris;
using Pier.Store.Trees;

namespace Pier.Fetch.Supplies;

/// <summary>What was made, and of which of the URIs.</summary>
internal sealed record MadeSupply(SuppliedBlob Blob, ContentUri Source);

/// <summary>Fetches content by URI and makes one blob of it: the file itself, or the tar of the tree.</summary>
internal sealed class SupplyMaker(UriFetch fetch, IContentStore store, SupplyAccess access, FetchOptions options)
{
    private const UnixFileMode Program =
        UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute
        | UnixFileMode.GroupRead | UnixFileMode.GroupExecute | UnixFileMode.OtherRead | UnixFileMode.OtherExecute;

    /// <summary>Makes the blob; it is sealed in the store then.</summary>
    /// <param name="request">What is wanted.</param>
    /// <param name="folder">For the files meanwhile; left empty, unless a torrent broke off that may be resumed.</param>
    /// <param name="progress">Told of each part.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="ContentException">It cannot be had.</exception>
    public async Task<MadeSupply> MakeAsync(SupplyRequest request, string folder, IProgress<PartProgress> progress, CancellationToken cancellationToken)
    {
        var plan = new DownloadPlan(folder, ChoiceOf(request)) { IsApart = true };
        access.RefuseHidden(request);
        using var download = await FetchAsync(request, plan, progress, cancellationToken);
        access.RefuseHidden(request);
        access.RefusePrivate(request);
        try
        {
            var blob = download.IsSingleFile
                ? await FileAsync(download, download.Folder, request, cancellationToken)
                : await TreeAsync(download, download.Folder, request, cancellationToken);
            blob = request.Plain && download.IsSingleFile
                ? await PlainAsync(blob, request, cancellationToken)
                : WithOutline(blob, download.Torrent, request);
            blob = request.WithTorrent ? blob with { Torrent = await TorrentAsync(download, request, cancellationToken) } : blob;
            return new MadeSupply(blob, download.Uri!);
        }
        catch (Exception refused) when (refused is not ContentException and (IOException or UnauthorizedAccessException))
        {
            throw new ContentStorageException($"{folder}: {refused.Message}", refused);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private async Task<Download> FetchAsync(SupplyRequest request, DownloadPlan plan, IProgress<PartProgress> progress, CancellationToken cancellationToken)
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var ceiling = new SupplyCeiling(options.SupplyMaxBytes, progress, stop);
        try
        {
            return await fetch.RunAsync(request.Uris, plan, ceiling.NewAttempt, stop.Token);
        }
        catch (Exception ended) when (ceiling.IsExceeded && !cancellationToken.IsCancellationRequested && ended is OperationCanceledException or ContentException)
        {
            Directory.Delete(plan.Folder, recursive: true);
            throw new ContentDeniedException($"It is larger than the {options.SupplyMaxBytes} bytes that this node fetches for builds (supplyMaxBytes).", ended);
        }
    }

    /// <summary>The content's torrent as a blob: the one that it came by, else one that is made of it.</summary>
    private async Task<Content.Digest> TorrentAsync(Download download, SupplyRequest request, CancellationToken cancellationToken)
    {
        var path = Path.Combine(download.Folder, download.IsSingleFile ? download.Files[0].Path : download.Name);
        if (download.IsSingleFile && download.Files[0].Blob is { } lent)
        {
            await LendAsync(lent, path, cancellationToken);
        }

        try
        {
            var metainfo = download.Torrent is { } known
                ? await LayerCompletion.CompleteAsync(known, path, cancellationToken)
                : await TorrentBuilder.CreateAsync(path, new TorrentCreationOptions(), progress: null, cancellationToken);
            await using var ingest = await store.IngestAsync(expected: null, size: null, cancellationToken);
            await ingest.WriteAsync(metainfo.ToTorrentFile(), cancellationToken);
            return (await SealAsync(ingest, request, cancellationToken)).Digest;
        }
        catch (TorrentCreationException refused)
        {
            throw new ContentFormatException($"No torrent can be made of it: {refused.Message}", refused);
        }
    }

    /// <summary>What an image's label says of the torrent: enough to make it again of the content, which must be whole for that.</summary>
    private static SuppliedBlob WithOutline(SuppliedBlob blob, Metainfo? torrent, SupplyRequest request)
    {
        if (torrent is null || request.Includes.Count > 0)
        {
            return blob;
        }

        var outline = TorrentOutline.Of(torrent);
        return blob with
        {
            InfoHashes = [.. new[] { torrent.Id.V1?.ToString(), torrent.Id.V2?.ToString() }.OfType<string>()],
            Outline = outline.Length <= DataLabelText.MaxOutline ? Convert.ToBase64String(outline) : null,
        };
    }

    private static FileChoice ChoiceOf(SupplyRequest request)
    {
        try
        {
            return request.Includes.Count == 0 ? FileChoice.All : FileChoice.Of([.. request.Includes.Select(FilePattern.Parse)], []);
        }
        catch (FileChoiceException malformed)
        {
            throw new ContentFormatException($"--include: {malformed.Message}.", malformed);
        }
    }

    private async Task<SuppliedBlob> FileAsync(Download download, string folder, SupplyRequest request, CancellationToken cancellationToken)
    {
        var file = download.Files[0];
        var name = Path.GetFileName(file.Path);
        if (file.Blob is { } lent)
        {
            return new SuppliedBlob(lent, file.Size, IsTree: false, file.IsExecutable, name);
        }

        var tree = new FolderTree(Path.GetDirectoryName(Path.Combine(folder, file.Path))!);
        var node = await tree.LookupAsync(tree.Root, name, cancellationToken)
            ?? throw new ContentUnavailableException($"'{file.Path}' was fetched and is gone. Try again.");
        await using var ingest = await store.IngestAsync(expected: null, node.Size, cancellationToken);
        await using var reader = await tree.OpenAsync(node.Id, cancellationToken);
        var buffer = new byte[1 << 20];
        for (int read; (read = await reader.ReadAtAsync(ingest.Written, buffer, cancellationToken)) > 0;)
        {
            await ingest.WriteAsync(buffer.AsMemory(0, read), cancellationToken);
        }

        var blob = await SealAsync(ingest, request, cancellationToken);
        return new SuppliedBlob(blob.Digest, blob.Size, IsTree: false, file.IsExecutable, name);
    }

    /// <summary>The tar in a compressed archive; the file itself when it is none.</summary>
    /// <exception cref="ContentException">It is damaged, or larger than builds may have.</exception>
    public async Task<SuppliedBlob> PlainAsync(SuppliedBlob blob, SupplyRequest request, CancellationToken cancellationToken)
    {
        await using var archive = await store.OpenAsync(blob.Digest, cancellationToken)
            ?? throw new ContentUnavailableException($"{blob.Digest} left the store before it could be unpacked. Try again.");
        if (!await PlainArchive.IsCompressedAsync(archive, cancellationToken))
        {
            return blob;
        }

        await using var ingest = await store.IngestAsync(expected: null, size: null, cancellationToken);
        await PlainArchive.CopyAsync(archive, ingest, options.SupplyMaxBytes, cancellationToken);
        var plain = await SealAsync(ingest, request, cancellationToken);
        return blob with { Digest = plain.Digest, Size = plain.Size, Name = PlainArchive.NameOf(blob.Name), Archive = blob.Digest };
    }

    private async Task<SuppliedBlob> TreeAsync(Download download, string folder, SupplyRequest request, CancellationToken cancellationToken)
    {
        var root = Path.Combine(folder, download.Name);
        foreach (var file in download.Files)
        {
            var path = Path.Combine(folder, file.Path);
            if (file.Blob is { } lent)
            {
                await LendAsync(lent, path, cancellationToken);
            }

            if (file.IsExecutable)
            {
                File.SetUnixFileMode(path, Program);
            }
        }

        await using var ingest = await store.IngestAsync(expected: null, size: null, cancellationToken);
        // Whoever else fetches the same torrent may have had other files written to the same place.
        var wanted = request.Includes.Count > 0 ? PathsOf(download) : null;
        await TreeTar.WriteAsync(new FolderTree(root), ingest, wanted is null ? null : wanted.Contains, cancellationToken);
        var blob = await SealAsync(ingest, request, cancellationToken);
        return new SuppliedBlob(blob.Digest, blob.Size, IsTree: true, IsExecutable: false, download.Name);
    }

    /// <summary>It may be a file of a private image: a public manifest that names it must not open it.</summary>
    private async Task<BlobInfo> SealAsync(IContentIngest ingest, SupplyRequest request, CancellationToken cancellationToken)
    {
        var blob = await ingest.SealAsync(cancellationToken);
        access.Hide(blob.Sha256, request);
        return blob;
    }

    /// <summary>The files that were wanted, and the directories above them.</summary>
    private static HashSet<string> PathsOf(Download download)
    {
        var paths = new HashSet<string>(StringComparer.Ordinal);
        foreach (var file in download.Files)
        {
            var path = Path.GetRelativePath(download.Name, file.Path);
            while (!string.IsNullOrEmpty(path) && paths.Add(path))
            {
                path = Path.GetDirectoryName(path);
            }
        }

        return paths;
    }

    /// <summary>A file that is a blob of the store was not written a second time; a tar needs its bytes.</summary>
    private async Task LendAsync(Content.Digest digest, string path, CancellationToken cancellationToken)
    {
        await using var reader = await store.OpenAsync(digest, cancellationToken)
            ?? throw new ContentUnavailableException($"The blob {digest}, which is '{Path.GetFileName(path)}', left the store. Try again.");
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        File.Delete(path);
        await BlobCopy.ToFileAsync(reader, path, cancellationToken);
    }
}
