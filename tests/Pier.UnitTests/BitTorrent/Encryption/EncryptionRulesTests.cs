using System.Net;
using Pier.BitTorrent.Encryption;
using Pier.BitTorrent.Torrents;
using Pier.BitTorrent.Wire;

namespace Pier.UnitTests.BitTorrent.Encryption;

/// <summary>Which way peers are met first, what is offered and chosen.</summary>
public sealed class EncryptionRulesTests
{
    [Theory]
    [InlineData(EncryptionPolicy.Off, "203.0.113.1", "plain")]
    [InlineData(EncryptionPolicy.Require, "127.0.0.1", "encrypted")]
    [InlineData(EncryptionPolicy.Prefer, "127.0.0.1", "plain encrypted")]
    [InlineData(EncryptionPolicy.Prefer, "::1", "plain encrypted")]
    [InlineData(EncryptionPolicy.Prefer, "10.1.2.3", "plain encrypted")]
    [InlineData(EncryptionPolicy.Prefer, "172.31.0.1", "plain encrypted")]
    [InlineData(EncryptionPolicy.Prefer, "fd12::1", "plain encrypted")]
    [InlineData(EncryptionPolicy.Prefer, "172.32.0.1", "encrypted plain")]
    [InlineData(EncryptionPolicy.Prefer, "2001:db8::1", "encrypted plain")]
    public void The_ways_to_an_address(EncryptionPolicy policy, string address, string ways) =>
        string.Join(' ', new EncryptionRules(policy).WaysTo(IPAddress.Parse(address)).Select(way => way ? "encrypted" : "plain")).ShouldBe(ways);

    [Theory]
    [InlineData(EncryptionPolicy.Prefer, 3, "203.0.113.1", 2)]
    [InlineData(EncryptionPolicy.Prefer, 3, "127.0.0.1", 1)]
    [InlineData(EncryptionPolicy.Prefer, 2, "127.0.0.1", 2)]
    [InlineData(EncryptionPolicy.Prefer, 0xff01, "203.0.113.1", 1)]
    [InlineData(EncryptionPolicy.Require, 3, "127.0.0.1", 2)]
    public void The_method_that_is_chosen(EncryptionPolicy policy, uint offered, string address, uint chosen) =>
        ((uint)new EncryptionRules(policy).Select((CryptoMethods)offered, IPAddress.Parse(address))).ShouldBe(chosen);

    [Theory]
    [InlineData(EncryptionPolicy.Prefer, 0)]
    [InlineData(EncryptionPolicy.Prefer, 4)]
    [InlineData(EncryptionPolicy.Require, 1)]
    public void Nothing_of_use_is_refused(EncryptionPolicy policy, uint offered) =>
        Should.Throw<WireException>(() => new EncryptionRules(policy).Select((CryptoMethods)offered, IPAddress.Loopback));

    [Fact]
    public void A_torrent_among_many_is_found_by_what_is_asked()
    {
        var known = new KnownKeys();
        var names = Enumerable.Range(0, 1000).Select(seed => new InfoHash([.. BitConverter.GetBytes(seed), .. new byte[16]])).ToArray();
        foreach (var name in names)
        {
            known.Add(name);
        }

        known.Remove(names[1]);

        known.Find(MseKeys.Ask(names[500])).ShouldBe(names[500]);
        known.Find(MseKeys.Ask(names[1])).ShouldBeNull();
    }
}
