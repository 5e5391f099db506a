using System.Collections.Concurrent;
using Pier.Fetch.Status;

namespace Pier.Fetch.Supplies;

/// <summary>Ends a fetch for a build that turns out larger than this node allows: as soon as a size is told, or bytes are there.</summary>
/// <param name="most">Bytes; 0 for no bound.</param>
/// <param name="next">Is told as well.</param>
/// <param name="exceeded">Ends the fetch.</param>
internal sealed class SupplyCeiling(long most, IProgress<PartProgress> next, CancellationTokenSource exceeded)
{
    /// <summary>The fetch was ended for its size.</summary>
    public bool IsExceeded { get; private set; }

    /// <summary>What one source is to tell of its parts; bytes of those that failed before it do not count.</summary>
    public IProgress<PartProgress> NewAttempt() => new Attempt(this);

    private void Report(PartProgress value, ConcurrentDictionary<string, long> done)
    {
        next.Report(value);
        done[value.Id] = value.Done;
        if (most > 0 && !IsExceeded && (value.Total > most || done.Values.Sum() > most))
        {
            IsExceeded = true;
            exceeded.Cancel();
        }
    }

    private sealed class Attempt(SupplyCeiling ceiling) : IProgress<PartProgress>
    {
        private readonly ConcurrentDictionary<string, long> _done = new(StringComparer.Ordinal);

        public void Report(PartProgress value) => ceiling.Report(value, _done);
    }
}
