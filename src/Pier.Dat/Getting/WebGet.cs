using Pier.BitTorrent.Creation;
using Pier.Content.Trees;

namespace Pier.Dat.Getting;

/// <summary>Fetches a file from the web and makes the torrent by which it is served.</summary>
internal sealed class WebGet(WebClient web)
{
    /// <summary>Fetches it.</summary>
    /// <exception cref="DatException">It cannot be had.</exception>
    public async Task<Fetched> RunAsync(Uri address, string destination, CancellationToken cancellationToken)
    {
        var name = Path.GetFileName(Uri.UnescapeDataString(address.AbsolutePath));
        var path = Path.GetFullPath(Destination.FileIn(destination, TreeNames.Problem(name) is null ? name : "data"));
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        var part = path + ".pier-part";
        try
        {
            await using (var file = File.Create(part))
            {
                await web.CopyAsync(address, file, long.MaxValue, cancellationToken);
            }

            File.Move(part, path, overwrite: true);
        }
        finally
        {
            File.Delete(part);
        }

        return new Fetched(await TorrentBuilder.CreateAsync(path, new TorrentCreationOptions(), progress: null, cancellationToken), path);
    }
}
