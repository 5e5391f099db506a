using Pier.BitTorrent.Hashing;
using Pier.BitTorrent.Peers;
using Pier.BitTorrent.Storage;

namespace Pier.BitTorrent.Pieces;

/// <summary>A complete piece to be checked and stored.</summary>
/// <param name="Piece">Index of the piece.</param>
/// <param name="Offset">First byte in the piece space.</param>
/// <param name="Buffer">Its bytes.</param>
/// <param name="Hashers">How it is checked.</param>
/// <param name="Storage">Where it goes.</param>
/// <param name="Earlier">Evidence of attempts that failed.</param>
/// <param name="Report">Takes the outcome.</param>
/// <param name="Batch">The pieces that are hashed side by side, this one among them; null when it is alone.</param>
internal readonly record struct PieceJob(
    int Piece,
    long Offset,
    PieceBuffer Buffer,
    PieceHasherPool Hashers,
    ITorrentStorage Storage,
    IReadOnlyList<BlockEvidence> Earlier,
    Func<PieceOutcome, ValueTask> Report,
    PieceBatch? Batch = null);

/// <summary>What became of a piece.</summary>
/// <param name="Piece">Index of the piece.</param>
/// <param name="Buffer">Its bytes; whoever takes the outcome gives them back.</param>
/// <param name="Passed">Whether its hash agreed and it is stored.</param>
/// <param name="Evidence">When its hash did not agree: who sent what.</param>
/// <param name="Culprits">When it passed after earlier failures: who had sent bad blocks.</param>
/// <param name="Failure">Why it could not be stored although its hash agreed.</param>
internal readonly record struct PieceOutcome(
    int Piece, PieceBuffer Buffer, bool Passed, BlockEvidence? Evidence, IReadOnlyList<PeerOrigin> Culprits, Exception? Failure);

/// <summary>Checks and stores complete pieces of all torrents, off the swarms' loops and while the bytes are in cache.</summary>
internal sealed class PieceVerifier : IPieceVerifier, IAsyncDisposable
{
    private const int MaxQueued = 4096;

    private readonly Lock _gate = new();
    private readonly Queue<PieceJob> _jobs = new();
    private readonly Stack<WakeSignal> _idle = new();
    private readonly CancellationTokenSource _stopping = new();
    private readonly Task[] _workers;
    private bool _isClosed;

    /// <param name="workers">How many pieces are checked at once.</param>
    public PieceVerifier(int workers)
    {
        _workers = new Task[workers];
        for (var worker = 0; worker < workers; worker++)
        {
            _workers[worker] = Task.Run(WorkAsync);
        }
    }

    /// <inheritdoc/>
    public bool TakesBatches => WideSha1.IsSupported;

    /// <inheritdoc/>
    public bool TryQueue(PieceJob job)
    {
        WakeSignal? idle;
        lock (_gate)
        {
            if (_isClosed || _jobs.Count >= MaxQueued)
            {
                return false;
            }

            _jobs.Enqueue(job);
            _idle.TryPop(out idle);
        }

        idle?.Set();
        return true;
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        lock (_gate)
        {
            _isClosed = true;
            while (_idle.TryPop(out var idle))
            {
                idle.Set();
            }
        }

        await _stopping.CancelAsync();
        await Task.WhenAll(_workers);
        _stopping.Dispose();
    }

    private async Task WorkAsync()
    {
        var wake = new WakeSignal();
        while (true)
        {
            if (TryTake(wake, out var job))
            {
                await (job.Batch is { } batch ? CheckAllAsync(batch) : CheckAsync(job, matches: null));
            }
            else if (_isClosed)
            {
                return;
            }
            else
            {
                await wake.WaitAsync(CancellationToken.None);
            }
        }
    }

    /// <summary>Takes the next piece; when there is none, the signal is set once there is, or never will be.</summary>
    private bool TryTake(WakeSignal wake, out PieceJob job)
    {
        lock (_gate)
        {
            if (_jobs.TryDequeue(out job))
            {
                return true;
            }

            if (!_isClosed)
            {
                _idle.Push(wake);
            }

            return false;
        }
    }

    private static PeerOrigin[] Culprits(PieceJob job) =>
        [.. job.Earlier.SelectMany(earlier => earlier.CulpritsAgainst(job.Buffer, job.Hashers.ContentOf(job.Piece))).Distinct()];

    private async ValueTask CheckAllAsync(PieceBatch batch)
    {
        batch.Hash();
        for (var place = 0; place < batch.Count; place++)
        {
            await CheckAsync(batch[place], batch.Matches(place));
        }

        batch.Return();
    }

    private async ValueTask CheckAsync(PieceJob job, bool? matches) => await job.Report(await StoreAsync(job, matches));

    private async ValueTask<PieceOutcome> StoreAsync(PieceJob job, bool? matches)
    {
        try
        {
            if (!(matches ?? job.Hashers.Check(job.Piece, job.Buffer.Memory.Span)))
            {
                return new PieceOutcome(job.Piece, job.Buffer, Passed: false, BlockEvidence.Of(job.Buffer, job.Hashers.ContentOf(job.Piece)), [], null);
            }

            await job.Storage.WriteAsync(job.Offset, job.Buffer.Memory, _stopping.Token);
            return new PieceOutcome(job.Piece, job.Buffer, Passed: true, null, job.Earlier.Count == 0 ? [] : Culprits(job), null);
        }
        catch (Exception failure) when (failure is not OutOfMemoryException)
        {
            return new PieceOutcome(job.Piece, job.Buffer, Passed: false, null, [], failure);
        }
    }
}
