using Microsoft.Extensions.Logging;
using Pier.Content;
using Pier.Content.References;

namespace Pier.Fetch;

/// <summary>What delivery logs; ids 5000 to 5999.</summary>
internal static partial class LogMessages
{
    [LoggerMessage(5000, LogLevel.Information, "{Leg} brought nothing of {Digest} for {Seconds:0.#} s and is replaced")]
    public static partial void Stalled(ILogger log, Digest digest, string leg, double seconds);

    [LoggerMessage(5001, LogLevel.Information, "{Leg} cannot deliver {Digest}: {Reason}")]
    public static partial void LegFailed(ILogger log, Digest digest, string leg, string reason);

    [LoggerMessage(5002, LogLevel.Error, "{Leg} failed unexpectedly while delivering {Digest}")]
    public static partial void LegFaulted(ILogger log, Exception failure, Digest digest, string leg);

    [LoggerMessage(5003, LogLevel.Warning, "{Digest} could not be fetched: {Reason}")]
    public static partial void FetchFailed(ILogger log, Digest digest, string reason);

    [LoggerMessage(5004, LogLevel.Error, "The fetch of {Digest} failed unexpectedly")]
    public static partial void FetchFaulted(ILogger log, Exception failure, Digest digest);

    [LoggerMessage(5005, LogLevel.Warning, "{Digest} is fetched again elsewhere: what {Tellers} sent does not match. {Reason}")]
    public static partial void Mismatch(ILogger log, Digest digest, string tellers, string reason);

    [LoggerMessage(5006, LogLevel.Information, "The members could not be asked for {Digest}: {Reason}")]
    public static partial void SearchFailed(ILogger log, Digest digest, string reason);

    [LoggerMessage(5010, LogLevel.Information, "The referee does not answer for {Digest}: {Reason}")]
    public static partial void RefereeSilent(ILogger log, Digest digest, string reason);

    [LoggerMessage(5011, LogLevel.Information, "The turn for {Digest} went to others; what has begun is finished")]
    public static partial void TurnLost(ILogger log, Digest digest);

    [LoggerMessage(5012, LogLevel.Debug, "{Digest} is taken from {Member}, which holds the turn")]
    public static partial void Follows(ILogger log, Digest digest, string member);

    [LoggerMessage(5020, LogLevel.Warning, "{Repository}:{Tag} is answered with {Digest} as {Witness} last knew it: {Reason}")]
    public static partial void StaleTag(ILogger log, RepositoryName repository, string tag, Digest digest, string witness, string reason);

    [LoggerMessage(5021, LogLevel.Warning, "The tag {Repository}:{Tag} could not be kept: {Reason}")]
    public static partial void TagNotKept(ILogger log, RepositoryName repository, string tag, string reason);

    [LoggerMessage(5030, LogLevel.Warning, "{Path} is ignored: {Reason}. What it named is private until its manifest is asked for again")]
    public static partial void DamagedAccess(ILogger log, string path, string reason);

    [LoggerMessage(5031, LogLevel.Warning, "Who may have the blobs of {Repository} could not be kept: {Reason}")]
    public static partial void AccessNotKept(ILogger log, RepositoryName repository, string reason);

    [LoggerMessage(5032, LogLevel.Information, "{Digest} is not served under {Repository}, which could not be asked whether it has it: {Reason}")]
    public static partial void AccessNotProved(ILogger log, Digest digest, RepositoryName repository, string reason);

    [LoggerMessage(5040, LogLevel.Information, "{Count} blobs of earlier runs are seeded again")]
    public static partial void SeedingResumed(ILogger log, int count);

    [LoggerMessage(5041, LogLevel.Warning, "{Digest} is seeded only after the next start: too many blobs wait for their swarm records")]
    public static partial void SeedQueueFull(ILogger log, Digest digest);

    [LoggerMessage(5042, LogLevel.Warning, "{Digest} cannot be seeded: {Reason}")]
    public static partial void SeedFailed(ILogger log, Digest digest, string reason);

    [LoggerMessage(5045, LogLevel.Warning, "{Path} is ignored: {Reason}. How earlier blobs came is not shown any more")]
    public static partial void HistoryIgnored(ILogger log, string path, string reason);

    [LoggerMessage(5046, LogLevel.Warning, "How the last blobs came could not be kept: {Reason}")]
    public static partial void HistoryNotKept(ILogger log, string reason);

    [LoggerMessage(5047, LogLevel.Debug, "{Digest} came in pieces while {Holder} downloaded it: {End}")]
    public static partial void PiecesFollowed(ILogger log, Digest digest, string holder, string end);

    [LoggerMessage(5048, LogLevel.Debug, "Whether a member keeps {Digest} is not known: {Reason}")]
    public static partial void CopyNotConfirmed(ILogger log, Digest digest, string reason);

    [LoggerMessage(5049, LogLevel.Debug, "{Digest} could not be fetched before a client asks for it: {Reason}")]
    public static partial void NotPrefetched(ILogger log, Digest digest, string reason);

    [LoggerMessage(5058, LogLevel.Warning, "What refers to {Subject} in {Repository} could not be kept or read: {Reason}")]
    public static partial void ReferrersNotKept(ILogger logger, RepositoryName repository, Digest subject, string reason);

    [LoggerMessage(5057, LogLevel.Error, "{Digest} could not be fetched before a client asks for it, for a reason that no fetch should have")]
    public static partial void PrefetchBroke(ILogger logger, Digest digest, Exception fault);

    [LoggerMessage(5050, LogLevel.Information, "A {Kind} does not deliver: {Reason}")]
    public static partial void UriFailed(ILogger log, string kind, string reason);

    [LoggerMessage(5055, LogLevel.Warning, "{Path} is ignored: {Reason}. The content is fetched again when a build asks for it")]
    public static partial void SupplyIgnored(ILogger log, string path, string reason);

    [LoggerMessage(5056, LogLevel.Warning, "{Path} could not be kept: {Reason}. A later build fetches the content again")]
    public static partial void SupplyNotKept(ILogger log, string path, string reason);

    [LoggerMessage(5060, LogLevel.Information, "{Count} programs of backends went on after this daemon was killed; they are ended")]
    public static partial void BackendLeftoversEnded(ILogger log, int count);
}
