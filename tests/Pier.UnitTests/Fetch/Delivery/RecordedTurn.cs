using Pier.Fetch.Ladder;

namespace Pier.UnitTests.Fetch.Delivery;

/// <summary>A turn that is never refused and remembers how it was given back.</summary>
internal sealed class RecordedTurn : ITurn
{
    public bool? Released { get; private set; }

    public Task RenewAsync(Func<long> bytesSoFar, CancellationToken cancellationToken) =>
        Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, cancellationToken);

    public Task ReleaseAsync(bool isSealed)
    {
        Released = isSealed;
        return Task.CompletedTask;
    }
}
