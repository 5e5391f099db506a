using System.Buffers;
using System.Collections.Concurrent;
using Pier.BitTorrent.Engine;
using Pier.BitTorrent.Pieces;

namespace Pier.BitTorrent.Swarms.Blocks;

/// <summary>Sends complete pieces to the verifier, with what is known of earlier failures. Part of a swarm's loop.</summary>
internal sealed class PieceChecker
{
    private readonly SwarmPort _port;
    private readonly EngineServices _services;
    private readonly TorrentContent _content;
    private readonly PieceHasherPool _hashers;
    private readonly Dictionary<int, List<BlockEvidence>> _failures = [];
    private readonly Queue<PieceJob> _waiting = new();
    private readonly Func<PieceOutcome, ValueTask> _report;

    // Reports that the loop has applied, to be used again by the threads that check.
    private readonly ConcurrentBag<SwarmEvent.PieceChecked> _idle = [];

    // Null where pieces are hashed one by one.
    private readonly PieceGathering? _gathering;
    private int _underWay;

    public PieceChecker(SwarmPort port, EngineServices services, TorrentContent content, PieceBoard board)
    {
        _port = port;
        _services = services;
        _content = content;
        _hashers = new PieceHasherPool(content.Metainfo) { Vouched = port.Vouched };
        _report = ReportAsync;
        _gathering = services.Verifier.TakesBatches && _hashers.UsesSha1 ? new PieceGathering(services.Time, board) : null;
    }

    /// <summary>Has a complete piece checked and stored.</summary>
    public void Check(int piece, PieceBuffer buffer)
    {
        var job = new PieceJob(
            piece,
            _content.Grid.OffsetOf(piece),
            buffer,
            _hashers,
            _content.Storage,
            _failures.TryGetValue(piece, out var earlier) ? earlier : Array.Empty<BlockEvidence>(),
            _report);
        _underWay++;
        if (_gathering is null || _port.Windows.All.Count > 0)
        {
            QueueHeld();
            Queue(job);
            return;
        }

        if (!_gathering.TryHold(job, _underWay))
        {
            QueueHeld();
            Queue(job);
        }
        else if (_gathering.TakeFull() is { } batch)
        {
            Queue(batch);
        }
    }

    /// <summary>Has pieces checked that were held back for long enough, or that a reader may wait for.</summary>
    public void LookAtHeld()
    {
        if (_gathering is not null && (_gathering.IsOverdue || _port.Windows.All.Count > 0))
        {
            QueueHeld();
        }
    }

    /// <summary>The torrent stops: the memory of pieces that are held back, or that the verifier had no room for, is given back.</summary>
    public void Close()
    {
        if (_gathering?.Take() is { } held)
        {
            Recycle(held);
        }

        while (_waiting.TryDequeue(out var job))
        {
            if (job.Batch is { } batch)
            {
                Recycle(batch);
            }
            else
            {
                job.Buffer.Recycle();
            }
        }
    }

    /// <summary>Remembers what a check taught.</summary>
    public void Done(PieceOutcome outcome)
    {
        _underWay--;
        if (outcome.Passed)
        {
            _failures.Remove(outcome.Piece);
        }
        else if (outcome.Evidence is { } evidence)
        {
            if (!_failures.TryGetValue(outcome.Piece, out var earlier))
            {
                earlier = _failures[outcome.Piece] = [];
            }

            earlier.Add(evidence);
        }

        Tick();
    }

    /// <summary>Takes back a report that has been applied.</summary>
    public void Return(SwarmEvent.PieceChecked report)
    {
        report.Outcome = default;
        _idle.Add(report);
    }

    /// <summary>Queues what the verifier had no room for.</summary>
    public void Tick()
    {
        LookAtHeld();
        while (_waiting.TryPeek(out var job) && _services.Verifier.TryQueue(job))
        {
            _waiting.Dequeue();
        }
    }

    /// <summary>Those of the pieces in the storage that need no hashing: all, but none where each is to be vouched for.</summary>
    public IReadOnlyList<int> Proved()
    {
        int[] held = _content.Storage.IsSealed
            ? [.. Enumerable.Range(0, _content.Grid.PieceCount)]
            : [.. _content.Storage.Held.SelectMany(_content.Grid.PiecesWithin).Distinct()];
        if (_port.Provisional is not { Vouches: true })
        {
            return held;
        }

        CheckStored(held);
        return [];
    }

    /// <summary>Checks pieces that came into the storage by another way, in the background.</summary>
    public void CheckStored(IReadOnlyList<int> pieces)
    {
        if (pieces.Count > 0)
        {
            _port.Tasks.Run(() => CheckStoredAsync(pieces));
        }
    }

    private static void Recycle(PieceBatch batch)
    {
        for (var place = 0; place < batch.Count; place++)
        {
            batch[place].Buffer.Recycle();
        }

        batch.Return();
    }

    private void QueueHeld()
    {
        if (_gathering?.Take() is { } batch)
        {
            Queue(batch);
        }
    }

    private void Queue(PieceBatch batch)
    {
        if (batch.IsWorthwhile)
        {
            Queue(batch[0] with { Batch = batch });
            return;
        }

        for (var place = 0; place < batch.Count; place++)
        {
            Queue(batch[place]);
        }

        batch.Return();
    }

    private void Queue(PieceJob job)
    {
        if (_waiting.Count > 0 || !_services.Verifier.TryQueue(job))
        {
            _waiting.Enqueue(job);
        }
    }

    private async ValueTask ReportAsync(PieceOutcome outcome)
    {
        if (!_idle.TryTake(out var report))
        {
            report = new SwarmEvent.PieceChecked(this);
        }

        report.Outcome = outcome;
        if (!await _port.Events.TryPostAsync(report, lendsThread: true, CancellationToken.None))
        {
            outcome.Buffer.Recycle();
        }
    }

    private async Task CheckStoredAsync(IReadOnlyList<int> pieces)
    {
        var good = new List<int>();
        var buffer = ArrayPool<byte>.Shared.Rent(_content.Grid.PieceLength);
        try
        {
            foreach (var piece in pieces)
            {
                var bytes = buffer.AsMemory(0, _content.Grid.SizeOf(piece));
                await _content.Storage.ReadAsync(_content.Grid.OffsetOf(piece), bytes, CancellationToken.None);
                if (_hashers.Check(piece, bytes.Span))
                {
                    good.Add(piece);
                }
            }

            await _port.PostAsync(new SwarmEvent.PiecesStored(good), CancellationToken.None);
        }
        catch (IOException unreadable)
        {
            await _port.PostAsync(new SwarmEvent.Broken(unreadable), CancellationToken.None);
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }
}
