using System.Text;
using Pier.BitTorrent.Bencoding;

namespace Pier.BitTorrent.Torrents;

/// <summary>
/// Reads tracker and web seed addresses, which careless programs write as a string or a list, empty or twice. What is not an
/// absolute address is left out, and what goes beyond the limits too: hints do not decide over a torrent.
/// </summary>
internal sealed class AddressReader(MetainfoLimits limits)
{
    private int _accepted;

    /// <summary>One address, or null.</summary>
    public string? ReadOne(ref BencodeReader reader)
    {
        if (reader.PeekKind() == BencodeKind.Bytes)
        {
            return Accept(reader.ReadBytes());
        }

        reader.Skip();
        return null;
    }

    /// <summary>A list of addresses, or one address standing for a list of one.</summary>
    public List<string> ReadList(ref BencodeReader reader)
    {
        var list = new List<string>();
        if (reader.PeekKind() != BencodeKind.List)
        {
            Add(list, ReadOne(ref reader));
            return list;
        }

        reader.EnterList();
        while (reader.NextItem())
        {
            Add(list, ReadOne(ref reader));
        }

        return list;
    }

    /// <summary>A list of lists (BEP 12); empty tiers are left out.</summary>
    public List<IReadOnlyList<string>> ReadTiers(ref BencodeReader reader)
    {
        var tiers = new List<IReadOnlyList<string>>();
        if (reader.PeekKind() != BencodeKind.List)
        {
            reader.Skip();
            return tiers;
        }

        reader.EnterList();
        while (reader.NextItem())
        {
            if (ReadList(ref reader) is { Count: > 0 } tier)
            {
                tiers.Add(tier);
            }
        }

        return tiers;
    }

    private static void Add(List<string> list, string? address)
    {
        if (address is not null && !list.Contains(address))
        {
            list.Add(address);
        }
    }

    private string? Accept(ReadOnlySpan<byte> bytes)
    {
        if (_accepted == limits.MaxUrls || bytes.Length > limits.MaxUrlBytes)
        {
            return null;
        }

        var text = Encoding.UTF8.GetString(bytes).Trim();
        if (!Uri.TryCreate(text, UriKind.Absolute, out var uri) || uri.Scheme is not ("http" or "https" or "udp" or "ftp"))
        {
            return null;
        }

        _accepted++;
        return text;
    }
}
