using System.Buffers;
using System.Collections.Concurrent;
using Pier.BitTorrent.Pieces;

namespace Pier.BitTorrent.Swarms;

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

    public PieceChecker(SwarmPort port, EngineServices services, TorrentContent content)
    {
        _port = port;
        _services = services;
        _content = content;
        _hashers = new PieceHasherPool(content.Metainfo) { Vouched = port.Vouched };
        _report = ReportAsync;
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
        if (_waiting.Count > 0 || !_services.Verifier.TryQueue(job))
        {
            _waiting.Enqueue(job);
        }
    }

    /// <summary>Remembers what a check taught.</summary>
    public void Done(PieceOutcome outcome)
    {
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

    private async ValueTask ReportAsync(PieceOutcome outcome)
    {
        if (!_idle.TryTake(out var report))
        {
            report = new SwarmEvent.PieceChecked(this);
        }

        report.Outcome = outcome;
        if (!await _port.TryPostAsync(report, CancellationToken.None))
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
