namespace Pier.BitTorrent.Bencoding;

/// <summary>The four kinds of bencoded value (BEP 3).</summary>
public enum BencodeKind
{
    /// <summary><c>i…e</c></summary>
    Integer,

    /// <summary><c>length:bytes</c>; BEP 3 says "string", the content may be any bytes.</summary>
    Bytes,

    /// <summary><c>l…e</c></summary>
    List,

    /// <summary><c>d…e</c></summary>
    Dictionary,
}
