using System.Net;
using Pier.BitTorrent.Engine;
using Pier.BitTorrent.Limits;
using Pier.BitTorrent.Peers;
using Pier.BitTorrent.Pieces;
using Pier.BitTorrent.Swarms.Blocks;
using Pier.Simulation.Network;

namespace Pier.Simulation.Nodes;

/// <summary>A host: its two caps, and what its swarms share.</summary>
internal sealed class SimulatedNode
{
    private const int Port = 5056;
    private const int FirstAddress = (10 << 24) + 1;

    // Nodes stand in racks, a subnet each, and arrive in no order of racks: our tracker names near peers first.
    private const int Racks = 64;
    private const int RackSize = 256;

    private readonly SimulatedNetwork _network;
    private readonly SpreadingSwarms _spreading = new();

    public SimulatedNode(SimulatedNetwork network, int index, NodePlan plan)
    {
        _network = network;
        Index = index;
        Plan = plan;
        EndPoint = new IPEndPoint(AddressOf(index), Port);
        Span<byte> id = stackalloc byte[PeerId.Size];
        (plan.SuggestsSingly ? "-LT2080-"u8 : "-PI0100-"u8).CopyTo(id);
        BitConverter.TryWriteBytes(id[8..], network.Random.NextInt64());
        BitConverter.TryWriteBytes(id[16..], index);
        PeerId = new PeerId(id);
        Origin = new PeerOrigin(EndPoint, PeerId);
        Uplink = new Uplink(network, index, plan.Up);
        Downlink = new Downlink(plan.Down, network.Latency, network.BlockSize);
        Random = new Random(network.Random.Next());
        Connections = new ConnectionCount(network.Options.MaxConnections, network.Options.MaxDials);
        Memory = new PieceMemory(network.Options.PieceMemory, new NoMemory());
    }

    /// <summary>Number among the nodes.</summary>
    public int Index { get; }

    /// <summary>What it is like.</summary>
    public NodePlan Plan { get; }

    /// <summary>Where it listens.</summary>
    public IPEndPoint EndPoint { get; }

    /// <summary>What it calls itself.</summary>
    public PeerId PeerId { get; }

    /// <summary>Who its blocks are remembered by.</summary>
    public PeerOrigin Origin { get; }

    /// <summary>Its sending side.</summary>
    public Uplink Uplink { get; }

    /// <summary>Its receiving side.</summary>
    public Downlink Downlink { get; }

    /// <summary>Its dice.</summary>
    public Random Random { get; }

    /// <summary>Its bound on connections.</summary>
    public ConnectionCount Connections { get; }

    /// <summary>Its bound on unfinished pieces.</summary>
    public PieceMemory Memory { get; }

    /// <summary>Whom it banned.</summary>
    public BanList Bans { get; } = new();

    /// <summary>What it takes part in.</summary>
    public List<SimulatedSwarm> Swarms { get; } = [];

    /// <summary>It has arrived and is not lost.</summary>
    public bool IsUp
    {
        get => Downlink.IsUp;
        set => Downlink.IsUp = value;
    }

    /// <summary>It is lost without a word to anyone.</summary>
    public bool IsSilent { get; set; }

    /// <summary>When it arrived.</summary>
    public long ArrivedAt { get; set; }

    /// <summary>When all of its swarms were complete; null while they are not.</summary>
    public long? FinishedAt { get; set; }

    /// <summary>When its hashing is done with what waits.</summary>
    public long HashingUntil { get; set; }

    /// <summary>Pieces that it found bad.</summary>
    public int BadPieces { get; set; }

    /// <summary>The number of the node at an address.</summary>
    public static int IndexOf(IPAddress address)
    {
        Span<byte> bytes = stackalloc byte[4];
        address.TryWriteBytes(bytes, out _);
        var place = System.Buffers.Binary.BinaryPrimitives.ReadInt32BigEndian(bytes) - FirstAddress;
        return place % RackSize * Racks + place / RackSize;
    }

    /// <summary>What swarms of this node share, for one of them.</summary>
    public EngineServices ServicesFor(SimulatedSwarm swarm) => new(
        _network.Options with { Listen = EndPoint },
        _network.Time,
        Microsoft.Extensions.Logging.Abstractions.NullLogger.Instance,
        PeerId,
        Memory,
        swarm,
        Bans,
        Connections,
        _network.Trackers)
    {
        ListenPort = Port,
        Random = Random,
        BlockSize = _network.BlockSize,
        Spreading = _spreading,
        Picker = _network.PicksInOrder ? InOrderRule.Picker : PiecePicker.Usual,
    };

    /// <summary>Sends a message.</summary>
    public void Say(SimulatedLink link, int bytes, MessageKind kind, int index, int detail, object? payload)
    {
        Uplink.Say(bytes);
        _network.Say(new Message(link.FarNode, link.FarId, kind, bytes, index, detail), payload);
    }

    private static IPAddress AddressOf(int index)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(index, Racks * (RackSize - 2));
        var bytes = new byte[4];
        System.Buffers.Binary.BinaryPrimitives.WriteInt32BigEndian(bytes, FirstAddress + index % Racks * RackSize + index / Racks);
        return new IPAddress(bytes);
    }
}
