using System.Net;
using System.Text;
using Pier.BitTorrent.Bencoding;

namespace Pier.BitTorrent.Trackers;

/// <summary>
/// Reads peers in the long form of BEP 3, a list of dictionaries. Host names are left out: resolving what a stranger's
/// answer names would make us query servers of his choice.
/// </summary>
internal static class PeerDictionaries
{
    private const int MaxAddressText = 64;

    public static void Read(ref BencodeReader reader, List<IPEndPoint> peers)
    {
        reader.EnterList();
        while (reader.NextItem())
        {
            if (ReadOne(ref reader) is { } peer && peers.Count < TrackerBounds.MaxPeers)
            {
                peers.Add(peer);
            }
        }
    }

    private static IPEndPoint? ReadOne(ref BencodeReader reader)
    {
        IPAddress? address = null;
        long port = 0;
        reader.EnterDictionary();
        while (reader.TryReadKey(out var key))
        {
            if (key.SequenceEqual("ip"u8))
            {
                address = Address(reader.ReadBytes());
            }
            else if (key.SequenceEqual("port"u8))
            {
                port = reader.ReadInteger();
            }
            else
            {
                reader.Skip();
            }
        }

        return address is not null && port is > 0 and <= ushort.MaxValue && TrackerBounds.IsReachable(address, (int)port)
            ? new IPEndPoint(address, (int)port)
            : null;
    }

    private static IPAddress? Address(ReadOnlySpan<byte> text) =>
        text.Length <= MaxAddressText && IPAddress.TryParse(Encoding.Latin1.GetString(text), out var address) ? CompactPeers.Plain(address) : null;
}
