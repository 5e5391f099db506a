using Microsoft.Extensions.Logging;
using Pier.Content.Contracts;
using Pier.Volumes.Specs;
using Pier.Volumes.State;
using Pier.Volumes.Whole;
using Pier.Volumes.Writing;

namespace Pier.Volumes.Shelf;

/// <summary>One volume: opens its content once, shows it while somebody uses it. Requests take turns.</summary>
internal sealed class Volume : IAsyncDisposable
{
    private static readonly TimeSpan OpenPatience = TimeSpan.FromMinutes(1);

    private readonly VolumeSpec _spec;
    private readonly VolumeFolder _folder;
    private readonly VolumeContent _content;
    private readonly VolumeDisplay _display;
    private readonly WrittenFolder _written;
    private readonly TimeProvider _time;
    private readonly ILogger _log;
    private readonly Turns _turns;
    private Task _prefetching = Task.CompletedTask;
    private IVolumeMount? _mount;
    private string? _lastFailure;

    public Volume(
        VolumeDocument document, VolumeSpec spec, VolumeFolder folder, Action<string> removeContent, ITreeFetcher trees, IVolumeMounts mounts, TimeProvider time, ILogger log)
    {
        Document = document;
        _spec = spec;
        _folder = folder;
        _content = new VolumeContent(
            spec, trees, folder.Content, folder.NoteOf(document.Name), () => WholeContent.Open(spec, folder.Content, folder.NumbersOf(document.Name), trees, removeContent, time, log));
        _written = folder.WrittenOf(document.Name, spec.Quota);
        _display = new VolumeDisplay(document.Name, spec, _written, folder.HandlesOf(document.Name), mounts);
        _turns = new Turns(document.Name);
        _time = time;
        _log = log;
    }

    /// <summary>What is kept of it.</summary>
    public VolumeDocument Document { get; private set; }

    /// <summary>Where it is mounted when it is.</summary>
    public string Mountpoint => Document.Target ?? _folder.MountOf(Document.Name);

    /// <summary>Whether it is mounted.</summary>
    public bool IsMounted => _mount is { Ended.IsCompleted: false };

    /// <summary>Where its content is kept, as far as that is known; nothing when it lies in the store.</summary>
    public IReadOnlyList<string> ContentFolders => _content.Folders;

    /// <summary>Where its content was kept that nobody uses now that it is closed.</summary>
    public IReadOnlyList<string> UnusedContent => _content.Unused;

    /// <summary>The volume as people see it.</summary>
    public VolumeStatus Status
    {
        get
        {
            var mount = _mount;
            string[] failures = _lastFailure is { } failure ? [failure] : [];
            return new VolumeStatus(
                Document.Name, Document.Created, Document.Options, IsMounted ? Mountpoint : null, Document.Target, Document.Users,
                _content.Opened?.Arrival, mount?.Waiting ?? 0, mount?.OpenFiles ?? 0, [.. failures, .. _content.Failures, .. mount?.Failures ?? []]);
        }
    }

    /// <summary>Begins to find the content, so that it can be shown at once later; whatever fails is tried again by the first user.</summary>
    public void Begin() => _prefetching = BeginAsync();

    /// <summary>Mounts it for a user, for whom it stays until <see cref="UnmountAsync"/>; says where.</summary>
    /// <exception cref="ContentException">Its content cannot be had, or it cannot be mounted.</exception>
    public async Task<string> MountAsync(string user, CancellationToken cancellationToken)
    {
        using var turn = await _turns.TakeAsync(cancellationToken);
        if (!IsMounted)
        {
            await ShowAsync(cancellationToken);
        }

        SetUsers([.. Document.Users.Where(other => other != user), user]);
        return Mountpoint;
    }

    /// <summary>A user needs it no more; the last one unmounts it.</summary>
    /// <exception cref="ContentInUseException">Somebody still has files of it open, or has mounted something over it.</exception>
    public async Task UnmountAsync(string user, CancellationToken cancellationToken)
    {
        using var turn = await _turns.TakeAnyAsync(cancellationToken);
        if (_turns.IsEnded)
        {
            return;
        }

        var others = Document.Users.Where(other => other != user).ToArray();
        if (others.Length == 0)
        {
            _display.CheckReleased(Mountpoint, isEngines: Document.Target is null);
            await HideAsync();
            if (!_spec.Seeds)
            {
                await _content.CloseAsync();
            }
        }

        SetUsers(others);
    }

    /// <summary>Has files fetched before they are read, and returns when they are here.</summary>
    /// <param name="pattern">As <see cref="IArrivingTree.WantAsync"/>.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    public async Task PrefetchAsync(string? pattern, CancellationToken cancellationToken) =>
        await (await _content.OpenAsync(cancellationToken)).WantAsync(pattern, cancellationToken);

    /// <summary>Makes a folder of what it shows now, to be published.</summary>
    /// <param name="name">The folder's name; null for the volume's.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <returns>The folder.</returns>
    /// <exception cref="ContentException">It is read-only, cannot be had whole, or holds what cannot be published.</exception>
    public async Task<string> SnapshotAsync(string? name, CancellationToken cancellationToken)
    {
        _display.CheckWritable("there is nothing to publish that its source does not have");
        // What is read need not be waited for by those who only want to mount it.
        var content = await _content.OpenAsync(cancellationToken);
        await content.WantAsync(null, cancellationToken);
        var snapshot = _folder.NewSnapshot(name ?? Document.Name);
        using var turn = await _turns.TakeAsync(cancellationToken);
        try
        {
            await _display.SnapshotAsync(content, snapshot, IsMounted, cancellationToken);
            return snapshot;
        }
        catch
        {
            _folder.RemoveSnapshot(snapshot);
            throw;
        }
    }

    /// <summary>Forgets what was written to it.</summary>
    /// <exception cref="ContentException">It is read-only, or somebody uses it.</exception>
    public async Task ResetAsync(CancellationToken cancellationToken)
    {
        _display.CheckWritable("nothing was written to it");
        using var turn = await _turns.TakeAsync(cancellationToken);
        CheckUnused();
        await HideAsync();
        _written.Clear();
    }

    /// <summary>Shows it again to those who used it when the daemon ended.</summary>
    public async Task RecoverAsync(CancellationToken cancellationToken)
    {
        using var turn = await _turns.TakeAsync(cancellationToken);
        if (Document.Users.Count == 0)
        {
            _display.Clear(Mountpoint);
            return;
        }

        try
        {
            await ShowAsync(cancellationToken);
        }
        catch (ContentException)
        {
            // Whoever waits for what was kept mounted should not wait for ever.
            _display.Clear(Mountpoint);
            throw;
        }
    }

    /// <summary>Unmounts it for good: nobody can mount it any more.</summary>
    /// <exception cref="ContentInUseException">Somebody uses it; also with force, when something is mounted over it.</exception>
    public async Task EndAsync(bool force, CancellationToken cancellationToken)
    {
        using var turn = await _turns.TakeAnyAsync(cancellationToken);
        if (!force)
        {
            CheckUnused();
        }
        else if (_mount is { } mount)
        {
            _display.CheckUncovered(Mountpoint);
            await mount.DisposeAsync();
            _mount = null;
        }

        await HideAsync();
        _turns.End();
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await _content.StopAsync();
        await _prefetching;
        switch (_mount)
        {
            case { CanBeLeft: true } kept when Document.Users.Count > 0:
                kept.Leave();
                break;
            case { } mount:
                await mount.DisposeAsync();
                break;
        }

        await _content.DisposeAsync();
        _turns.Dispose();
    }

    private async Task BeginAsync()
    {
        try
        {
            var tree = await _content.OpenAsync(_content.Closing);
            if (_spec.IsFull || _spec.Prefetch is not null)
            {
                await tree.WantAsync(_spec.Prefetch is { Length: > 0 } glob ? glob : null, _content.Closing);
            }
        }
        catch (OperationCanceledException) when (_content.Closing.IsCancellationRequested)
        {
            // The daemon stops, or the volume goes.
        }
        catch (ContentException failure)
        {
            Remember(failure);
        }
    }

    private async Task ShowAsync(CancellationToken cancellationToken)
    {
        try
        {
            var arriving = await _content.OpenAsync(cancellationToken).WaitAsync(OpenPatience, _time, cancellationToken);
            if (_spec.IsFull)
            {
                await arriving.WantAsync(null, cancellationToken);
            }

            if (_spec.Sha256 is { } digest)
            {
                await OnlyFile.CheckAsync(arriving.Tree, digest, cancellationToken);
            }

            _mount = await _display.MountAsync(arriving, Mountpoint, cancellationToken);
            _lastFailure = null;
        }
        catch (TimeoutException slow)
        {
            var failure = new ContentUnavailableException(
                $"Nobody has told for {OpenPatience.TotalSeconds:0} s what is in the volume '{Document.Name}'. It goes on asking; try again later.", slow);
            Remember(failure);
            throw failure;
        }
        catch (ContentException failure)
        {
            Remember(failure);
            throw;
        }
    }

    private async Task HideAsync()
    {
        if (_mount is { } mount && !mount.Ended.IsCompleted && !await mount.TryUnmountAsync())
        {
            throw new ContentInUseException($"The volume '{Document.Name}' is in use: {mount.OpenFiles} files of it are open, or somebody's working folder is in {Mountpoint}.");
        }

        if (_mount is { } ended)
        {
            await ended.DisposeAsync();
            _mount = null;
        }
    }

    private void CheckUnused()
    {
        if (Document.Users.Count > 0)
        {
            throw new ContentInUseException($"The volume '{Document.Name}' is mounted for {Document.Users.Count} users.");
        }
    }

    private void SetUsers(IReadOnlyList<string> users)
    {
        var changed = Document with { Users = users };
        _folder.Put(changed);
        Document = changed;
    }

    private void Remember(ContentException failure)
    {
        _lastFailure = failure.Message;
        LogMessages.VolumeUnavailable(_log, Document.Name, failure.Message);
    }
}
