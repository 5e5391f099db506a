using System.Buffers;
using System.Net;
using System.Net.Sockets;
using Pier.BitTorrent.Bencoding;
using Pier.BitTorrent.Trackers;

namespace Pier.BitTorrent.Wire;

/// <summary>The body of a ut_pex message (BEP 11): which peers the sender is newly connected to, and which no longer.</summary>
/// <param name="Added">The new ones.</param>
/// <param name="Dropped">Those that are gone.</param>
internal sealed record PexMessage(IReadOnlyList<PexPeer> Added, IReadOnlyList<IPEndPoint> Dropped)
{
    /// <summary>Peers of one kind and family that a message may name (BEP 11); what comes beyond is not read.</summary>
    public const int MaxPeers = 50;

    /// <summary>Reads a message's body.</summary>
    /// <exception cref="WireException">Not a bencoded dictionary, or lists that are no peers.</exception>
    public static PexMessage Parse(ReadOnlySpan<byte> body)
    {
        List<PexPeer> added = [];
        List<PexPeer> dropped = [];
        var flags = ReadOnlySpan<byte>.Empty;
        var flags6 = ReadOnlySpan<byte>.Empty;
        var peers = ReadOnlySpan<byte>.Empty;
        var peers6 = ReadOnlySpan<byte>.Empty;
        try
        {
            var reader = new BencodeReader(body, BencodeKeyOrder.Tolerant);
            reader.EnterDictionary();
            while (reader.TryReadKey(out var key))
            {
                if (key.SequenceEqual("added"u8))
                {
                    peers = reader.ReadBytes();
                }
                else if (key.SequenceEqual("added.f"u8))
                {
                    flags = reader.ReadBytes();
                }
                else if (key.SequenceEqual("added6"u8))
                {
                    peers6 = reader.ReadBytes();
                }
                else if (key.SequenceEqual("added6.f"u8))
                {
                    flags6 = reader.ReadBytes();
                }
                else if (key.SequenceEqual("dropped"u8))
                {
                    Read(reader.ReadBytes(), [], CompactPeers.V4Size, dropped);
                }
                else if (key.SequenceEqual("dropped6"u8))
                {
                    Read(reader.ReadBytes(), [], CompactPeers.V6Size, dropped);
                }
                else
                {
                    reader.Skip();
                }
            }
        }
        catch (BencodeException malformed)
        {
            throw new WireException($"a malformed peer exchange: {malformed.Message}", malformed);
        }

        Read(peers, flags, CompactPeers.V4Size, added);
        Read(peers6, flags6, CompactPeers.V6Size, added);
        return new PexMessage(added, [.. dropped.Select(peer => peer.EndPoint)]);
    }

    /// <summary>Writes the body, keys in order.</summary>
    public void WriteTo(IBufferWriter<byte> output)
    {
        var writer = new BencodeWriter(output);
        writer.WriteDictionaryStart();
        Write(writer, "added"u8, Added.Select(peer => peer.EndPoint), AddressFamily.InterNetwork);
        WriteFlags(writer, "added.f"u8, AddressFamily.InterNetwork);
        Write(writer, "added6"u8, Added.Select(peer => peer.EndPoint), AddressFamily.InterNetworkV6);
        WriteFlags(writer, "added6.f"u8, AddressFamily.InterNetworkV6);
        Write(writer, "dropped"u8, Dropped, AddressFamily.InterNetwork);
        Write(writer, "dropped6"u8, Dropped, AddressFamily.InterNetworkV6);
        writer.WriteEnd();
    }

    private static void Read(ReadOnlySpan<byte> run, ReadOnlySpan<byte> flags, int size, List<PexPeer> peers)
    {
        if (run.Length % size != 0)
        {
            throw new WireException($"{run.Length} bytes of peer exchange are not a whole number of peers");
        }

        List<IPEndPoint> at = [];
        for (var i = 0; i < Math.Min(run.Length / size, MaxPeers); i++)
        {
            at.Clear();
            CompactPeers.TryRead(run.Slice(i * size, size), size, at, maxPeers: 1);
            if (at is [var endPoint])
            {
                peers.Add(new PexPeer(endPoint, i < flags.Length ? (PexFlags)flags[i] : PexFlags.None));
            }
        }
    }

    private static void Write(BencodeWriter writer, ReadOnlySpan<byte> key, IEnumerable<IPEndPoint> peers, AddressFamily family)
    {
        var run = new ArrayBufferWriter<byte>();
        foreach (var peer in peers.Where(peer => peer.AddressFamily == family))
        {
            CompactPeers.Write(peer, run);
        }

        writer.WriteBytes(key, run.WrittenSpan);
    }

    private void WriteFlags(BencodeWriter writer, ReadOnlySpan<byte> key, AddressFamily family) =>
        writer.WriteBytes(key, Added.Where(peer => peer.EndPoint.AddressFamily == family).Select(peer => (byte)peer.Flags).ToArray());
}

/// <summary>A peer that peer exchange names.</summary>
/// <param name="EndPoint">Where it listens.</param>
/// <param name="Flags">What is said of it.</param>
internal readonly record struct PexPeer(IPEndPoint EndPoint, PexFlags Flags);
