using System.Collections.Concurrent;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Pier.Api.Seeds;
using Pier.BitTorrent.Creation;
using Pier.BitTorrent.Engine;
using Pier.BitTorrent.Storage;
using Pier.BitTorrent.Swarms;
using Pier.BitTorrent.Torrents;
using Pier.Daemon.Http;
using Pier.Daemon.Nodes;
using Pier.Daemon.Options;

namespace Pier.Daemon.Seeds;

/// <summary>Files and folders that are seeded by request, from where they lie, over restarts until told otherwise.</summary>
internal sealed class SeedLibrary(SeedFolder folder, BitTorrentEngine engine, Magnets magnets, DaemonOptions options, TimeProvider clock, ILogger<SeedLibrary> logger) : IHostedService
{
    private const string CreatedBy = "Pier";

    /// <summary>Hashed when it was added, and unchanged since: the files are read and never written.</summary>
    private static readonly FileTreeOptions Sealed = new() { IsSealed = true };

    private readonly ConcurrentDictionary<InfoHash, Seed> _seeds = new();

    /// <summary>What is seeded, in order of names.</summary>
    public IReadOnlyList<SeedSummary> List() => [.. _seeds.Values
        .Select(seed => Describe(seed) with { Problem = seed.Problem ?? Problem(seed.Document) })
        .OrderBy(seed => seed.Name, StringComparer.Ordinal)];

    /// <summary>The files and folders that are seeded, as far as their documents can be read.</summary>
    public IEnumerable<string> Paths => _seeds.Values.Select(seed => seed.Document.Path);

    /// <summary>The files and folders that are seeded; null while a document cannot be read that may name another.</summary>
    public IReadOnlyCollection<string>? Roots => _seeds.Count == folder.Documents ? [.. Paths] : null;

    /// <summary>Hashes a file or folder and seeds it; the same that is seeded from elsewhere already goes on being seeded from there.</summary>
    /// <exception cref="TorrentCreationException">It cannot go into a torrent, or cannot be read.</exception>
    public async Task<(SeedSummary Summary, Metainfo Torrent)> AddAsync(
        SeedRequest request, IProgress<TorrentCreationProgress> progress, CancellationToken cancellationToken)
    {
        var torrent = await TorrentBuilder.CreateAsync(request.Path, Options(request), progress, cancellationToken);
        if (_seeds.TryGetValue(torrent.Id.Primary, out var known) && known.Document.Path != request.Path && Problem(known.Document) is null)
        {
            return (Describe(known), torrent);
        }
        var seed = new Seed(new SeedDocument(1, request.Path, [.. FilesOf(request.Path, torrent).Select(Look)], request.SuperSeed), torrent, null);
        folder.Put(seed.Document, torrent);
        if (known is { Problem: null } && !IsServedAlike(known, seed) && engine.Find(torrent.Id) is { } otherwise)
        {
            await engine.RemoveAsync(otherwise);
        }
        // Kept and taken out of service by now: it must be served even if its client has left meanwhile.
        await StartAsync(seed, CancellationToken.None);
        logger.SeedAdded(request.Path, torrent.Id.ToString());
        return (Describe(seed), torrent);
    }

    /// <summary>Stops seeding; the files stay.</summary>
    /// <exception cref="ControlException">No seed has this info-hash.</exception>
    public async Task<SeedSummary> RemoveAsync(InfoHash infoHash)
    {
        if (!_seeds.TryRemove(infoHash, out var seed))
        {
            throw ControlException.NotFound($"Nothing is seeded under {infoHash}.", "See 'pier seed --list'.");
        }
        folder.Remove(infoHash);
        if (engine.Swarms.FirstOrDefault(swarm => swarm.Id == seed.Torrent.Id) is { } running)
        {
            await engine.RemoveAsync(running);
        }
        return Describe(seed);
    }

    /// <summary>Serves a seed again that somebody else on this node served as well, and does no more.</summary>
    public async Task ResumeAsync(TorrentId torrent)
    {
        if (_seeds.Values.FirstOrDefault(seed => seed.Torrent.Id == torrent) is { } seed)
        {
            await StartAsync(seed, CancellationToken.None);
        }
    }

    /// <summary>The torrents of all seeds, for the embedded tracker.</summary>
    public IEnumerable<TorrentId> Torrents => _seeds.Values.Select(seed => seed.Torrent.Id);

    /// <summary>Seeds again what earlier runs were told, without hashing what has not changed.</summary>
    public async Task StartAsync(CancellationToken cancellationToken)
    {
        foreach (var (document, torrent) in folder.Read())
        {
            var problem = Problem(document);
            if (problem is not null)
            {
                logger.SeedChanged(document.Path, problem);
            }
            await StartAsync(new Seed(document, torrent, problem), cancellationToken);
        }
        if (!_seeds.IsEmpty)
        {
            logger.SeedsResumed(_seeds.Count);
        }
    }

    /// <summary>The engine stops its swarms itself.</summary>
    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    private async Task StartAsync(Seed seed, CancellationToken cancellationToken)
    {
        _seeds[seed.Torrent.Id.Primary] = seed;
        if (seed.Problem is null)
        {
            await engine.AddAsync(
                SwarmSpec.For(seed.Torrent, (torrent, token) => FileTreeStorage.OpenAsync(torrent, seed.Document.Path, Sealed, token)) with
                {
                    Twin = V1Twin.Of(seed.Torrent),
                    Discovery = options.Discovery,
                    SuperSeed = seed.Document.SuperSeed,
                },
                cancellationToken);
        }
    }

    private TorrentCreationOptions Options(SeedRequest request) => new()
    {
        Name = request.Name,
        Format = Enum.TryParse<TorrentFormat>(request.Format, ignoreCase: true, out var format)
            ? format
            : throw ControlException.BadRequest($"'{request.Format}' is no torrent format: v1, v2 or hybrid."),
        PieceLength = request.PieceLength,
        PadFiles = request.PadFiles,
        IsPrivate = request.Private,
        Envelope = new MetainfoEnvelope
        {
            TrackerTiers = [.. (request.Trackers ?? []).Select(tracker => new[] { tracker })],
            WebSeeds = request.WebSeeds ?? [],
            Comment = request.Comment,
            CreatedBy = CreatedBy,
            CreationDate = clock.GetUtcNow(),
        },
    };

    private SeedSummary Describe(Seed seed) => new(
        seed.Torrent.Id.Primary.ToString(), seed.Torrent.Name, seed.Document.Path, seed.Torrent.TotalLength,
        seed.Torrent.Files.Count(file => !file.IsPadding), magnets.Of(seed.Torrent), seed.Problem,
        V1Twin.Of(seed.Torrent) is { } twin ? magnets.Of(twin) : null, seed.Document.SuperSeed);

    private static bool IsServedAlike(Seed one, Seed other) => one.Document.SuperSeed == other.Document.SuperSeed
        && one.Torrent.Envelope.TrackerTiers.SelectMany(tier => tier).SequenceEqual(other.Torrent.Envelope.TrackerTiers.SelectMany(tier => tier), StringComparer.Ordinal);

    private static IEnumerable<string> FilesOf(string path, Metainfo torrent) => torrent.IsSingleFile
        ? [path]
        : torrent.Files.Select(file => file.IsPadding || file.SymlinkTarget is not null ? "" : Path.Combine([path, .. file.Path]));

    /// <summary>Padding is no file on disk, and a link has no bytes: they keep their places in the torrent's order under an empty path.</summary>
    private static SeedFile Look(string path)
    {
        if (path.Length == 0)
        {
            return new SeedFile(path, 0, DateTimeOffset.UnixEpoch);
        }
        var file = new FileInfo(path);
        return new SeedFile(path, file.Length, new DateTimeOffset(file.LastWriteTimeUtc));
    }

    private static string? Problem(SeedDocument document)
    {
        foreach (var file in document.Files.Where(file => file.Path.Length > 0))
        {
            try
            {
                if (Look(file.Path) != file)
                {
                    return $"{file.Path} has changed: run 'pier seed' again";
                }
            }
            catch (Exception unseen) when (unseen is IOException or UnauthorizedAccessException)
            {
                return $"{file.Path} is gone";
            }
        }
        return null;
    }

    private sealed record Seed(SeedDocument Document, Metainfo Torrent, string? Problem);
}
