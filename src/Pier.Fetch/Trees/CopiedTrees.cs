using System.Security.Cryptography;
using System.Text;
using Pier.Content.Contracts;
using Pier.Content.Uris;
using Pier.Fetch.Images;
using Pier.Fetch.Status;
using Pier.Fetch.Uris;
using Pier.Store.Trees;

namespace Pier.Fetch.Trees;

/// <summary>
/// Content that cannot be read in parts, such as files on the web and file systems of images: fetched whole into a folder, then
/// shown. What is there from before is shown at once.
/// </summary>
internal sealed class CopiedTrees(UriFetch fetch, ImageUnpack images) : ITreeHandler
{
    private const string Finished = "files";
    private const string Unfinished = "arriving";

    /// <inheritdoc/>
    public bool Handles(ContentUri uri) => uri is WebUri or OciUri or BackendUri;

    /// <inheritdoc/>
    public async ValueTask<IArrivingTree> OpenAsync(ContentUri uri, TreeRequest request, CancellationToken cancellationToken)
    {
        var folder = Path.Combine(request.Folder, Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(uri.Text)))[..40]);
        var finished = Path.Combine(folder, Finished);
        try
        {
            if (!Directory.Exists(finished))
            {
                var unfinished = Path.Combine(folder, Unfinished);
                Directory.CreateDirectory(folder);
                if (Directory.Exists(unfinished))
                {
                    Directory.Delete(unfinished, recursive: true);
                }

                await (uri is OciUri { Path: null } whole
                    ? images.RunAsync(whole.Image, unfinished, new Unwatched(), cancellationToken)
                    : fetch.RunAsync([uri], DownloadPlan.All(unfinished), new Unwatched(), cancellationToken));
                Directory.Move(unfinished, finished);
            }

            return new CopiedTree(new FolderTree(finished), folder, TorrentSpecs.Shown(uri));
        }
        catch (Exception refused) when (refused is not ContentException and (IOException or UnauthorizedAccessException))
        {
            throw new ContentStorageException($"{folder}: {refused.Message}", refused);
        }
    }

    /// <summary>Nobody looks at how it goes.</summary>
    private sealed class Unwatched : IProgress<PartProgress>
    {
        public void Report(PartProgress value)
        {
            // Volumes tell how far they are by their trees.
        }
    }

    private sealed class CopiedTree(FolderTree tree, string folder, string source) : IArrivingTree
    {
        public IContentTree Tree => tree;

        public string? Folder => folder;

        public TreeArrival Arrival => new(tree.TotalBytes, tree.Count, tree.TotalBytes, 0, source);

        public Task WantAsync(string? pattern, CancellationToken cancellationToken) => Task.CompletedTask;

        public ValueTask DisposeAsync() => ValueTask.CompletedTask;
    }
}
