using Microsoft.Extensions.Logging.Abstractions;
using Pier.BitTorrent.Creation;
using Pier.Content;
using Pier.Content.Contracts;
using Pier.Content.Manifests;
using Pier.Content.Uris;
using Pier.Distribution;
using Pier.Store.Blobs;
using Pier.Store.Images;

namespace Pier.Dat.Getting;

/// <summary>
/// Fetches a file or folder out of an image, or a single blob of its repository, from a registry, and makes the torrent by which
/// it is served: unless a login was needed for it.
/// </summary>
internal sealed class ImageGet(TimeProvider time)
{
    private const string Held = "held";

    private const UnixFileMode Program =
        UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute
        | UnixFileMode.GroupRead | UnixFileMode.GroupExecute | UnixFileMode.OtherRead | UnixFileMode.OtherExecute;

    /// <summary>Fetches it.</summary>
    /// <exception cref="ContentException">It cannot be had.</exception>
    /// <exception cref="DatException">What is wanted is nothing that pierdat fetches.</exception>
    public async Task<Fetched> RunAsync(OciUri uri, string destination, CancellationToken cancellationToken)
    {
        // Layers are read twice; they lie where their content will.
        var place = Path.TrimEndingDirectorySeparator(Path.GetFullPath(destination));
        var (parent, prefix) = (Path.GetDirectoryName(place) ?? "/", $".pierdat-{Path.GetFileName(place)}.");
        RemoveLeft(parent, prefix);
        var work = Path.Combine(parent, prefix + Path.GetRandomFileName());
        Directory.CreateDirectory(work);
        using var held = new FileStream(Path.Combine(work, Held), FileMode.CreateNew, FileAccess.ReadWrite, FileShare.None);
        try
        {
            var store = new FileContentStore(Path.Combine(work, "blobs"), time, NullLogger<FileContentStore>.Instance);
            using var clients = new UpstreamClients(new UpstreamOptions(), time, NullLogger<UpstreamClients>.Instance);
            var pull = new Pull(clients.For(uri.Image.Repository), uri, store);
            var source = uri.Path is { } path
                ? await pull.PathAsync(path, Path.Combine(work, "out"), cancellationToken)
                : await pull.BlobAsync(Path.Combine(work, "out"), cancellationToken);
            var torrent = await TorrentBuilder.CreateAsync(source, new TorrentCreationOptions(), progress: null, cancellationToken);
            return new Fetched(torrent, Place(source, destination))
            {
                Secret = pull.IsPublic ? null : $"{uri.Image.Repository.Familiar} wants a login, and whoever knows a torrent gets it.",
            };
        }
        catch (TorrentCreationException refused)
        {
            throw new DatException($"{uri}: {refused.Message}", refused);
        }
        finally
        {
            Directory.Delete(work, recursive: true);
        }
    }

    /// <summary>Removes what runs left that were killed: gigabytes, perhaps. Who lives holds a lock.</summary>
    private static void RemoveLeft(string parent, string prefix)
    {
        foreach (var left in Directory.Exists(parent) ? Directory.GetDirectories(parent, prefix + "*") : [])
        {
            try
            {
                using var free = new FileStream(Path.Combine(left, Held), FileMode.Open, FileAccess.ReadWrite, FileShare.None);
                Directory.Delete(left, recursive: true);
            }
            catch (Exception another) when (another is IOException or UnauthorizedAccessException)
            {
                // Somebody else's, who fetches to the same place.
            }
        }
    }

    /// <summary>Moves a file, or a folder's content, to where it is wanted.</summary>
    private static string Place(string source, string destination)
    {
        if (File.Exists(source))
        {
            var file = Path.GetFullPath(Destination.FileIn(destination, Path.GetFileName(source)));
            Directory.CreateDirectory(Path.GetDirectoryName(file)!);
            File.Move(source, file, overwrite: true);
            return file;
        }

        foreach (var file in Directory.EnumerateFiles(source, "*", SearchOption.AllDirectories))
        {
            var target = Path.Combine(destination, Path.GetRelativePath(source, file));
            Directory.CreateDirectory(Path.GetDirectoryName(target)!);
            File.Move(file, target, overwrite: true);
        }

        return destination;
    }

    /// <summary>One pull.</summary>
    private sealed class Pull(UpstreamClient client, OciUri uri, FileContentStore store)
    {
        private readonly string _target = uri.Image.Digest?.ToString() ?? uri.Image.Tag ?? "latest";

        /// <summary>Everything was had without a login.</summary>
        public bool IsPublic { get; private set; } = true;

        /// <summary>A path in the image's file system, written below a folder.</summary>
        public async Task<string> PathAsync(string path, string folder, CancellationToken cancellationToken)
        {
            var manifest = await ManifestAsync(cancellationToken);
            foreach (var layer in manifest.Layers)
            {
                await FetchAsync(layer.Digest, layer.Size, cancellationToken);
            }

            var got = await new ImageExtract(store).RunAsync(manifest.Layers, path, folder, cancellationToken)
                ?? throw new ContentNotFoundException($"{uri.Image.Familiar} has no '/{path}'.");
            foreach (var file in got.Files.Where(file => file.IsExecutable))
            {
                File.SetUnixFileMode(Path.Combine(folder, file.Path), Program);
            }

            return Path.Combine(folder, got.Name);
        }

        /// <summary>A blob that the URI names by its digest, as a file of that name.</summary>
        public async Task<string> BlobAsync(string folder, CancellationToken cancellationToken)
        {
            if (uri.Image.Digest is not { } digest)
            {
                throw new DatException($"{uri} is an image: name a file or folder in it, {uri}!/PATH, or a blob by its digest.");
            }

            await FetchAsync(digest, size: null, cancellationToken);
            await using var reader = await store.OpenAsync(digest, cancellationToken) ?? throw new ContentNotFoundException($"{digest} is gone.");
            Directory.CreateDirectory(folder);
            var file = Path.Combine(folder, digest.Hex);
            await using var from = new ReaderStream(reader);
            await using var to = File.Create(file);
            await from.CopyToAsync(to, 1 << 20, cancellationToken);
            return file;
        }

        private async Task<ImageManifest> ManifestAsync(CancellationToken cancellationToken)
        {
            var manifest = await ReadAsync(_target, cancellationToken);
            if (manifest is ImageIndex index)
            {
                var chosen = IndexSelection.Choose(index, Platform.Current)
                    ?? throw new ContentNotFoundException($"{uri.Image.Familiar} has nothing for {Platform.Current}.");
                manifest = await ReadAsync(chosen.Digest.ToString(), cancellationToken);
            }

            return manifest as ImageManifest ?? throw new ContentFormatException($"{uri.Image.Familiar} is no image.");
        }

        private async Task<Manifest> ReadAsync(string target, CancellationToken cancellationToken)
        {
            var got = await client.GetManifestAsync(uri.Image.Repository, target, cancellationToken);
            IsPublic &= got.WasAnonymous;
            return ManifestParser.Parse(got.Document.MediaType, got.Document.Content);
        }

        private async Task FetchAsync(Digest digest, long? size, CancellationToken cancellationToken)
        {
            if (await store.StatAsync(digest, cancellationToken) is not null)
            {
                return;
            }

            await using var blob = await client.OpenBlobAsync(uri.Image.Repository, digest, 0, length: null, cancellationToken);
            IsPublic &= blob.WasAnonymous;
            await using var ingest = await store.IngestAsync(digest, size ?? blob.TotalSize, cancellationToken);
            var buffer = new byte[1 << 20];
            for (int read; (read = await blob.Stream.ReadAsync(buffer, cancellationToken)) > 0;)
            {
                await ingest.WriteAsync(buffer.AsMemory(0, read), cancellationToken);
            }

            await ingest.SealAsync(cancellationToken);
        }
    }
}
