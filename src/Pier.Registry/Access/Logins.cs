using System.Net;
using System.Security.Cryptography;
using System.Text;
using Pier.Content.Passwords;

namespace Pier.Registry.Access;

/// <summary>
/// Judges names and passwords. Who was right is known again for a while without the slow hash; an address that was wrong
/// too often is not judged at all until some time has passed, each time twice as long.
/// </summary>
internal sealed class Logins(MirrorOptions options, TimeProvider time)
{
    private const int FreeFailures = 5;
    private const int MostAddresses = 4096;
    private const int MostRemembered = 1024;

    private static readonly TimeSpan FirstPause = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan LongestPause = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan Forgiven = TimeSpan.FromMinutes(10);
    private static readonly TimeSpan Remembered = TimeSpan.FromMinutes(5);

    /// <summary>Hashed for names that nobody has, so that an answer does not tell them from others.</summary>
    private static readonly Lazy<PasswordHash> Nobody = new(() => PasswordHash.Create(""));

    private const int Turns = 16;

    private readonly Lock _gate = new();
    private readonly Lock[] _turns = [.. Enumerable.Range(0, Turns).Select(_ => new Lock())];
    private readonly byte[] _key = RandomNumberGenerator.GetBytes(32);
    private readonly Dictionary<string, DateTimeOffset> _right = new(StringComparer.Ordinal);
    private readonly Dictionary<IPAddress, Failures> _wrong = [];

    /// <summary>How long an address must wait before it is judged again; null when it need not.</summary>
    public TimeSpan? PauseOf(IPAddress address)
    {
        lock (_gate)
        {
            return _wrong.TryGetValue(Place(address), out var failures) && failures.Until - time.GetUtcNow() is var left && left > TimeSpan.Zero ? left : null;
        }
    }

    /// <summary>True when that is the user's password.</summary>
    public bool Knows(string user, string password, IPAddress address)
    {
        // One guess of an address after the other: those of many connections at once would all be judged before the first counts.
        lock (_turns[(uint)Place(address).GetHashCode() % Turns])
        {
            return PauseOf(address) is null && Judge(user, password, address);
        }
    }

    private bool Judge(string user, string password, IPAddress address)
    {
        var mark = Convert.ToHexString(HMACSHA256.HashData(_key, Encoding.UTF8.GetBytes($"{user}\0{password}")));
        lock (_gate)
        {
            if (_right.TryGetValue(mark, out var until) && until > time.GetUtcNow())
            {
                return true;
            }
        }

        var isKnown = options.Access.Users.TryGetValue(user, out var kept);
        var isRight = (kept ?? Nobody.Value).Matches(password) && isKnown;
        lock (_gate)
        {
            Note(Place(address), mark, isRight);
        }

        return isRight;
    }

    private void Note(IPAddress place, string mark, bool isRight)
    {
        var now = time.GetUtcNow();
        if (isRight)
        {
            if (_right.Count >= MostRemembered)
            {
                _right.Clear();
            }

            _right[mark] = now + Remembered;
            _wrong.Remove(place);
            return;
        }

        var failures = _wrong.TryGetValue(place, out var before) && now - before.Last < Forgiven ? before.Count + 1 : 1;
        if (_wrong.Count >= MostAddresses && !_wrong.ContainsKey(place))
        {
            _wrong.Remove(_wrong.MinBy(entry => entry.Value.Last).Key);
        }

        var pause = failures <= FreeFailures ? TimeSpan.Zero : FirstPause * Math.Pow(2, Math.Min(failures - FreeFailures - 1, 6));
        _wrong[place] = new Failures(failures, now, now + (pause < LongestPause ? pause : LongestPause));
    }

    /// <summary>One subscriber has a whole /64 of IPv6 (RFC 6177).</summary>
    private static IPAddress Place(IPAddress address)
    {
        if (address.IsIPv4MappedToIPv6)
        {
            return address.MapToIPv4();
        }

        var bytes = address.GetAddressBytes();
        bytes.AsSpan(Math.Min(8, bytes.Length)).Clear();
        return new IPAddress(bytes);
    }

    private readonly record struct Failures(int Count, DateTimeOffset Last, DateTimeOffset Until);
}
