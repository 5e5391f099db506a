using Pier.Content;
using Pier.Content.Uris;

namespace Pier.Volumes.Specs;

/// <summary>What a volume was asked to be.</summary>
public sealed record VolumeSpec
{
    /// <summary>Where its content comes from: fallbacks, tried in this order.</summary>
    public required IReadOnlyList<ContentUri> Sources { get; init; }

    /// <summary>Whether it shows every torrent there is, by info-hash; then it has no sources.</summary>
    public bool IsWhole { get; init; }

    /// <summary>Trackers that are asked for those torrents.</summary>
    public IReadOnlyList<string> Trackers { get; init; } = [];

    /// <summary>How long such a torrent is looked for.</summary>
    public TimeSpan LookUpPatience { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>How long such a torrent is kept that nobody uses.</summary>
    public TimeSpan ForgetAfter { get; init; } = TimeSpan.FromHours(1);

    /// <summary>What its only file must be; null when nothing is demanded.</summary>
    public Digest? Sha256 { get; init; }

    /// <summary>The folder of the content that is shown; empty for all of it.</summary>
    public string Subpath { get; init; } = "";

    /// <summary>Whether everything must be here before it is mounted.</summary>
    public bool IsFull { get; init; }

    /// <summary>What is fetched before it is read: null for nothing, empty for everything, else a glob.</summary>
    public string? Prefetch { get; init; }

    /// <summary>Whether users may write; what they write stays with the volume.</summary>
    public bool IsWritable { get; init; }

    /// <summary>Most bytes that may be written; null for no bound but the disk's.</summary>
    public long? Quota { get; init; }

    /// <summary>Owner of every file.</summary>
    public uint Uid { get; init; }

    /// <summary>Group of every file.</summary>
    public uint Gid { get; init; }

    /// <summary>Permission bits taken from every file.</summary>
    public int Umask { get; init; }

    /// <summary>Whether what is here is given to others also while nobody uses the volume.</summary>
    public bool Seeds { get; init; } = true;

    /// <summary>Most bytes per second from a swarm; null for no limit.</summary>
    public long? Limit { get; init; }

    /// <summary>How long a read waits for bytes.</summary>
    public TimeSpan Patience { get; init; } = TimeSpan.FromMinutes(2);

    /// <summary>Whether a read whose patience ends says EAGAIN rather than EIO.</summary>
    public bool TryAgain { get; init; }
}
