using System.Buffers.Text;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace Pier.Content.Passwords;

/// <summary>
/// Passwords as they are kept: <c>$pbkdf2-sha256$ROUNDS$SALT$HASH</c>, salt and hash in base64 (RFC 8018 §5.2, PBKDF2 with
/// HMAC-SHA-256). What is written here cannot be turned back into the password.
/// </summary>
public sealed class PasswordHash
{
    /// <summary>Rounds of new hashes; a tenth of a second or two for whoever knows the password, years for who must guess.</summary>
    public const int DefaultRounds = 600_000;

    private const string Scheme = "pbkdf2-sha256";
    private const int LeastRounds = 1_000;
    private const int MostRounds = 10_000_000;
    private const int SaltSize = 16;
    private const int HashSize = 32;

    private readonly int _rounds;
    private readonly byte[] _salt;
    private readonly byte[] _hash;

    private PasswordHash(int rounds, byte[] salt, byte[] hash)
    {
        _rounds = rounds;
        _salt = salt;
        _hash = hash;
    }

    /// <summary>The hash of a password, with a salt of its own.</summary>
    public static PasswordHash Create(string password, int rounds = DefaultRounds)
    {
        ArgumentNullException.ThrowIfNull(password);
        ArgumentOutOfRangeException.ThrowIfLessThan(rounds, LeastRounds);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(rounds, MostRounds);
        var salt = RandomNumberGenerator.GetBytes(SaltSize);
        return new PasswordHash(rounds, salt, Derive(password, salt, rounds));
    }

    /// <summary>Reads what <see cref="ToString"/> wrote; null when it is something else.</summary>
    public static PasswordHash? TryParse(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        return text.Split('$') is ["", Scheme, var rounds, var salt, var hash]
            && int.TryParse(rounds, NumberStyles.None, CultureInfo.InvariantCulture, out var count) && count is >= LeastRounds and <= MostRounds
            && Bytes(salt, SaltSize) is { } saltBytes && Bytes(hash, HashSize) is { } hashBytes
                ? new PasswordHash(count, saltBytes, hashBytes)
                : null;
    }

    /// <summary>True when that is the password; takes the same time for every wrong one.</summary>
    public bool Matches(string password)
    {
        ArgumentNullException.ThrowIfNull(password);
        return CryptographicOperations.FixedTimeEquals(Derive(password, _salt, _rounds), _hash);
    }

    /// <summary>The text that is kept.</summary>
    public override string ToString() =>
        string.Create(CultureInfo.InvariantCulture, $"${Scheme}${_rounds}${Convert.ToBase64String(_salt)}${Convert.ToBase64String(_hash)}");

    private static byte[] Derive(string password, byte[] salt, int rounds) =>
        Rfc2898DeriveBytes.Pbkdf2(Encoding.UTF8.GetBytes(password), salt, rounds, HashAlgorithmName.SHA256, HashSize);

    private static byte[]? Bytes(string text, int size)
    {
        var bytes = new byte[size];
        return text.Length == Base64.GetMaxEncodedToUtf8Length(size) && Convert.TryFromBase64String(text, bytes, out var written) && written == size ? bytes : null;
    }
}
