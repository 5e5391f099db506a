using System.Security.Cryptography;
using Pier.Membership.Identity;
using Pier.Membership.Joining;

namespace Pier.UnitTests.Membership;

/// <summary>Join tokens and join addresses: exact form, round trips, mutations.</summary>
public class JoinTokenTests
{
    private static readonly NodeId Node = NodeId.OfPublicKey("key"u8);
    private static readonly byte[] Secret = [.. Enumerable.Range(0, 32).Select(i => (byte)i)];

    [Fact]
    public void The_text_form_is_frozen()
    {
        var text = new JoinToken(Secret, Node).Reveal();

        text.ShouldBe(Golden);
        var parsed = JoinToken.Parse($"  {text}\n");
        parsed.Node.ShouldBe(Node);
        parsed.Secret.ToArray().ShouldBe(Secret);
    }

    [Fact]
    public void No_accident_prints_the_secret()
    {
        var token = new JoinToken(Secret, Node);
        var secretText = token.Reveal()[12..40];
        $"{token}".ShouldNotContain(secretText);
        $"{new JoinTarget("host", 5059, token)}".ShouldNotContain(secretText);
        var mistyped = token.Reveal()[..^1];
        Should.Throw<FormatException>(() => JoinToken.Parse(mistyped)).Message.ShouldNotContain(secretText);
    }

    [Fact]
    public void Every_single_change_is_found_out()
    {
        var text = new JoinToken(Secret, Node).Reveal();
        var random = new Random(1);
        for (var at = 0; at < text.Length; at++)
        {
            JoinToken.TryParse(text.Remove(at, 1), out _).ShouldBeFalse();
            JoinToken.TryParse(text.Insert(at, "a"), out _).ShouldBeFalse();
            foreach (var letter in "abc723-0A\0")
            {
                if (letter != text[at])
                {
                    JoinToken.TryParse(text.Remove(at, 1).Insert(at, $"{letter}"), out _).ShouldBeFalse($"{letter} at {at}");
                }
            }
        }

        for (var round = 0; round < 5000; round++)
        {
            var noise = RandomText(random, random.Next(0, 200));
            JoinToken.TryParse(noise, out _).ShouldBeFalse();
            JoinToken.TryParse("pier-join-1-" + noise, out _).ShouldBeFalse();
            NodeId.TryParse(noise, out _).ShouldBe(noise.Length == 52 && NodeId.TryParse(noise, out var id) && id.ToString() == noise);
        }
    }

    [Theory]
    [InlineData("host", "host", 5059)]
    [InlineData("host:1234", "host", 1234)]
    [InlineData("10.0.0.7", "10.0.0.7", 5059)]
    [InlineData("[::1]:5059", "::1", 5059)]
    [InlineData("fe80::1", "fe80::1", 5059)]
    [InlineData("[fe80::1]", "fe80::1", 5059)]
    public void An_address_has_a_host_and_maybe_a_port(string text, string host, int port)
    {
        var token = new JoinToken(Secret, Node).Reveal();
        foreach (var target in new[] { JoinTarget.Parse(text, token), JoinTarget.Parse($"{token}@{text}", null) })
        {
            target.Host.ShouldBe(host);
            target.Port.ShouldBe(port);
            target.Token.Node.ShouldBe(Node);
        }
    }

    [Theory]
    [InlineData("")]
    [InlineData(":5059")]
    [InlineData("host:0")]
    [InlineData("host:65536")]
    [InlineData("host:-1")]
    [InlineData("host:x")]
    [InlineData("http://host")]
    [InlineData("a b")]
    [InlineData("[")]
    [InlineData("]:1")]
    public void Other_addresses_are_refused(string text)
    {
        Should.Throw<FormatException>(() => JoinTarget.Parse(text, new JoinToken(Secret, Node).Reveal()));
    }

    [Fact]
    public void One_token_exactly()
    {
        var token = new JoinToken(Secret, Node).Reveal();
        Should.Throw<FormatException>(() => JoinTarget.Parse("host", null));
        Should.Throw<FormatException>(() => JoinTarget.Parse($"{token}@host", token));
    }

    [Fact]
    public void Base32_round_trips_and_has_one_spelling()
    {
        // RFC 4648 §10, in lower case and without padding.
        string[] vectors = ["", "my", "mzxq", "mzxw6", "mzxw6yq", "mzxw6ytb", "mzxw6ytboi"];
        for (var length = 0; length < vectors.Length; length++)
        {
            var bytes = "foobar"u8[..length].ToArray();
            Base32.Encode(bytes).ShouldBe(vectors[length]);
            var back = new byte[length];
            Base32.TryDecode(vectors[length], back).ShouldBeTrue();
            back.ShouldBe(bytes);
        }

        Base32.TryDecode("mz", new byte[1]).ShouldBeFalse();
        Base32.TryDecode("MY", new byte[1]).ShouldBeFalse();
        for (var size = 0; size < 70; size++)
        {
            var bytes = RandomNumberGenerator.GetBytes(size);
            var back = new byte[size];
            Base32.TryDecode(Base32.Encode(bytes), back).ShouldBeTrue();
            back.ShouldBe(bytes);
        }
    }

    private const string Golden = "pier-join-1-aaaqeayeaudaocajbifqydiob4ibceqtcqkrmfyydenbwha5dypsy4hbfn5amrxzej47ij6hwohhgngy4u4jz7ywpio4gdtt7atlna7oeeygc";

    private static string RandomText(Random random, int length) =>
        string.Concat(Enumerable.Range(0, length).Select(_ => random.Next(20) == 0 ? (char)random.Next(0, 0x3000) : "abcdefghijklmnopqrstuvwxyz234567-"[random.Next(33)]));
}
