using System.Buffers.Binary;
using System.Net;
using System.Security.Cryptography;
using Pier.BitTorrent.Dht.Krpc;

namespace Pier.BitTorrent.Dht;

/// <summary>The queries that are on their way, by transaction id; ids are random, since whoever guesses one could answer in the other's name.</summary>
internal sealed class QueryTable(TimeProvider time)
{
    /// <summary>Bytes of our transaction ids.</summary>
    public const int TransactionSize = sizeof(uint);

    private const int MaxQueries = 1024;
    private static readonly TimeSpan LateAfter = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan LostAfter = TimeSpan.FromSeconds(6);

    private readonly Dictionary<uint, PendingQuery> _pending = [];
    private readonly Dictionary<IPEndPoint, int> _asked = [];

    /// <summary>Queries on their way.</summary>
    public int Count => _pending.Count;

    /// <summary>Enters a query; null when too many are on their way.</summary>
    /// <param name="to">Who is asked.</param>
    /// <param name="expected">Under which id it is known.</param>
    /// <param name="owner">Who wants to know.</param>
    /// <param name="transaction">Receives its id, <see cref="TransactionSize"/> bytes.</param>
    public PendingQuery? TryAdd(IPEndPoint to, NodeId? expected, IQueryOwner? owner, Span<byte> transaction)
    {
        if (_pending.Count >= MaxQueries)
        {
            return null;
        }

        PendingQuery query;
        do
        {
            RandomNumberGenerator.Fill(transaction);
            query = new PendingQuery(BinaryPrimitives.ReadUInt32BigEndian(transaction), to, expected, time.GetTimestamp(), owner);
        }
        while (!_pending.TryAdd(query.Transaction, query));

        _asked[to] = _asked.GetValueOrDefault(to) + 1;
        return query;
    }

    /// <summary>Whether somebody at this address has been asked, and has not answered yet.</summary>
    public bool Awaits(IPEndPoint from) => _asked.ContainsKey(from);

    /// <summary>Takes the query that a message answers; null when it answers none, or comes from somebody else.</summary>
    public PendingQuery? Take(KrpcMessage message, IPEndPoint from)
    {
        if (message.Transaction.Length != TransactionSize
            || !_pending.TryGetValue(BinaryPrimitives.ReadUInt32BigEndian(message.Transaction), out var query)
            || !query.To.Equals(from))
        {
            return null;
        }

        Remove(query);
        return query;
    }

    /// <summary>Takes a query back that could not be sent.</summary>
    public void Remove(PendingQuery query)
    {
        if (_pending.Remove(query.Transaction) && --_asked[query.To] == 0)
        {
            _asked.Remove(query.To);
        }
    }

    /// <summary>Takes the queries that nobody will answer any more, and notes which have become late.</summary>
    /// <returns>The lost ones, and the late ones whose owners have not been told yet.</returns>
    public (List<PendingQuery> Lost, List<PendingQuery> Late) Expire()
    {
        List<PendingQuery> lost = [];
        List<PendingQuery> late = [];
        foreach (var query in _pending.Values)
        {
            var age = time.GetElapsedTime(query.SentAt);
            if (age >= LostAfter)
            {
                lost.Add(query);
            }
            else if (age >= LateAfter && !query.IsLate)
            {
                query.IsLate = true;
                late.Add(query);
            }
        }

        lost.ForEach(Remove);
        return (lost, late);
    }
}
