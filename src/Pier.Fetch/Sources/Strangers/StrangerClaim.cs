using System.Collections.Concurrent;
using System.Net;
using Pier.BitTorrent.Rendezvous;
using Pier.Content.Contracts;
using Pier.Fetch.Ladder;
using Pier.Fetch.Sources.Swarms;

namespace Pier.Fetch.Sources.Strangers;

/// <summary>One torrent that strangers claim a blob to be, and all who say so.</summary>
internal sealed class StrangerClaim
{
    private const int MostTellers = 256;

    private readonly ConcurrentQueue<string> _tellers = new();
    private readonly ConcurrentQueue<IPEndPoint> _peers = new();

    public StrangerClaim(RendezvousClaim told, Func<SwarmClaim, IContentSource> makeSource)
    {
        Claim = new SwarmClaim(told.Id, told.Size, _peers, SourceTrust.AfterSeal);
        Candidate = new Candidate(Claim.ToString(), makeSource(Claim)) { Tellers = _tellers, Trust = SourceTrust.AfterSeal };
    }

    /// <summary>What is claimed.</summary>
    public SwarmClaim Claim { get; }

    /// <summary>The swarm as a source.</summary>
    public Candidate Candidate { get; }

    /// <summary>It is being tried, or has shown itself false.</summary>
    public bool IsTaken { get; set; }

    /// <summary>How often it was tried.</summary>
    public int Tries { get; set; }

    /// <summary>Names of those who say so.</summary>
    public IReadOnlyCollection<string> Tellers => _tellers;

    /// <summary>One more says so.</summary>
    public void Add(IPEndPoint teller)
    {
        if (_tellers.Count < MostTellers && !_peers.Contains(teller))
        {
            _peers.Enqueue(teller);
            _tellers.Enqueue(NameOf(teller));
        }
    }

    /// <summary>What a stranger is called in bans: its address, which costs more than a port; on this machine its port too.</summary>
    public static string NameOf(IPEndPoint teller) =>
        IPAddress.IsLoopback(teller.Address) ? $"stranger {teller}" : NameOf(teller.Address);

    /// <summary>The same for whoever is at an address.</summary>
    public static string NameOf(IPAddress address) => $"stranger {address}";
}
