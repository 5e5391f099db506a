using Microsoft.Extensions.Logging;
using Pier.Content.Contracts;

namespace Pier.Volumes.Whole;

/// <summary>Closes torrents that nobody uses any more, and has removed what arrived of them. Failures are logged: nobody waits for it.</summary>
/// <param name="folder">Where what arrives is kept.</param>
/// <param name="numbers">Keeps which are known.</param>
/// <param name="remove">Removes a folder, unless others need it.</param>
/// <param name="log">The log.</param>
internal sealed class TorrentRemoval(string folder, TorrentNumbers numbers, Action<string> remove, ILogger log)
{
    /// <summary>Forgets a torrent.</summary>
    /// <param name="name">Its name.</param>
    /// <param name="torrent">It; null when it is only known.</param>
    /// <returns>It, closed, when what arrived of it could not be removed because others use it; null otherwise.</returns>
    public async Task<IArrivingTree?> ForgetAsync(string name, KnownTorrent? torrent)
    {
        IArrivingTree? left = null;
        try
        {
            var own = Path.Combine(folder, TorrentName.FolderOf(name));
            if (torrent is null)
            {
                remove(own);
            }
            else
            {
                left = await torrent.EndAsync(own, remove);
            }
        }
        catch (Exception refused) when (refused is ContentException or IOException or UnauthorizedAccessException)
        {
            LogMessages.ForgettingFailed(log, name, refused.Message);
        }

        try
        {
            // Last: on a full disk there is room only now.
            numbers.Forget(name);
        }
        catch (ContentException refused)
        {
            LogMessages.ForgettingFailed(log, name, refused.Message);
        }

        return left;
    }

    /// <summary>Removes what others used when a torrent was forgotten.</summary>
    /// <param name="name">The torrent.</param>
    /// <param name="unused">Where it is.</param>
    public void Remove(string name, string unused)
    {
        try
        {
            remove(unused);
        }
        catch (Exception refused) when (refused is IOException or UnauthorizedAccessException)
        {
            LogMessages.ForgettingFailed(log, name, refused.Message);
        }
    }
}
