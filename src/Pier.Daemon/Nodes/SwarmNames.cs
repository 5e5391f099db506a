using Pier.BitTorrent.Engine;
using Pier.BitTorrent.Resting;
using Pier.BitTorrent.Swarms;
using Pier.BitTorrent.Torrents;
using Pier.Daemon.Http;

namespace Pier.Daemon.Nodes;

/// <summary>Finds torrents by what people call them: an info-hash or a blob's digest in either case, the beginning of one, or the torrent's name.</summary>
internal sealed class SwarmNames(BitTorrentEngine engine)
{
    // Shorter beginnings of a hash name too much.
    private const int MinPrefix = 6;
    private const string Sha256 = "sha256:";

    /// <summary>The torrent that runs under this name.</summary>
    /// <returns>Null when none does, though one that rests may.</returns>
    /// <exception cref="ControlException">Several do.</exception>
    public Swarm? Find(string name)
    {
        var found = Matching(engine.Swarms, NamesOf, name);
        return found.Count <= 1
            ? found.FirstOrDefault()
            : throw ControlException.Conflict($"{found.Count} torrents here are called {name}.", "Name one by its info-hash; see 'pier swarm ls'.");
    }

    /// <summary>The torrents of this name that rest, or could.</summary>
    public IReadOnlyList<RestingTorrent> Resting(string name) => Matching(
        engine.Resting, static torrent => [.. torrent.WireHashes.Select(hash => hash.ToString()), torrent.Id.V2?.ToString() ?? "", torrent.Name], name);

    /// <summary>Those that are called exactly so, else those of which one name begins so.</summary>
    private static List<T> Matching<T>(IReadOnlyList<T> all, Func<T, IEnumerable<string>> namesOf, string name)
    {
        var wanted = name.StartsWith(Sha256, StringComparison.Ordinal) ? name[Sha256.Length..] : name;
        var hash = InfoHash.TryParse(wanted, out var parsed) ? parsed.ToString() : wanted.ToLowerInvariant();
        var exact = all.Where(one => namesOf(one).Any(known => known == wanted || known == hash)).ToList();
        return exact.Count > 0 || wanted.Length < MinPrefix
            ? exact
            : [.. all.Where(one => namesOf(one).Any(known => known.StartsWith(wanted, StringComparison.Ordinal) || known.StartsWith(hash, StringComparison.Ordinal)))];
    }

    private static IEnumerable<string> NamesOf(Swarm swarm)
    {
        foreach (var id in (TorrentId?[])[swarm.Id, swarm.Spec.Twin?.Id])
        {
            if (id?.V1 is { } v1)
            {
                yield return v1.ToString();
            }
            if (id?.V2 is { } v2)
            {
                yield return v2.ToString();
            }
        }
        if (swarm.Metainfo is { } metainfo)
        {
            yield return metainfo.Name;
        }
    }
}
