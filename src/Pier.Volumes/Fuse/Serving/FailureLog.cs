using Microsoft.Extensions.Logging;

namespace Pier.Volumes.Fuse.Serving;

/// <summary>Keeps why reads failed, and logs each reason at most once a minute: programs try again fast. Thread-safe.</summary>
internal sealed class FailureLog(string folder, TimeProvider time, ILogger log) : IFuseFailures
{
    private const int Kept = 16;

    private static readonly TimeSpan Quiet = TimeSpan.FromMinutes(1);

    private readonly Lock _gate = new();
    private readonly List<Failure> _latest = [];

    /// <summary>The latest reasons, newest last.</summary>
    public IReadOnlyList<string> Latest
    {
        get
        {
            lock (_gate)
            {
                return [.. _latest.Select(failure => $"{failure.At:yyyy-MM-dd HH:mm:ss}Z node {failure.Node}: {failure.Reason}")];
            }
        }
    }

    /// <inheritdoc/>
    public void Report(ulong nodeId, string reason)
    {
        var now = time.GetUtcNow();
        lock (_gate)
        {
            var index = _latest.FindIndex(failure => failure.Node == nodeId && failure.Reason == reason);
            if (index >= 0 && now - _latest[index].At < Quiet)
            {
                return;
            }

            if (index >= 0 || _latest.Count == Kept)
            {
                _latest.RemoveAt(Math.Max(index, 0));
            }

            _latest.Add(new Failure(now, nodeId, reason));
        }

        LogMessages.RequestFailed(log, folder, nodeId, reason);
    }

    private sealed record Failure(DateTimeOffset At, ulong Node, string Reason);
}
