namespace Pier.Fetch.Ladder;

/// <summary>A granted turn at the upstream: renewed as long as bytes arrive, or may still be waited for, given back when the blob is sealed or the leg fails (design §3.5).</summary>
internal interface ITurn
{
    /// <summary>Renews by the progress that <paramref name="bytesSoFar"/> tells, until cancelled.</summary>
    Task RenewAsync(Func<long> bytesSoFar, CancellationToken cancellationToken);

    /// <summary>Gives the turn back; never throws. With <paramref name="isSealed"/> the others are sent here from now on.</summary>
    Task ReleaseAsync(bool isSealed);
}
