namespace Pier.ParserCoverage;

/// <summary>The readers of untrusted input, each with the files it is made of.</summary>
internal static class Parsers
{
    /// <summary>Share of its branches that the unit tests of a parser must take.</summary>
    public const double Least = 0.9;

    /// <summary>Every parser; a folder ends with a slash and means all files below it.</summary>
    public static IReadOnlyList<Parser> All { get; } =
    [
        new("digest", "Pier.Content/Digest.cs", "Pier.Content/DigestAlgorithm.cs"),
        new("image reference", "Pier.Content/References/"),
        new("manifest and index", "Pier.Content/Manifests/"),
        new("content URI", "Pier.Content/Uris/"),
        new("bencode", "Pier.BitTorrent/Bencoding/"),
        new("metainfo", "Pier.BitTorrent/Torrents/"),
        new("magnet link", "Pier.BitTorrent/Magnets/"),
        new("peer wire: handshake", "Pier.BitTorrent/Wire/Handshake.cs"),
        new("peer wire: messages", "Pier.BitTorrent/Wire/WireReader.cs", "Pier.BitTorrent/Wire/WireMessage.cs", "Pier.BitTorrent/Wire/HashRequest.cs"),
        new("peer wire: extensions", "Pier.BitTorrent/Wire/ExtensionHandshake.cs", "Pier.BitTorrent/Wire/MetadataMessage.cs", "Pier.BitTorrent/Wire/PierClaim.cs", "Pier.BitTorrent/Wire/ExtensionIds.cs"),
        new("peer exchange", "Pier.BitTorrent/Wire/PexMessage.cs"),
        new("DHT message", "Pier.BitTorrent/Dht/Krpc/KrpcReader.cs", "Pier.BitTorrent/Dht/CompactNodes.cs"),
        new("local discovery", "Pier.BitTorrent/Lsd/LsdMessage.cs"),
        new("tracker answer", "Pier.BitTorrent/Trackers/HttpTrackerAnswer.cs", "Pier.BitTorrent/Trackers/UdpTrackerAnswer.cs", "Pier.BitTorrent/Trackers/CompactPeers.cs", "Pier.BitTorrent/Trackers/PeerDictionaries.cs", "Pier.BitTorrent/Trackers/ScrapeFiles.cs"),
        new("pushed manifest and range", "Pier.Registry/Local/PushedManifest.cs", "Pier.Registry/Local/ChunkRange.cs"),
        new("tracker request", "Pier.BitTorrent/Tracking/TrackerQuery.cs", "Pier.BitTorrent/Tracking/UdpTrackerRequest.cs"),
        new("holdings of a member", "Pier.Membership/Holdings/HoldingsDelta.cs"),
        new("Dockerfile", "Pier.Buildkit/Dockerfiles/"),
        new("PIER words", "Pier.Buildkit/Supply/ContentRequest.cs", "Pier.Buildkit/Supply/SourceNames.cs"),
        new("labels of images", "Pier.Content/Labels/"),
        new("outline of a torrent", "Pier.BitTorrent/Creation/TorrentOutline.cs", "Pier.BitTorrent/Creation/OutlineHasher.cs"),
        new("containers of an engine", "Pier.Engines/Containers/ContainerJson.cs", "Pier.Engines/Containers/JsonLines.cs"),
        new("tar", "Pier.Store/Tar/"),
        new("FUSE requests", "Pier.Volumes/Fuse/Protocol/"),
    ];
}

/// <summary>One parser.</summary>
/// <param name="Name">What it reads.</param>
/// <param name="Files">Its files, below <c>src</c>.</param>
internal sealed record Parser(string Name, params string[] Files);
