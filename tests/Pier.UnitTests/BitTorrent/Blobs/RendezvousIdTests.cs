using Pier.BitTorrent.Blobs;

namespace Pier.UnitTests.BitTorrent.Blobs;

/// <summary>Freezes the rendezvous id. The values were computed once by Python's hmac module.</summary>
public sealed class RendezvousIdTests
{
    private const string EmptyDigest = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";

    [Theory]
    [InlineData("", "0c6360caefecf7d2440bea95c25743da92b3171a")]
    [InlineData("secret", "374b49dc8954f599f34cae005fa9ac113154c9b0")]
    public void Is_the_keyed_hash_of_the_digest(string key, string expected) =>
        RendezvousId.Compute(BencodeText.Bytes(key), EmptyDigest).ToString().ShouldBe(expected);

    [Fact]
    public void A_digest_in_another_form_is_refused() =>
        Should.Throw<ArgumentException>(() => RendezvousId.Compute([], "sha256:" + EmptyDigest));
}
