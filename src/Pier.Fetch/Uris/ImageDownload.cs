using System.Runtime.ExceptionServices;
using Pier.Content;
using Pier.Content.Contracts;
using Pier.Content.References;
using Pier.Content.Uris;
using Pier.Fetch.Images;
using Pier.Fetch.Status;
using Pier.Store.Layout;

namespace Pier.Fetch.Uris;

/// <summary>
/// An image as an OCI layout folder, a single blob of a repository, or with <c>!/path</c> a file or folder out of the
/// image's file system.
/// </summary>
internal sealed class ImageDownload(IManifestFetcher manifests, ImagePull pull, ImageFiles files, DigestDownload blobs, IContentStore store) : IUriHandler
{
    /// <inheritdoc/>
    public bool Handles(ContentUri uri) => uri is OciUri;

    /// <inheritdoc/>
    public async Task<Download> GetAsync(ContentUri uri, DownloadPlan plan, IProgress<PartProgress> progress, CancellationToken cancellationToken)
    {
        var (image, path) = uri is OciUri named ? (named.Image, named.Path) : throw new ArgumentException("not an image", nameof(uri));
        var folder = plan.Folder;
        if (path is null && image.Digest is { } digest)
        {
            try
            {
                // Alone: an image of which a part is missing must not pass for the bytes of its manifest.
                await manifests.ByDigestAsync(image.Repository, digest, cancellationToken);
            }
            catch (ContentException noManifest) when (noManifest is ContentNotFoundException or ContentFormatException or ContentUnavailableException)
            {
                // The digest may name a blob of the repository: Docker's own registry answers 500 to who asks for it as a manifest.
                return await BlobAsync(digest, image.Repository, folder, noManifest, progress, cancellationToken);
            }
        }

        var pulled = await pull.RunAsync(image, PlatformScope.Current, progress, cancellationToken);
        using var lease = store.Lease([.. pulled.Manifests.Concat(pulled.Blobs).Select(part => part.Digest)]);
        return path is null
            ? await ExportAsync(pulled, folder, cancellationToken)
            : await files.ExtractAsync(pulled, path, folder, cancellationToken);
    }

    private async Task<Download> BlobAsync(
        Digest digest, RepositoryName repository, string folder, ContentException noManifest, IProgress<PartProgress> progress, CancellationToken cancellationToken)
    {
        try
        {
            return await blobs.GetAsync(digest, repository, folder, progress, cancellationToken);
        }
        catch (ContentException nothing)
            when (noManifest is ContentUnavailableException && nothing is ContentUnavailableException or ContentNotFoundException)
        {
            // Nothing was had of the repository at all: what kept the manifest back says why.
            ExceptionDispatchInfo.Throw(noManifest);
            throw;
        }
    }

    private async Task<Download> ExportAsync(PulledImage pulled, string folder, CancellationToken cancellationToken)
    {
        var name = FolderName(pulled.Reference);
        var target = Path.Combine(folder, name);
        await new OciLayoutExporter(store).ToFolderAsync(
            [new LayoutImage(pulled.Digest, pulled.MediaType, pulled.Reference.ToString())], target, cancellationToken);
        var written = new DirectoryInfo(target)
            .EnumerateFiles("*", SearchOption.AllDirectories)
            .Select(file => new DownloadedFile(Path.GetRelativePath(folder, file.FullName), file.Length, IsExecutable: false))
            .OrderBy(file => file.Path, StringComparer.Ordinal);
        return new Download(name, IsSingleFile: false, [.. written], pulled.Sources);
    }

    /// <summary>The last part of the repository with the tag, or the start of the digest: <c>busybox-1.36</c>.</summary>
    private static string FolderName(ImageReference reference)
    {
        var path = reference.Repository.Path;
        var last = path[(path.LastIndexOf('/') + 1)..];
        return $"{last}-{reference.Tag ?? reference.Digest!.Value.Short}";
    }
}
