namespace Pier.BitTorrent.Swarms;

/// <summary>Takes choices of files, which wait until the torrent is open. Part of a swarm's loop.</summary>
/// <param name="port">Where readers wait.</param>
/// <param name="work">Tells the storage.</param>
internal sealed class FileSelector(SwarmPort port, ISwarmWork work)
{
    private SwarmEvent.FilesChosen? _waiting;

    /// <summary>Takes a choice, which comes back as <see cref="SwarmEvent.FilesSelected"/> once the storage knows it.</summary>
    /// <param name="chosen">The choice.</param>
    /// <param name="content">Null while the torrent is not open.</param>
    public void Choose(SwarmEvent.FilesChosen chosen, TorrentContent? content)
    {
        if (content is null)
        {
            _waiting?.Refuse();
            _waiting = chosen;
        }
        else
        {
            work.SelectFiles(content, chosen);
        }
    }

    /// <summary>The torrent is open.</summary>
    public void Opened(TorrentContent content)
    {
        if (_waiting is { } chosen)
        {
            _waiting = null;
            work.SelectFiles(content, chosen);
        }
    }

    /// <summary>The storage knows a choice: from now on its pieces are asked for.</summary>
    /// <returns>The swarm's state from now on; null when it makes no difference to it.</returns>
    public static SwarmState? Apply(SwarmEvent.FilesSelected selected, PiecePhase pieces, SwarmState state)
    {
        pieces.Selection.Choose(selected.Files);
        if (pieces.IsSealed || state is not (SwarmState.Downloading or SwarmState.Seeding))
        {
            return null;
        }

        return pieces.IsComplete ? SwarmState.Seeding : SwarmState.Downloading;
    }

    /// <summary>The torrent has ended: nobody need wait, neither with a choice nor for bytes.</summary>
    public void Drop()
    {
        _waiting?.Refuse();
        port.Arrivals.End();
    }
}
