using System.Buffers.Binary;
using System.Security.Cryptography;
using Pier.Membership.Identity;

namespace Pier.Membership.Joining;

/// <summary>
/// Challenges for joiners. A challenge authenticates itself (its age and its joiner under a key of this run), so
/// strangers can make this node remember nothing; only challenges that were answered rightly are kept, until
/// they are too old to be used again.
/// </summary>
internal sealed class JoinChallenges(NodeId self, TimeProvider clock)
{
    /// <summary>Bytes of a challenge: time, random, MAC.</summary>
    public const int Size = TimeSize + RandomSize + HMACSHA256.HashSizeInBytes;

    private const int TimeSize = sizeof(long);
    private const int RandomSize = 16;
    private const int MaxUsed = 4096;
    private static readonly TimeSpan Lifetime = TimeSpan.FromSeconds(30);

    private readonly byte[] key = RandomNumberGenerator.GetBytes(32);
    private readonly Lock gate = new();
    private readonly Queue<(long At, string Challenge)> usedByAge = new();
    private readonly HashSet<string> used = new(StringComparer.Ordinal);

    /// <summary>A fresh challenge that only this joiner can answer.</summary>
    public byte[] Issue(NodeId joiner)
    {
        var challenge = new byte[Size];
        BinaryPrimitives.WriteInt64BigEndian(challenge, clock.GetTimestamp());
        RandomNumberGenerator.Fill(challenge.AsSpan(TimeSize, RandomSize));
        Seal(challenge.AsSpan(0, TimeSize + RandomSize), joiner).CopyTo(challenge, TimeSize + RandomSize);
        return challenge;
    }

    /// <summary>True when the challenge is ours, this joiner's, fresh and unused, and the proof shows the secret; it is used up then.</summary>
    public bool Accept(ReadOnlySpan<byte> secret, NodeId joiner, ReadOnlySpan<byte> challenge, ReadOnlySpan<byte> proof)
    {
        // Without a cluster the secret is empty, and everybody knows the empty one.
        if (secret.Length != JoinToken.SecretSize || challenge.Length != Size || proof.Length != JoinProof.Size)
        {
            return false;
        }

        var body = challenge[..(TimeSize + RandomSize)];
        var age = clock.GetElapsedTime(BinaryPrimitives.ReadInt64BigEndian(body));
        return CryptographicOperations.FixedTimeEquals(Seal(body, joiner), challenge[body.Length..])
            && age >= TimeSpan.Zero && age < Lifetime
            && CryptographicOperations.FixedTimeEquals(JoinProof.Compute(secret, self, joiner, challenge), proof)
            && Use(Convert.ToHexString(challenge));
    }

    private bool Use(string challenge)
    {
        lock (gate)
        {
            while (usedByAge.TryPeek(out var oldest) && clock.GetElapsedTime(oldest.At) >= Lifetime)
            {
                used.Remove(usedByAge.Dequeue().Challenge);
            }

            // Forgetting one early would let it be used twice, so a full memory refuses instead.
            if (used.Count >= MaxUsed || !used.Add(challenge))
            {
                return false;
            }

            usedByAge.Enqueue((clock.GetTimestamp(), challenge));
            return true;
        }
    }

    private byte[] Seal(ReadOnlySpan<byte> body, NodeId joiner)
    {
        using var hmac = IncrementalHash.CreateHMAC(HashAlgorithmName.SHA256, key);
        hmac.AppendData(body);
        hmac.AppendData(joiner.ToFingerprint());
        return hmac.GetHashAndReset();
    }
}
