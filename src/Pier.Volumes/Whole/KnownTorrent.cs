using Pier.Content.Contracts;

namespace Pier.Volumes.Whole;

/// <summary>A torrent that is open, or being looked up. Under the lock of its owner.</summary>
/// <param name="opening">Ends when it is open, or cannot be had.</param>
/// <param name="now">When it was asked for.</param>
internal sealed class KnownTorrent(Task<IArrivingTree> opening, long now)
{
    /// <summary>Ends when it is open, or cannot be had.</summary>
    public Task<IArrivingTree> Opening => opening;

    /// <summary>Who uses it now.</summary>
    public int Uses { get; set; }

    /// <summary>When somebody last ceased to.</summary>
    public long LastUse { get; set; } = now;

    /// <summary>Whether it is open and nobody uses it.</summary>
    public bool IsIdle => Uses == 0 && Opening.IsCompletedSuccessfully;

    /// <summary>Closes it, also when it is yet to open.</summary>
    public async Task CloseAsync()
    {
        try
        {
            await (await Opening).DisposeAsync();
        }
        catch (Exception failure) when (failure is ContentException or OperationCanceledException)
        {
            // It was never open; whoever asked for it was told.
        }
    }

    /// <summary>Closes it, and has removed what nobody else uses of it.</summary>
    /// <param name="own">The folder of its name.</param>
    /// <param name="remove">Removes a folder.</param>
    /// <returns>It, closed, when others still use what arrived of it; null otherwise.</returns>
    public async Task<IArrivingTree?> EndAsync(string own, Action<string> remove)
    {
        var open = await Opening;
        var used = open.Folder;
        await CloseAsync();
        if (open.Folder is { } unused)
        {
            remove(unused);
        }

        // A hybrid has two names and lies in the folder of one; an earlier run may have used the other.
        if (used is not null && used != own)
        {
            remove(own);
        }

        return used is not null && open.Folder is null ? open : null;
    }
}
