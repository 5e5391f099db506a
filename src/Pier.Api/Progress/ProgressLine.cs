using System.Text.Json.Serialization;
using Pier.Api.Cache;
using Pier.Api.Downloads;
using Pier.Api.Errors;
using Pier.Api.Images;
using Pier.Api.Seeds;

namespace Pier.Api.Progress;

/// <summary>One line of a long answer: progress, then a result or a failure.</summary>
[JsonPolymorphic(TypeDiscriminatorPropertyName = "type")]
[JsonDerivedType(typeof(ProgressUpdate), "progress")]
[JsonDerivedType(typeof(PullResult), "pulled")]
[JsonDerivedType(typeof(SeedResult), "seeding")]
[JsonDerivedType(typeof(DownloadResult), "downloaded")]
[JsonDerivedType(typeof(VerifyResult), "verified")]
[JsonDerivedType(typeof(ProgressFailure), "failed")]
public abstract record ProgressLine;

/// <summary>How far the parts of the work are; a part that is not named has not changed.</summary>
/// <param name="Items">The parts that changed.</param>
public sealed record ProgressUpdate(IReadOnlyList<ProgressItem> Items) : ProgressLine;

/// <summary>A pull has ended well.</summary>
/// <param name="Image">The image.</param>
/// <param name="Sources">Bytes by source over all its blobs.</param>
/// <param name="Seconds">Duration.</param>
/// <param name="Warning">That the answer is the last known one, when the upstream did not answer; else null.</param>
public sealed record PullResult(ImageSummary Image, Nodes.SourceBytes Sources, double Seconds, string? Warning) : ProgressLine;

/// <summary>A file or folder is being seeded.</summary>
/// <param name="Seed">What and under which link.</param>
/// <param name="Torrent">The torrent file's bytes.</param>
public sealed record SeedResult(SeedSummary Seed, ReadOnlyMemory<byte> Torrent) : ProgressLine;

/// <summary>A download is complete; its files can be read until the daemon stops or an hour has passed.</summary>
/// <param name="Id">Its id in <see cref="ApiPaths.Downloads"/>.</param>
/// <param name="Name">Name of the content.</param>
/// <param name="SingleFile">True when the content is one file rather than a folder.</param>
/// <param name="Files">Its files.</param>
/// <param name="Sources">Bytes by source.</param>
/// <param name="Seconds">Duration.</param>
/// <param name="Links">Symbolic links among its files; may be empty, and is null only from a daemon that knows none.</param>
public sealed record DownloadResult(
    string Id, string Name, bool SingleFile, IReadOnlyList<DownloadedFile> Files, Nodes.SourceBytes Sources, double Seconds,
    IReadOnlyList<DownloadedLink>? Links = null) : ProgressLine;

/// <summary>Blobs have been hashed again.</summary>
/// <param name="Blobs">Number of blobs looked at.</param>
/// <param name="Bytes">Their bytes.</param>
/// <param name="Damaged">Those whose bytes were not those of their names; none of them is served.</param>
/// <param name="Seconds">Duration.</param>
public sealed record VerifyResult(long Blobs, long Bytes, IReadOnlyList<DamagedBlob> Damaged, double Seconds) : ProgressLine;

/// <summary>The work has failed.</summary>
/// <param name="Error">Why.</param>
public sealed record ProgressFailure(ApiError Error) : ProgressLine;
