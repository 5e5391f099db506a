using Pier.Content;

namespace Pier.UnitTests.Content;

/// <summary>Names of bytes, by the published vectors of FIPS 180-4 for "abc" and the empty message.</summary>
public sealed class DigestTests
{
    private const string Abc256 = "sha256:ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
    private const string Empty256 = "sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";
    private const string Abc512 =
        "sha512:ddaf35a193617abacc417349ae20413112e6fa4e89a97ea20a9eeee64b55d39a2192992a274fc1a836ba3c23a3feebbd454d4423643ce80e2a9ac94fa54ca49f";

    [Theory]
    [InlineData("abc", DigestAlgorithm.Sha256, Abc256)]
    [InlineData("", DigestAlgorithm.Sha256, Empty256)]
    [InlineData("abc", DigestAlgorithm.Sha512, Abc512)]
    public void Bytes_have_their_published_names(string text, DigestAlgorithm algorithm, string expected)
    {
        var bytes = System.Text.Encoding.ASCII.GetBytes(text);

        var digest = Digest.Compute(bytes, algorithm);

        digest.ToString().ShouldBe(expected);
        digest.ShouldBe(Digest.Parse(expected));
        digest.Algorithm.ShouldBe(algorithm);
        digest.AlgorithmName.ShouldBe(expected[..6]);
        digest.Short.ShouldBe(expected[7..19]);
        Digest.FromHash(algorithm, digest.ToHash()).ShouldBe(digest);
        using var hash = Digest.CreateHash(algorithm);
        hash.AppendData(bytes);
        Digest.FromHash(algorithm, hash.GetHashAndReset()).ShouldBe(digest);
    }

    [Theory]
    [InlineData("")]
    [InlineData("sha256")]
    [InlineData("sha256:")]
    [InlineData("sha256:ba7816bf")]
    [InlineData("sha256:BA7816BF8F01CFEA414140DE5DAE2223B00361A396177A9CB410FF61F20015AD")]
    [InlineData("sha256:ga7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad")]
    [InlineData("SHA256:ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad")]
    [InlineData("sha512:ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad")]
    [InlineData("sha384:ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad")]
    [InlineData(Abc256 + "0")]
    [InlineData(" " + Abc256)]
    public void Anything_else_is_refused(string text)
    {
        Digest.TryParse(text, out var none).ShouldBeFalse();
        none.IsEmpty.ShouldBeTrue();
        Should.Throw<FormatException>(() => Digest.Parse(text)).Message.ShouldContain("is not a digest");
    }

    [Fact]
    public void The_empty_value_names_nothing()
    {
        default(Digest).ToString().ShouldBe("");
        Should.Throw<InvalidOperationException>(() => default(Digest).Hex);
    }

    [Fact]
    public void A_hash_of_the_wrong_length_is_no_digest() =>
        Should.Throw<ArgumentException>(() => Digest.FromHash(DigestAlgorithm.Sha512, new byte[32])).Message.ShouldContain("64 bytes, not 32");

    [Fact]
    public void A_huge_text_is_refused_with_a_short_message() =>
        Should.Throw<FormatException>(() => Digest.Parse(new string('x', 1 << 20))).Message.Length.ShouldBeLessThan(1000);
}
