using System.Net;
using Pier.BitTorrent.Tracking;

namespace Pier.UnitTests.BitTorrent.Tracking;

/// <summary>Whom a swarm's pool names: half of them those that came last, whatever left and however many come of one host.</summary>
public sealed class PeerPoolTests
{
    private static readonly PeerAsking Asking = new(new PeerAddress(IPAddress.Parse("10.9.9.9"), 1), IsMember: false, SameFamilyOnly: false);

    private readonly PeerPool _pool = new();

    [Fact]
    public void Who_came_last_is_named_although_others_have_left()
    {
        var all = Enumerable.Range(0, 1000).Select(number => Address(number)).ToArray();
        foreach (var address in all)
        {
            Put(address);
        }

        // Each hole is filled with another of the last: with holes enough none of them is where it was.
        for (var number = 0; number < 200; number++)
        {
            _pool.Remove(all[number * 2]).ShouldBeTrue();
        }

        var named = Pick(80);
        named.Length.ShouldBe(80);
        named.Take(40).ShouldBe(Enumerable.Reverse(all).Take(40));
    }

    [Fact]
    public void Nobody_is_named_twice_who_comes_again_and_again()
    {
        for (var number = 0; number < 100; number++)
        {
            Put(Address(number));
        }

        for (var round = 0; round < 5; round++)
        {
            for (var number = 0; number < 70; number += 1 + round)
            {
                _pool.Remove(Address(number)).ShouldBeTrue();
                Put(Address(number));
            }

            for (var wanted = 1; wanted <= 100; wanted++)
            {
                Pick(wanted).Distinct().Count().ShouldBe(wanted);
            }
        }
    }

    [Fact]
    public void A_flood_of_one_host_is_not_all_that_is_named()
    {
        for (var number = 0; number < 2000; number++)
        {
            Put(Address(number));
        }

        for (var round = 0; round < 3; round++)
        {
            for (ushort port = 1; port <= 100; port++)
            {
                _pool.Remove(Flood(port));
                Put(Flood(port));
            }
        }

        var named = Pick(80);
        named.Length.ShouldBe(80);
        named.Take(40).Count(address => address.SharesHost(Flood(1))).ShouldBeInRange(1, 2);
        Enumerable.Range(0, 38).Select(number => Address(1999 - number)).ShouldBeSubsetOf(named.Take(40));
    }

    private static PeerAddress Address(int number) => new(new IPAddress([198, (byte)(number / 256), (byte)number, 1]), 1);

    private static PeerAddress Flood(ushort port) => new(IPAddress.Parse("203.0.113.1"), port);

    private void Put(PeerAddress address) => _pool.Put(new PoolMember(new TrackedPeer(address, default), IsMember: false, SeenAt: 0));

    private PeerAddress[] Pick(int wanted)
    {
        var picked = new TrackedPeer[wanted];
        var count = _pool.Pick(Asking, picked, new Random(1));
        return [.. picked.Take(count).Select(peer => peer.Address)];
    }
}
