using System.Text;
using Pier.BitTorrent.Torrents;

namespace Pier.BitTorrent.WebSeeds;

/// <summary>A server that has the files as they are (BEP 19): one of its own address, or several below it.</summary>
internal sealed class FileAddresses : IWebSeedAddresses
{
    private readonly Metainfo _metainfo;
    private readonly Uri _root;

    /// <param name="seed">The address in the torrent.</param>
    /// <param name="metainfo">The torrent.</param>
    public FileAddresses(Uri seed, Metainfo metainfo)
    {
        _metainfo = metainfo;
        _root = metainfo.IsSingleFile || seed.AbsolutePath.EndsWith('/')
            ? seed
            : new UriBuilder(seed) { Path = seed.AbsolutePath + "/" }.Uri;
    }

    /// <inheritdoc/>
    public IEnumerable<WebSeedPart> PartsOf(long offset, long length)
    {
        foreach (var slice in _metainfo.Layout.Slices(offset, length))
        {
            var file = _metainfo.Files[slice.FileIndex];
            yield return file.IsPadding
                ? new WebSeedPart(null, slice.Length)
                : new WebSeedPart(AddressOf(file), slice.Length)
                {
                    From = slice.FileOffset,
                    FileLength = file.Length,
                    FileIndex = slice.FileIndex,
                };
        }
    }

    private Uri AddressOf(TorrentFile file)
    {
        if (_metainfo.IsSingleFile)
        {
            return _root.AbsolutePath.EndsWith('/') ? Below(Uri.EscapeDataString(_metainfo.Name)) : _root;
        }

        var path = new StringBuilder(Uri.EscapeDataString(_metainfo.Name));
        foreach (var segment in file.Path)
        {
            path.Append('/').Append(Uri.EscapeDataString(segment));
        }

        return Below(path.ToString());
    }

    private Uri Below(string path) => new UriBuilder(_root) { Path = _root.AbsolutePath + path }.Uri;
}
