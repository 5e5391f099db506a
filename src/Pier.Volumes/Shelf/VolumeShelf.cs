using System.Collections.Concurrent;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Pier.Content.Contracts;
using Pier.Volumes.Fuse.Device;
using Pier.Volumes.Specs;
using Pier.Volumes.State;

namespace Pier.Volumes.Shelf;

/// <summary>All volumes of this node: made, mounted and removed here, and shown again after a restart. Thread-safe.</summary>
public sealed class VolumeShelf : IHostedService, IAsyncDisposable
{
    private readonly ConcurrentDictionary<string, Volume> _volumes = new(StringComparer.Ordinal);
    private readonly SemaphoreSlim _changing = new(1, 1);
    private readonly CancellationTokenSource _stopping = new();
    private readonly VolumeFolder _folder;
    private readonly ITreeFetcher _trees;
    private readonly IVolumeMounts _mounts;
    private readonly TimeProvider _time;
    private readonly ILogger<VolumeShelf> _log;
    private Task _recovering = Task.CompletedTask;

    /// <param name="root">Where volumes are kept.</param>
    /// <param name="mountRoot">Where they are mounted, each in a folder of its name; null for the place where it is kept.</param>
    /// <param name="trees">Where their content comes from.</param>
    /// <param name="mounts">Where they are shown.</param>
    /// <param name="time">The clock.</param>
    /// <param name="log">The log.</param>
    public VolumeShelf(string root, string? mountRoot, ITreeFetcher trees, IVolumeMounts mounts, TimeProvider time, ILogger<VolumeShelf> log)
    {
        _folder = new VolumeFolder(root, mountRoot, log);
        _trees = trees;
        _mounts = mounts;
        _time = time;
        _log = log;
    }

    /// <summary>Every volume, by name.</summary>
    public IReadOnlyList<VolumeStatus> List() => [.. _volumes.Values.Select(volume => volume.Status).OrderBy(status => status.Name, StringComparer.Ordinal)];

    /// <summary>One volume; null when there is none of that name.</summary>
    public VolumeStatus? Find(string name) => _volumes.TryGetValue(name, out var volume) ? volume.Status : null;

    /// <summary>Makes a volume; its content is looked for at once. The same again changes nothing.</summary>
    /// <param name="name">Its name.</param>
    /// <param name="options">What it is, as in <see cref="VolumeOptionReader"/>.</param>
    /// <param name="target">The folder on which it is to be mounted, links in its path are followed now; null for one of its own.</param>
    /// <param name="cancellationToken">Ends the wait for others.</param>
    /// <exception cref="VolumeOptionException">The name or an option is refused.</exception>
    /// <exception cref="ContentInUseException">Another volume has that name, or that folder.</exception>
    public async Task CreateAsync(string name, IReadOnlyDictionary<string, string> options, string? target, CancellationToken cancellationToken)
    {
        var spec = VolumeOptionReader.Read(options);
        // One folder has one name here: whoever mounts ends what was mounted there before.
        target = target is null ? null : RealPath.Of(target);
        var document = new VolumeDocument(VolumeDocument.Current, VolumeName.Check(name), _time.GetUtcNow(), options, target, []);
        await _changing.WaitAsync(cancellationToken);
        try
        {
            if (_volumes.TryGetValue(name, out var known))
            {
                if (RealTargetOf(known) != target || known.Document.Options.Count != options.Count || options.Except(known.Document.Options).Any())
                {
                    throw new ContentInUseException($"There is a volume '{name}' with other options; remove it first, or choose another name.");
                }

                return;
            }

            if (target is not null && _volumes.Values.FirstOrDefault(volume => RealTargetOf(volume) == target) is { } other)
            {
                throw new ContentInUseException($"The volume '{other.Document.Name}' is for {target} already.");
            }

            _folder.Put(document);
            Add(document, spec).Begin();
        }
        finally
        {
            _changing.Release();
        }
    }

    /// <summary>Removes a volume, and its content when no other shows it.</summary>
    /// <param name="name">Its name.</param>
    /// <param name="force">Whether it goes although somebody uses it.</param>
    /// <param name="cancellationToken">Ends the wait for others.</param>
    /// <exception cref="ContentNotFoundException">There is none.</exception>
    /// <exception cref="ContentInUseException">Somebody uses it.</exception>
    /// <exception cref="ContentStorageException">The disk refused: it can be removed again, and no more.</exception>
    public async Task RemoveAsync(string name, bool force, CancellationToken cancellationToken)
    {
        await _changing.WaitAsync(cancellationToken);
        try
        {
            var volume = Get(name);
            await volume.EndAsync(force, cancellationToken);
            // While it cannot be removed from the disk it stays here too, where that can be tried again.
            _folder.Remove(name);
            _volumes.TryRemove(name, out _);
            await volume.DisposeAsync();
            foreach (var folder in volume.UnusedContent)
            {
                RemoveContent(folder);
            }
        }
        finally
        {
            _changing.Release();
        }
    }

    /// <summary>Mounts a volume for a user; says where.</summary>
    /// <exception cref="ContentException">There is none, its content cannot be had, or it cannot be mounted.</exception>
    public Task<string> MountAsync(string name, string user, CancellationToken cancellationToken) => Get(name).MountAsync(user, cancellationToken);

    /// <summary>A user needs a volume no more.</summary>
    /// <exception cref="ContentException">There is none, or files of it are still open.</exception>
    public Task UnmountAsync(string name, string user, CancellationToken cancellationToken) => Get(name).UnmountAsync(user, cancellationToken);

    /// <summary>Has files of a volume fetched before they are read; returns when they are here.</summary>
    /// <param name="name">The volume.</param>
    /// <param name="pattern">A glob over paths; null for everything.</param>
    /// <param name="cancellationToken">Ends the wait, not the fetching.</param>
    public Task PrefetchAsync(string name, string? pattern, CancellationToken cancellationToken) => Get(name).PrefetchAsync(pattern, cancellationToken);

    /// <summary>Makes a folder of what a writable volume shows now, to be published; says where.</summary>
    /// <param name="name">The volume.</param>
    /// <param name="title">The folder's name, file name rules apply; null for the volume's.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="ContentException">There is none, it cannot be had whole, or it holds what cannot be published.</exception>
    /// <exception cref="VolumeOptionException">It is read-only, or the title is refused.</exception>
    public Task<string> SnapshotAsync(string name, string? title, CancellationToken cancellationToken) =>
        Get(name).SnapshotAsync(title is null ? null : VolumeName.Check(title), cancellationToken);

    /// <summary>A snapshot is published: from now on it outlives a crash.</summary>
    /// <exception cref="IOException">The disk refused.</exception>
    public void KeepSnapshot(string folder) => _folder.KeepSnapshot(folder);

    /// <summary>Removes a snapshot that is published no more; folders of others stay.</summary>
    /// <exception cref="IOException">The disk refused.</exception>
    public void RemoveSnapshot(string folder) => _folder.RemoveSnapshot(folder);

    /// <summary>Removes snapshots that a crash left before they were published. For the start, before anybody makes one.</summary>
    /// <param name="published">Paths of what is published.</param>
    public void SweepSnapshots(IReadOnlyCollection<string> published) => _folder.SweepSnapshots(published);

    /// <summary>The volume that a user mounted on a folder, by whatever path that is named; null for none.</summary>
    public VolumeStatus? FindAt(string target)
    {
        var real = RealPath.Of(target);
        return _volumes.Values.FirstOrDefault(volume => volume.Document.Target == target || RealTargetOf(volume) == real)?.Status;
    }

    /// <summary>
    /// The volume that who opens a path, or walks through it, comes to; null for none. This process must not: while it waits for itself it
    /// cannot be killed, nor can the next one take its place.
    /// </summary>
    public VolumeStatus? FindOn(string path)
    {
        // As it stands for all of them first: links are resolved only on a path that none is known to lie on.
        return Meeting(Path.GetFullPath(path)) ?? Meeting(RealOutside(path));

        VolumeStatus? Meeting(string at) => _volumes.Values.FirstOrDefault(volume => volume.IsMounted && MountPoint.Meets(at, volume.Mountpoint))?.Status;
    }

    /// <summary>The volume within which a path lies, however it is named; null for none, and for the folder itself that one is mounted on.</summary>
    public VolumeStatus? FindAround(string path)
    {
        var real = RealOutside(path);
        return _volumes.Values.FirstOrDefault(volume => volume.IsMounted && MountPoint.IsWithin(real, volume.Mountpoint))?.Status;
    }

    private string RealOutside(string path) =>
        MountPoint.RealPathOutside(path, _volumes.Values.Where(volume => volume.IsMounted).Select(volume => volume.Mountpoint));

    /// <summary>Whether a mount on a folder would hide a path, or lie within it.</summary>
    public static bool Meet(string folder, string path)
    {
        var (mounted, real) = (RealPath.Of(folder), RealPath.Of(path));
        return MountPoint.IsAtOrBelow(mounted, real) || MountPoint.IsAtOrBelow(real, mounted);
    }

    /// <summary>Forgets what was written to a volume.</summary>
    /// <exception cref="ContentException">There is none, or somebody uses it.</exception>
    /// <exception cref="VolumeOptionException">It is read-only.</exception>
    public Task ResetAsync(string name, CancellationToken cancellationToken) => Get(name).ResetAsync(cancellationToken);

    /// <inheritdoc/>
    public Task StartAsync(CancellationToken cancellationToken)
    {
        foreach (var document in _folder.Read())
        {
            try
            {
                var spec = VolumeOptionReader.Read(document.Options);
                var volume = Add(document, spec);
                if (spec.Seeds || document.Users.Count > 0)
                {
                    volume.Begin();
                }
            }
            catch (VolumeOptionException refused)
            {
                LogMessages.VolumeDamaged(_log, document.Name, refused.Message);
            }
        }

        // Content may be far away: nobody waits for it to start the daemon.
        _recovering = Task.WhenAll(_volumes.Values.Select(RecoverAsync));
        return Task.CompletedTask;
    }

    /// <inheritdoc/>
    public async Task StopAsync(CancellationToken cancellationToken)
    {
        await _stopping.CancelAsync();
        await _recovering;
        foreach (var name in _volumes.Keys)
        {
            if (_volumes.TryRemove(name, out var volume))
            {
                await volume.DisposeAsync();
            }
        }
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await StopAsync(CancellationToken.None);
        _changing.Dispose();
    }

    private static string? RealTargetOf(Volume volume) => volume.Document.Target is { } target ? RealPath.Of(target) : null;

    private Volume Get(string name) => _volumes.TryGetValue(name, out var volume)
        ? volume
        : throw new ContentNotFoundException($"There is no volume '{name}'.");

    private Volume Add(VolumeDocument document, VolumeSpec spec) =>
        _volumes[document.Name] = new Volume(document, spec, _folder, RemoveContent, _trees, _mounts, _time, _log);

    private void RemoveContent(string folder)
    {
        if (!_volumes.Values.Any(volume => volume.ContentFolders.Contains(folder)))
        {
            _folder.RemoveContent(folder);
        }
    }

    private async Task RecoverAsync(Volume volume)
    {
        try
        {
            await volume.RecoverAsync(_stopping.Token);
        }
        catch (Exception failure) when (failure is ContentException or OperationCanceledException)
        {
            LogMessages.VolumeNotRecovered(_log, volume.Document.Name, failure.Message);
        }
    }
}
