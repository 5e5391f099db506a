using System.Security.Cryptography;
using Pier.Membership.Identity;

namespace Pier.Membership.Joining;

/// <summary>
/// Knowledge of the cluster's secret without telling it: an HMAC over the challenge and both nodes' ids. Both ids
/// are proved by the TLS 1.3 handshake underneath, so a proof is worth nothing on any other connection.
/// </summary>
internal static class JoinProof
{
    /// <summary>Bytes of a proof.</summary>
    public const int Size = HMACSHA256.HashSizeInBytes;

    private static ReadOnlySpan<byte> Context => "pier/join/1\0"u8;

    /// <summary>The proof that <paramref name="joiner"/> gives to <paramref name="server"/>.</summary>
    public static byte[] Compute(ReadOnlySpan<byte> secret, NodeId server, NodeId joiner, ReadOnlySpan<byte> challenge)
    {
        using var hmac = IncrementalHash.CreateHMAC(HashAlgorithmName.SHA256, secret);
        hmac.AppendData(Context);
        hmac.AppendData(server.ToFingerprint());
        hmac.AppendData(joiner.ToFingerprint());
        hmac.AppendData(challenge);
        return hmac.GetHashAndReset();
    }
}
