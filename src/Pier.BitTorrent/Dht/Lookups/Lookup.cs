using System.Net;
using System.Net.Sockets;
using Pier.BitTorrent.Dht.Krpc;
using Pier.BitTorrent.Dht.Routing;
using Pier.BitTorrent.Peers;
using Pier.BitTorrent.Torrents;

namespace Pier.BitTorrent.Dht.Lookups;

/// <summary>
/// The iterative search of BEP 5 for the nodes nearest to a point: asks the nearest ones it knows, three at a time, until the
/// eight nearest have answered. Bounded in nodes remembered and queries sent.
/// </summary>
internal sealed class Lookup(NodeId target, AddressFamily family, ILookupDriver driver) : IQueryOwner
{
    private const int Parallel = 3;
    private const int MaxCandidates = 64;
    private const int MaxQueries = 128;

    // Nearest first.
    private readonly List<Candidate> _candidates = [];
    private readonly HashSet<IPEndPoint> _known = [];
    private int _queries;

    /// <summary>The point.</summary>
    public NodeId Target => target;

    /// <summary>The torrent whose peers are looked for; null when only nodes are.</summary>
    public InfoHash? InfoHash { get; init; }

    /// <summary>Takes the peers that nodes name, as they come.</summary>
    public Action<IReadOnlyList<IPEndPoint>>? Found { get; init; }

    /// <summary>Called once, at the end.</summary>
    public Action<Lookup>? Ended { get; init; }

    /// <summary>Nothing more is asked.</summary>
    public bool IsEnded { get; private set; }

    /// <summary>Nodes that answered.</summary>
    public int AnswerCount { get; private set; }

    /// <summary>The nearest nodes that answered; at most eight.</summary>
    public IEnumerable<Candidate> Nearest =>
        _candidates.Where(candidate => candidate.State == CandidateState.Answered).Take(Bucket.Size);

    /// <summary>Begins with these nodes.</summary>
    public void Start(IEnumerable<NodeContact> nodes)
    {
        foreach (var node in nodes)
        {
            Add(node);
        }

        Advance();
    }

    /// <inheritdoc/>
    public void Answered(PendingQuery query, NodeContact node, KrpcMessage answer)
    {
        if (answer.Values.Count > 0 && Found is { } found)
        {
            List<IPEndPoint> peers = [.. answer.Values.Where(peer => AddressScopes.MayTell(query.To.Address, peer.Address))];
            if (peers.Count > 0)
            {
                found(peers);
            }
        }

        if (IsEnded || Find(query) is not { State: not CandidateState.Answered } candidate)
        {
            return;
        }

        if (node.Id != candidate.Contact.Id)
        {
            // Told under another id than its own, as after it has learned its address (BEP 42): it stands elsewhere.
            _candidates.Remove(candidate);
            candidate = new Candidate(node);
            Insert(candidate);
        }

        candidate.State = CandidateState.Answered;
        candidate.Token = answer.Token;
        AnswerCount++;
        foreach (var told in answer.Nodes)
        {
            if (!AddressScopes.MayTell(query.To.Address, told.EndPoint.Address))
            {
                continue;
            }

            if (told.EndPoint.AddressFamily == family)
            {
                Add(told);
            }
            else
            {
                driver.OthersTold(query.To, told);
            }
        }

        Advance();
    }

    /// <inheritdoc/>
    public void Failed(PendingQuery query)
    {
        if (!IsEnded && Find(query) is { State: not CandidateState.Answered } candidate && --candidate.Pending == 0)
        {
            candidate.State = CandidateState.Failed;
            Advance();
        }
    }

    /// <inheritdoc/>
    public void IsLate(PendingQuery query)
    {
        if (!IsEnded && Find(query) is { State: CandidateState.Asked } candidate)
        {
            // The question or its answer may have been lost: it is asked once more, and others are beside it.
            candidate.State = CandidateState.Late;
            TryAsk(candidate);
            Advance();
        }
    }

    private bool TryAsk(Candidate candidate)
    {
        if (_queries >= MaxQueries || !driver.Ask(this, candidate.Contact))
        {
            return false;
        }

        _queries++;
        candidate.Pending++;
        return true;
    }

    private Candidate? Find(PendingQuery query) => _candidates.Find(candidate => candidate.Contact.EndPoint.Equals(query.To));

    private void Add(NodeContact node)
    {
        // One node a network: whoever answers for many ids sits on one machine.
        var key = AddressScopes.Of(node.EndPoint.Address) == AddressScope.Machine ? node.EndPoint : new IPEndPoint(AddressScopes.NetworkOf(node.EndPoint.Address), 0);
        if (_known.Count < MaxCandidates * 16 && !_known.Contains(key) && Insert(new Candidate(node)))
        {
            _known.Add(key);
        }
    }

    private bool Insert(Candidate candidate)
    {
        var at = _candidates.Count;
        while (at > 0 && target.CompareDistances(candidate.Contact.Id, _candidates[at - 1].Contact.Id) < 0)
        {
            at--;
        }

        if (at >= MaxCandidates)
        {
            return false;
        }

        _candidates.Insert(at, candidate);
        if (_candidates.Count > MaxCandidates)
        {
            _candidates.RemoveAt(MaxCandidates);
        }

        return true;
    }

    private void Advance()
    {
        if (IsEnded)
        {
            return;
        }

        var waiting = _candidates.Count(candidate => candidate.State == CandidateState.Asked);
        var isOpen = false;
        var live = 0;
        for (var i = 0; i < _candidates.Count && live < Bucket.Size; i++)
        {
            var candidate = _candidates[i];
            if (candidate.State == CandidateState.Fresh && _queries < MaxQueries && waiting < Parallel)
            {
                candidate.State = TryAsk(candidate) ? CandidateState.Asked : CandidateState.Failed;
                waiting += candidate.State == CandidateState.Asked ? 1 : 0;
            }

            isOpen |= candidate.State is CandidateState.Asked or CandidateState.Late
                || (candidate.State == CandidateState.Fresh && _queries < MaxQueries);
            live += candidate.State == CandidateState.Failed ? 0 : 1;
        }

        if (!isOpen)
        {
            IsEnded = true;
            Ended?.Invoke(this);
        }
    }
}
