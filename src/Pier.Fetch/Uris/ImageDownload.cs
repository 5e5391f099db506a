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
internal sealed class ImageDownload(ImagePull pull, ImageFiles files, DigestDownload blobs, IContentStore store) : IUriHandler
{
    /// <inheritdoc/>
    public bool Handles(ContentUri uri) => uri is OciUri;

    /// <inheritdoc/>
    public async Task<Download> GetAsync(ContentUri uri, DownloadPlan plan, IProgress<PartProgress> progress, CancellationToken cancellationToken)
    {
        var (image, path) = uri is OciUri named ? (named.Image, named.Path) : throw new ArgumentException("not an image", nameof(uri));
        var folder = plan.Folder;
        PulledImage pulled;
        try
        {
            pulled = await pull.RunAsync(image, PlatformScope.Current, progress, cancellationToken);
        }
        catch (ContentException noManifest)
            when (image.Digest is not null && path is null && noManifest is ContentNotFoundException or ContentFormatException)
        {
            // The digest names a blob of the repository rather than a manifest.
            return await blobs.GetAsync(image.Digest.Value, image.Repository, folder, progress, cancellationToken);
        }

        using var lease = store.Lease([.. pulled.Manifests.Concat(pulled.Blobs).Select(part => part.Digest)]);
        return path is null
            ? await ExportAsync(pulled, folder, cancellationToken)
            : await files.ExtractAsync(pulled, path, folder, cancellationToken);
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
