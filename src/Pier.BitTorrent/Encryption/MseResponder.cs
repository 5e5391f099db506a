using System.Buffers.Binary;
using Pier.BitTorrent.Torrents;
using Pier.BitTorrent.Wire;

namespace Pier.BitTorrent.Encryption;

/// <summary>The side of message stream encryption that was connected to.</summary>
/// <param name="known">The torrents that may be named.</param>
/// <param name="select">Chooses among the methods offered; throws when none will do.</param>
/// <param name="padding">Lengths of our paddings.</param>
internal sealed class MseResponder(KnownKeys known, Func<CryptoMethods, CryptoMethods> select, Func<int> padding)
{
    /// <summary>Agrees on keys and a method.</summary>
    /// <param name="stream">The connection.</param>
    /// <param name="early">What was read of it already; at most a public key.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="WireException">The other side does not do this, does it wrong, or names no torrent of ours.</exception>
    /// <exception cref="IOException">The connection ended.</exception>
    public async Task<MseAccepted> AcceptAsync(Stream stream, ReadOnlyMemory<byte> early, CancellationToken cancellationToken)
    {
        var reader = new ExactReader(stream, early);
        var theirs = new byte[KeyExchange.Size];
        await reader.ReadAsync(theirs, cancellationToken);
        var keys = new KeyExchange();
        var secret = keys.SecretWith(theirs);
        await stream.WriteAsync(new MseMessage().Add(keys.PublicKey).AddPadding(padding()).Bytes, cancellationToken);

        await reader.FindAsync(MseKeys.Synchronise(secret), MseLimits.MaxPadding, cancellationToken);
        var ask = new byte[InfoHash.Size];
        await reader.ReadAsync(ask, cancellationToken);
        var skey = known.Find(MseKeys.Mask(new InfoHash(ask), secret))
            ?? throw new WireException("it asks, encrypted, for a torrent that is not here");

        var incoming = MseKeys.CipherA(secret, skey);
        var outgoing = MseKeys.CipherB(secret, skey);
        var method = select(await ReadOfferAsync(reader, incoming, cancellationToken));
        var first = await ReadEarlyAsync(reader, incoming, cancellationToken);
        var answer = new MseMessage().Add(new byte[MseLimits.VerificationSize]).AddChoice(method, padding()).Encrypt(outgoing);
        await stream.WriteAsync(answer, cancellationToken);
        return new MseAccepted(method == CryptoMethods.Rc4 ? new EncryptedStream(stream, incoming, outgoing) : stream, first);
    }

    private static async Task<CryptoMethods> ReadOfferAsync(ExactReader reader, Rc4 incoming, CancellationToken cancellationToken)
    {
        var offer = new byte[MseLimits.VerificationSize + MseLimits.ChoiceSize];
        await DecryptAsync(reader, incoming, offer, cancellationToken);
        if (offer.AsSpan(0, MseLimits.VerificationSize).ContainsAnyExcept((byte)0))
        {
            throw new WireException("its verification constant is not zero");
        }

        var padding = BinaryPrimitives.ReadUInt16BigEndian(offer.AsSpan(MseLimits.VerificationSize + 4));
        if (padding > MseLimits.MaxPadding)
        {
            throw new WireException($"a padding of {padding} bytes");
        }

        await DecryptAsync(reader, incoming, new byte[padding], cancellationToken);
        return (CryptoMethods)BinaryPrimitives.ReadUInt32BigEndian(offer.AsSpan(MseLimits.VerificationSize));
    }

    private static async Task<byte[]> ReadEarlyAsync(ExactReader reader, Rc4 incoming, CancellationToken cancellationToken)
    {
        var length = new byte[2];
        await DecryptAsync(reader, incoming, length, cancellationToken);
        var count = BinaryPrimitives.ReadUInt16BigEndian(length);
        if (count > MseLimits.MaxEarly)
        {
            throw new WireException($"{count} bytes that come with the key exchange");
        }

        var early = new byte[count];
        await DecryptAsync(reader, incoming, early, cancellationToken);
        return early;
    }

    private static async Task DecryptAsync(ExactReader reader, Rc4 incoming, byte[] bytes, CancellationToken cancellationToken)
    {
        await reader.ReadAsync(bytes, cancellationToken);
        incoming.Apply(bytes, bytes);
    }
}

/// <summary>An encrypted opening that was agreed on.</summary>
/// <param name="Stream">The connection as it goes on: the same when it is plain from here.</param>
/// <param name="Early">What the other side said along with the opening; comes before what the stream gives.</param>
internal readonly record struct MseAccepted(Stream Stream, byte[] Early);
