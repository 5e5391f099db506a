using System.Buffers.Binary;
using Pier.BitTorrent.Torrents;
using Pier.BitTorrent.Wire;

namespace Pier.BitTorrent.Encryption;

/// <summary>The connecting side of message stream encryption.</summary>
internal static class MseInitiator
{
    /// <summary>Agrees on keys and a method.</summary>
    /// <param name="stream">The connection.</param>
    /// <param name="skey">The name under which the torrent is met.</param>
    /// <param name="provided">Methods that we offer.</param>
    /// <param name="early">What is said first, sent along: our handshake.</param>
    /// <param name="padding">Lengths of our paddings.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <returns>The connection as it goes on: the same when it is plain from here.</returns>
    /// <exception cref="WireException">The other side does not do this, or does it wrong.</exception>
    /// <exception cref="IOException">The connection ended.</exception>
    public static async Task<Stream> OpenAsync(
        Stream stream, InfoHash skey, CryptoMethods provided, ReadOnlyMemory<byte> early, Func<int> padding, CancellationToken cancellationToken)
    {
        var keys = new KeyExchange();
        await stream.WriteAsync(new MseMessage().Add(keys.PublicKey).AddPadding(padding()).Bytes, cancellationToken);

        var reader = new ExactReader(stream, default);
        var theirs = new byte[KeyExchange.Size];
        await reader.ReadAsync(theirs, cancellationToken);
        var secret = keys.SecretWith(theirs);
        var outgoing = MseKeys.CipherA(secret, skey);
        var request = new MseMessage()
            .Add(MseKeys.Synchronise(secret))
            .Add(MseKeys.Mask(MseKeys.Ask(skey), secret).ToArray())
            .EndPlain()
            .Add(new byte[MseLimits.VerificationSize])
            .AddChoice(provided, padding())
            .AddCounted(early.Span)
            .Encrypt(outgoing);
        await stream.WriteAsync(request, cancellationToken);

        var incoming = MseKeys.CipherB(secret, skey);
        var verification = new byte[MseLimits.VerificationSize];
        incoming.Apply(verification, verification);
        await reader.FindAsync(verification, MseLimits.MaxPadding, cancellationToken);
        return await ReadChoiceAsync(reader, incoming, provided, cancellationToken) == CryptoMethods.Rc4
            ? new EncryptedStream(stream, incoming, outgoing)
            : stream;
    }

    private static async Task<CryptoMethods> ReadChoiceAsync(
        ExactReader reader, Rc4 incoming, CryptoMethods provided, CancellationToken cancellationToken)
    {
        var choice = new byte[MseLimits.ChoiceSize];
        await reader.ReadAsync(choice, cancellationToken);
        incoming.Apply(choice, choice);
        var selected = (CryptoMethods)BinaryPrimitives.ReadUInt32BigEndian(choice);
        if (selected is not (CryptoMethods.Plaintext or CryptoMethods.Rc4) || !provided.HasFlag(selected))
        {
            throw new WireException($"it selects an encryption that it was not offered ({(uint)selected:x})");
        }

        var padding = BinaryPrimitives.ReadUInt16BigEndian(choice.AsSpan(4));
        if (padding > MseLimits.MaxPadding)
        {
            throw new WireException($"a padding of {padding} bytes");
        }

        var dropped = new byte[padding];
        await reader.ReadAsync(dropped, cancellationToken);
        incoming.Apply(dropped, dropped);
        return selected;
    }
}
