using Pier.Content.Contracts;
using Pier.Fetch.Ladder;

namespace Pier.Fetch.Delivery;

/// <summary>One question to the members who has a blob, running beside the climb.</summary>
internal sealed class PeerSearch : IAsyncDisposable
{
    private readonly CancellationTokenSource _stop;

    /// <summary>Puts the question.</summary>
    public PeerSearch(FetchParts parts, BlobRequest request, TimeSpan started, CancellationToken cancellationToken)
    {
        Started = started;
        _stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        Found = RunAsync(parts, request, _stop.Token);
    }

    /// <summary>When it was put, since the start of the fetch.</summary>
    public TimeSpan Started { get; }

    /// <summary>Those that said yes, without the banned; empty when the question failed. Never faults.</summary>
    public Task<IReadOnlyList<Candidate>> Found { get; }

    /// <summary>Takes the question back and waits until it has ended.</summary>
    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await Found;
        _stop.Dispose();
    }

    private static async Task<IReadOnlyList<Candidate>> RunAsync(
        FetchParts parts, BlobRequest request, CancellationToken cancellationToken)
    {
        try
        {
            var found = await parts.Finder.PeersAsync(request, cancellationToken);
            return [.. found.Where(candidate => !parts.Bans.Has(request.Digest, candidate.Name))];
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            return [];
        }
        catch (ContentException failure)
        {
            LogMessages.SearchFailed(parts.Logger, request.Digest, failure.Message);
            return [];
        }
    }
}
