using Pier.BitTorrent.Bencoding;
using Pier.UnitTests.BitTorrent.Fuzzing;
using static Pier.UnitTests.BitTorrent.BencodeText;

namespace Pier.UnitTests.BitTorrent.Bencoding;

public sealed class BencodeFuzzTests
{
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public void Mutants_are_read_or_refused_by_the_documented_exception(int seed)
    {
        var seedData = Bytes("d3:agei-42e4:listli1e2:xxld1:ai0eeee4:name10:0123456789e");
        var mutator = new BencodeMutator(seed);
        var refused = 0;
        for (var round = 0; round < 20_000; round++)
        {
            var data = mutator.Mutate(seedData);
            var order = round % 2 == 0 ? BencodeKeyOrder.Strict : BencodeKeyOrder.Tolerant;
            MemoryBound.Hold(
                () =>
                {
                    try
                    {
                        var reader = new BencodeReader(data, order);
                        reader.Skip();
                        reader.ReadEnd();
                    }
                    catch (BencodeException)
                    {
                        refused++;
                    }
                },
                data.Length);
        }

        refused.ShouldBeInRange(1_000, 19_000, "both outcomes must be exercised");
    }

    [Fact]
    public void Reading_allocates_nothing()
    {
        var data = Bytes("d3:agei-42e4:listli1e2:xxld1:ai0eeee4:name10:0123456789e");
        new BencodeReader(data).Skip();
        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var round = 0; round < 1000; round++)
        {
            new BencodeReader(data).Skip();
        }

        (GC.GetAllocatedBytesForCurrentThread() - before).ShouldBe(0);
    }
}
