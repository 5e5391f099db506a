using Pier.Fetch.Provisional;

namespace Pier.UnitTests.Fetch.Provisional;

/// <summary>Who is invited to pieces of a blob, however often its followers ask.</summary>
public sealed class ProvisionalEntryTests
{
    [Fact]
    public void There_is_always_room_for_one_more_and_the_latest_are_known()
    {
        var entry = new ProvisionalEntry(5 << 20);

        var offers = Enumerable.Range(0, 3000).Select(_ => entry.Invite()).ToArray();

        offers.TakeLast(1024).Select(offer => Convert.ToHexString(entry.KeyOf(offer.Name)!)).ShouldBe(offers.TakeLast(1024).Select(offer => Convert.ToHexString(offer.Key.Span)));
        offers[0].Size.ShouldBe(5 << 20);
        entry.KeyOf(offers[0].Name).ShouldBeNull("memory is bounded");
        entry.KeyOf(new byte[16]).ShouldBeNull();
    }
}
