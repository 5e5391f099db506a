using System.Diagnostics.CodeAnalysis;
using System.Net;
using Pier.BitTorrent.Engine;
using Pier.BitTorrent.Rendezvous;
using Pier.BitTorrent.Swarms;
using Pier.Content.Contracts;
using Pier.Fetch.Ladder;
using Pier.Fetch.Sources.Swarms;

namespace Pier.Fetch.Sources.Strangers;

/// <summary>
/// Gathers what strangers at a blob's rendezvous claim it to be (design §4). Each claim becomes one swarm of its own;
/// those who repeat it are peers there. Nobody's claim is believed before the seal.
/// </summary>
/// <param name="request">The blob.</param>
/// <param name="engine">Meets them.</param>
/// <param name="bans">Who told something false before.</param>
/// <param name="makeSource">Makes the source of a claim.</param>
/// <param name="found">Called, by any thread, for each new claim.</param>
internal sealed class StrangerSearch(
    BlobRequest request, BitTorrentEngine engine, SourceBans bans, Func<SwarmClaim, IContentSource> makeSource, Action found) : IStrangers
{
    private const int MostClaims = 16;

    private readonly Lock _gate = new();
    private readonly List<StrangerClaim> _claims = [];
    private readonly List<RendezvousSearch> _searches = [];

    /// <inheritdoc/>
    public int Waiting
    {
        get
        {
            lock (_gate) { return _claims.Count(claim => !claim.IsTaken); }
        }
    }

    /// <summary>Starts the searches; once.</summary>
    public void Begin(IEnumerable<RendezvousSpec> specs) => _searches.AddRange(specs.Select(engine.Search));

    /// <inheritdoc/>
    public bool TryTake([NotNullWhen(true)] out Candidate? candidate)
    {
        lock (_gate)
        {
            var next = _claims.Where(claim => !claim.IsTaken).MinBy(claim => (claim.Tries, -claim.Tellers.Count));
            candidate = next?.Candidate;
            if (next is not null)
            {
                next.IsTaken = true;
                next.Tries++;
            }
            return candidate is not null;
        }
    }

    /// <inheritdoc/>
    public void PutBack(Candidate candidate)
    {
        lock (_gate)
        {
            var claim = _claims.Find(claim => ReferenceEquals(claim.Candidate, candidate));
            claim?.IsTaken = bans.Has(request.Digest, candidate.Name);
        }
    }

    /// <summary>Whether a stranger's address is worth a connection.</summary>
    public bool Admits(IPAddress address) => !bans.Has(request.Digest, StrangerClaim.NameOf(address));

    /// <summary>Takes what one stranger says; its connection goes on when the swarm it speaks of is at work.</summary>
    public ValueTask<Swarm?> ClaimedAsync(RendezvousClaim told, CancellationToken cancellationToken)
    {
        var teller = StrangerClaim.NameOf(told.Teller);
        if (bans.Has(request.Digest, teller))
        {
            return ValueTask.FromResult<Swarm?>(null);
        }
        if (request.Size is { } size && size != told.Size)
        {
            bans.Add(request.Digest, teller);
            return ValueTask.FromResult<Swarm?>(null);
        }

        var isNew = false;
        lock (_gate)
        {
            var claim = _claims.Find(claim => claim.Claim.Id == told.Id && claim.Claim.Size == told.Size);
            if (claim is null && _claims.Count < MostClaims)
            {
                claim = new StrangerClaim(told, makeSource);
                isNew = !bans.Has(request.Digest, claim.Candidate.Name);
                claim.IsTaken = !isNew;
                _claims.Add(claim);
            }
            if (claim is null || bans.Has(request.Digest, claim.Candidate.Name))
            {
                // It repeats what the seal has shown to be false.
                bans.Add(request.Digest, teller);
                return ValueTask.FromResult<Swarm?>(null);
            }
            claim.Add(told.Teller);
        }
        if (isNew)
        {
            found();
        }
        return ValueTask.FromResult(engine.Find(told.Id));
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        foreach (var search in _searches)
        {
            await search.DisposeAsync();
        }
    }
}
