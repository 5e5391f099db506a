using Pier.BitTorrent.Torrents;
using Pier.Cli.Output;
using Pier.Cli.Sessions;

namespace Pier.Cli.Commands;

/// <summary>Torrent files on the user's side, which the daemon may not be able to read.</summary>
internal static class LocalTorrent
{
    /// <summary>Whether a word of the command line is the path of a torrent file rather than a URI.</summary>
    public static bool IsPath(string word) =>
        word.EndsWith(".torrent", StringComparison.OrdinalIgnoreCase) && (!word.Contains(':', StringComparison.Ordinal) || File.Exists(word));

    /// <summary>Its bytes.</summary>
    /// <exception cref="CommandException">It is larger than any torrent file.</exception>
    /// <exception cref="IOException">It is not there, or cannot be read.</exception>
    public static async Task<byte[]> ReadAsync(string path, CancellationToken cancellationToken)
    {
        var file = new FileInfo(path);
        return file.Exists && file.Length > MetainfoLimits.Default.MaxTorrentBytes
            ? throw new CommandException(ExitCode.Failed, $"{path} has {Sizes.Bytes(file.Length)}; no torrent file is that large.")
            : await File.ReadAllBytesAsync(path, cancellationToken);
    }
}
