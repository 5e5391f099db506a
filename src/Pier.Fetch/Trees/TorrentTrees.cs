using System.Runtime.CompilerServices;
using Pier.BitTorrent;
using Pier.BitTorrent.Limits;
using Pier.BitTorrent.Selection;
using Pier.BitTorrent.Storage;
using Pier.BitTorrent.Swarms;
using Pier.BitTorrent.Trees;
using Pier.Content.Contracts;
using Pier.Content.Uris;
using Pier.Fetch.Uris;

namespace Pier.Fetch.Trees;

/// <summary>Torrents as trees: nothing is fetched but what is read or wanted. Trees of one torrent share its swarm and its files.</summary>
internal sealed class TorrentTrees(SharedSwarms swarms, TorrentSpecs specs) : ITreeHandler
{
    private readonly Lock _gate = new();
    private readonly ConditionalWeakTable<Swarm, FileChoice> _wanted = [];

    // Where swarms that were added here keep their files: a hybrid has two names and may be asked for by both, but is one swarm.
    private readonly ConditionalWeakTable<Swarm, string> _folders = [];

    /// <inheritdoc/>
    public bool Handles(ContentUri uri) => TorrentSpecs.IsTorrent(uri);

    /// <inheritdoc/>
    public async ValueTask<IArrivingTree> OpenAsync(ContentUri uri, TreeRequest request, CancellationToken cancellationToken)
    {
        var folder = "";
        StorageFactory storage = (metainfo, token) =>
        {
            // Somebody else who asked for it, and gave up, may have removed it.
            var content = KeptTorrent.ContentIn(folder, metainfo.Name);
            Directory.CreateDirectory(Path.GetDirectoryName(content)!);
            var resume = Path.Combine(folder, KeptTorrent.ResumeFile);
            return FileTreeStorage.OpenAsync(metainfo, content, new FileTreeOptions { ResumeFile = resume }, token);
        };
        try
        {
            var spec = await specs.ReadAsync(uri, storage, cancellationToken);
            folder = Path.Combine(request.Folder, spec.Id.Primary.ToString());
            Directory.CreateDirectory(folder);
            spec = KeptTorrent.Read(folder) is { } kept && kept.Id.WireHashes.Contains(spec.Id.Primary) ? spec with { Id = kept.Id, Metainfo = kept } : spec;
            var (swarm, _, isNew) = await swarms.JoinAsync(spec with { Files = FileChoice.None, Limits = new TransferLimits(Down: request.BytesPerSecond) }, cancellationToken);
            try
            {
                if (isNew)
                {
                    _folders.AddOrUpdate(swarm, folder);
                }
                else if (_folders.TryGetValue(swarm, out var used) && used != folder)
                {
                    RemoveIfEmpty(folder);
                    folder = used;
                }

                var metainfo = await swarm.MetadataAsync(cancellationToken);
                if (spec.Metainfo is null)
                {
                    Directory.CreateDirectory(folder);
                    KeptTorrent.Put(folder, metainfo);
                }

                return new ArrivingTorrent(this, swarm, metainfo, await TorrentTree.OpenAsync(swarm, cancellationToken), folder, TorrentSpecs.Shown(uri));
            }
            catch
            {
                await swarms.LeaveAsync(swarm);
                RemoveIfEmpty(folder);
                throw;
            }
        }
        catch (BitTorrentException failure)
        {
            throw TorrentDownload.Translate(uri, failure);
        }
        catch (Exception refused) when (refused is not ContentException and (IOException or UnauthorizedAccessException))
        {
            throw new ContentStorageException($"{TorrentSpecs.Shown(uri)}: {refused.Message}", refused);
        }
    }

    /// <summary>Wants files besides those that were wanted before, by whichever tree.</summary>
    public async Task WantAsync(Swarm swarm, FileChoice files, CancellationToken cancellationToken)
    {
        FileChoice all;
        lock (_gate)
        {
            all = _wanted.TryGetValue(swarm, out var before) ? before.With(files) : files;
            _wanted.AddOrUpdate(swarm, all);
        }

        await swarm.SelectAsync(all, cancellationToken);
        await swarm.Completion.WaitAsync(cancellationToken);
    }

    /// <summary>A tree is closed.</summary>
    public Task LeaveAsync(Swarm swarm) => swarms.LeaveAsync(swarm);

    /// <summary>Whether anybody uses the files of a swarm, and they are those in a folder.</summary>
    public bool Uses(Swarm swarm, string folder) => swarms.Has(swarm) && _folders.TryGetValue(swarm, out var used) && used == folder;

    // What nobody could tell of leaves nothing behind.
    private static void RemoveIfEmpty(string folder)
    {
        try
        {
            Directory.Delete(folder);
        }
        catch (IOException)
        {
            // Something is in it, or somebody else has removed it.
        }
    }
}
