using System.Security.Cryptography;
using Pier.Buildkit.Llb;

namespace Pier.UnitTests.Buildkit.Llb;

public sealed class Sha256Tests
{
    [Theory]
    [InlineData("", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855")]
    [InlineData("abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad")]
    [InlineData("abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq", "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1")]
    public void The_published_vectors_hold(string text, string expected) =>
        Sha256.Text(System.Text.Encoding.ASCII.GetBytes(text)).ShouldBe("sha256:" + expected);

    [Fact]
    public void Every_length_around_a_block_gives_what_the_platform_gives()
    {
        var data = new byte[300];
        new Random(1).NextBytes(data);
        for (var length = 0; length <= data.Length; length++)
        {
            Sha256.Hash(data.AsSpan(0, length)).ShouldBe(SHA256.HashData(data.AsSpan(0, length)), $"{length} bytes");
        }
    }
}
