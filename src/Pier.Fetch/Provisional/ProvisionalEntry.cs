using System.Security.Cryptography;
using Pier.BitTorrent.Provisional;
using Pier.BitTorrent.Swarms;
using Pier.Membership.Client;

namespace Pier.Fetch.Provisional;

/// <summary>The provisional pieces of one blob on this node: the swarm, and the members it was told to by this node.</summary>
internal sealed class ProvisionalEntry(long size)
{
    private const int MostInvited = 1024;
    private const int NameSize = 16;

    /// <summary>What tells this node's word from that of others who hold a turn for the same blob.</summary>
    public ReadOnlyMemory<byte> Claim { get; } = RandomNumberGenerator.GetBytes(ProvisionalSpec.ClaimSize);

    private readonly Lock _gate = new();
    private readonly Queue<string> _order = new();
    private readonly Dictionary<string, byte[]> _invited = new(StringComparer.Ordinal);

    /// <summary>The swarm; set once it is added.</summary>
    public Swarm? Swarm { get; set; }

    /// <summary>When the fetch had no more use for it; null while it has.</summary>
    public long? ReleasedAt { get; set; }

    /// <summary>When a member was last connected after that.</summary>
    public long? LastPeerAt { get; set; }

    /// <summary>
    /// A name and a key for one more member. When there are many, who was invited longest ago is forgotten: his name is asked for when he
    /// connects, which is at once, and whoever hurries a blob or comes again is invited anew.
    /// </summary>
    public ProvisionalOffer Invite()
    {
        var (name, key) = (RandomNumberGenerator.GetBytes(NameSize), RandomNumberGenerator.GetBytes(ProvisionalSpec.KeySize));
        lock (_gate)
        {
            if (_order.Count >= MostInvited)
            {
                _invited.Remove(_order.Dequeue());
            }
            var text = Convert.ToHexString(name);
            _order.Enqueue(text);
            _invited[text] = key;
        }
        return new ProvisionalOffer(size, Claim, name, key);
    }

    /// <summary>The key of who was invited under a name; null for anybody else.</summary>
    public byte[]? KeyOf(ReadOnlyMemory<byte> name)
    {
        lock (_gate)
        {
            return _invited.GetValueOrDefault(Convert.ToHexString(name.Span));
        }
    }
}
