using Pier.Content.Contracts;

namespace Pier.Fetch.Supplies;

/// <summary>One fetch for builds; all that ask for the same content wait for the same one.</summary>
/// <param name="uris">Names the sources alone, without patterns.</param>
/// <param name="progress">How far it is.</param>
/// <param name="end">Its end: the content, or a <see cref="ContentException"/>.</param>
/// <param name="isMutable">The same URIs may bring other bytes one day.</param>
internal sealed class SupplyJob(string uris, SupplyProgress progress, Task<SuppliedBlob> end, bool isMutable)
{
    /// <summary>Names the sources.</summary>
    public string Uris { get; } = uris;

    /// <summary>Its end.</summary>
    public Task<SuppliedBlob> End { get; } = end;

    /// <summary>What is to be said of it now.</summary>
    public SupplyStatus Status
    {
        get
        {
            var (done, total, rate) = progress.Read();
            return new SupplyStatus(isMutable)
            {
                Blob = End.IsCompletedSuccessfully ? End.Result : null,
                Problem = End.IsFaulted ? End.Exception.InnerException!.Message : End.IsCanceled ? "the node is stopping." : null,
                Done = done,
                Total = total,
                Rate = rate,
                Sources = progress.Sources,
            };
        }
    }

    /// <summary>Waits for the end, well or not, as long as patience lasts.</summary>
    public async Task WaitAsync(TimeSpan patience, TimeProvider time, CancellationToken cancellationToken)
    {
        using var enough = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        await Task.WhenAny(End, Task.Delay(patience, time, enough.Token));
        await enough.CancelAsync();
        cancellationToken.ThrowIfCancellationRequested();
    }
}
