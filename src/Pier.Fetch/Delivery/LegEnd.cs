using Pier.Content.Contracts;

namespace Pier.Fetch.Delivery;

/// <summary>How a leg ended.</summary>
internal enum LegOutcome
{
    /// <summary>It delivered what it could; the blob may be complete.</summary>
    Done,

    /// <summary>It does not have the blob.</summary>
    NotHere,

    /// <summary>It failed, or was stopped because it stood still; worth another try later.</summary>
    Broke,

    /// <summary>It will not give the blob, now or later: denied, not found, another size.</summary>
    Refused,

    /// <summary>It was stopped because another source won or the fetch ended.</summary>
    Stopped,
}

/// <summary>How a leg ended and why.</summary>
internal sealed record LegEnd(LegOutcome Outcome, ContentException? Cause = null);
