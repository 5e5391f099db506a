using System.Text;
using Pier.Content.Contracts;
using Pier.Store.Disk;
using Pier.Volumes.Specs;
using Pier.Volumes.Whole;

namespace Pier.Volumes.Shelf;

/// <summary>The content of one volume: opened once for all who ask, again after it was closed or could not be had. Thread-safe.</summary>
/// <param name="spec">The volume's options.</param>
/// <param name="trees">Where content comes from.</param>
/// <param name="folder">Where what arrives is kept.</param>
/// <param name="note">A file that says where it is kept, for when it goes without having been opened again.</param>
/// <param name="openWhole">Opens what shows every torrent there is, when it is that.</param>
internal sealed class VolumeContent(VolumeSpec spec, ITreeFetcher trees, string folder, string note, Func<WholeContent> openWhole) : IAsyncDisposable
{
    private const int MaxNote = 4096;

    private readonly Lock _gate = new();
    private readonly CancellationTokenSource _closing = new();
    private IReadOnlyList<string> _noted = Read(note, folder);
    private Task<IOpenContent>? _opening;

    /// <summary>Ends when the volume goes.</summary>
    public CancellationToken Closing => _closing.Token;

    /// <summary>The content while it is open; null otherwise.</summary>
    public IOpenContent? Opened => _opening is { IsCompletedSuccessfully: true } opened ? opened.Result : null;

    /// <summary>Where it is kept, as far as that is known; nothing when it lies in the store.</summary>
    public IReadOnlyList<string> Folders => Opened?.Folders ?? _noted;

    /// <summary>Where it was kept when it was last closed, as far as nobody else uses what lies there.</summary>
    public IReadOnlyList<string> Unused
    {
        get => field ?? _noted;
        private set;
    }

    /// <summary>Why parts of it could not be had, newest last.</summary>
    public IReadOnlyList<string> Failures => Opened?.Failures ?? [];

    /// <summary>Opens it, or waits for those who do.</summary>
    /// <exception cref="ContentException">It cannot be had.</exception>
    public async Task<IArrivingTree> OpenAsync(CancellationToken cancellationToken)
    {
        Task<IOpenContent> opening;
        lock (_gate)
        {
            if (_opening is null or { IsFaulted: true } or { IsCanceled: true })
            {
                _opening = spec.IsWhole ? Task.FromResult<IOpenContent>(openWhole()) : OpenNewAsync();
            }

            opening = _opening;
        }

        return await opening.WaitAsync(cancellationToken);
    }

    /// <summary>Closes it; whoever asks next opens it again.</summary>
    public async Task CloseAsync()
    {
        Task<IOpenContent>? opening;
        lock (_gate)
        {
            (opening, _opening) = (_opening, null);
        }

        try
        {
            if (opening is not null)
            {
                Unused = await (await opening).CloseAsync();
            }
        }
        catch (Exception failure) when (failure is ContentException or OperationCanceledException)
        {
            // It was never open; whoever asked for it was told.
        }
    }

    /// <summary>Gives up whatever is being done for it, without closing it yet.</summary>
    public Task StopAsync() => _closing.CancelAsync();

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await StopAsync();
        await CloseAsync();
        _closing.Dispose();
    }

    private async Task<IOpenContent> OpenNewAsync()
    {
        var tree = await trees.OpenAsync(new TreeRequest(spec.Sources, folder, spec.Limit), _closing.Token);
        try
        {
            if (tree.Folder is { } kept && !_noted.Contains(kept))
            {
                DurableFile.Replace(note, Encoding.UTF8.GetBytes(Path.GetFileName(kept)));
                _noted = [kept];
            }

            return new OneTree(tree);
        }
        catch
        {
            await tree.DisposeAsync();
            throw;
        }
    }

    private static IReadOnlyList<string> Read(string note, string folder)
    {
        try
        {
            return DurableFile.Read(note, MaxNote) is { } bytes && Path.GetFileName(Encoding.UTF8.GetString(bytes)) is { Length: > 0 } name && name[0] != '.'
                ? [Path.Combine(folder, name)]
                : [];
        }
        catch (ContentException)
        {
            // It is written anew when the content is opened.
            return [];
        }
    }
}
