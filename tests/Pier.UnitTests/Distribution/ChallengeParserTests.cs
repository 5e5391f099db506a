using Pier.Distribution.Authentication;
using Pier.UnitTests.Content;

namespace Pier.UnitTests.Distribution;

public sealed class ChallengeParserTests
{
    [Theory]
    [InlineData("Bearer realm=\"https://auth.docker.io/token\",service=\"registry.docker.io\",scope=\"repository:library/x:pull\"",
        "bearer{realm=https://auth.docker.io/token;scope=repository:library/x:pull;service=registry.docker.io}")]
    [InlineData("BEARER  Realm = \"a\" , service=b", "bearer{realm=a;service=b}")]
    [InlineData("Bearer realm=https://a/token?x=1&y=2,service=b", "bearer{realm=https://a/token?x=1&y=2;service=b}")]
    [InlineData("Basic", "basic{}")]
    [InlineData("Basic realm=\"a, b=c\"", "basic{realm=a, b=c}")]
    [InlineData("Basic realm=\"with \\\"quotes\\\" and \\\\\"", "basic{realm=with \"quotes\" and \\}")]
    [InlineData("Basic realm=\"a\", Bearer realm=\"b\",service=\"c\"", "basic{realm=a} bearer{realm=b;service=c}")]
    [InlineData("Negotiate, Bearer realm=\"b\"", "negotiate{} bearer{realm=b}")]
    [InlineData("Negotiate YII/abc+==, Bearer realm=\"b\"", "negotiate{} bearer{realm=b}")]
    [InlineData("Negotiate YIIabc=, Basic", "negotiate{} basic{}")]
    [InlineData("Bearer realm=\"first\",realm=\"second\"", "bearer{realm=first}")]
    [InlineData("Bearer realm=\"unclosed", "bearer{realm=unclosed}")]
    [InlineData(",,, Basic ,,", "basic{}")]
    [InlineData("realm=\"no scheme\"", "")]
    [InlineData("Bearer realm=\"a\" \u0001 x", "bearer{realm=a}")]
    [InlineData("", "")]
    [InlineData("\"", "")]
    public void Challenges_are_read_as_servers_write_them(string header, string expected) =>
        string.Join(' ', ChallengeParser.Parse([header]).Select(Text)).ShouldBe(expected);

    [Fact]
    public void Several_headers_are_read_in_order() =>
        ChallengeParser.Parse(["Basic realm=\"a\"", "Bearer realm=\"b\""]).Select(challenge => challenge.Scheme).ShouldBe(["basic", "bearer"]);

    [Fact]
    public void Any_header_is_read_within_bounds()
    {
        string[] seeds =
        [
            "Bearer realm=\"https://auth.docker.io/token\",service=\"registry.docker.io\",scope=\"repository:a/b:pull,push\",error=\"invalid_token\"",
            "Basic realm=\"a \\\"b\\\"\", Negotiate YIIabc==, Digest qop=\"auth\", nonce=x",
        ];
        var mutation = new TokenMutation(20261123, " ,=\"\\", ["", "\"", "\\", "=", "==", ",", "Bearer ", "Basic", "realm=", "\0", "é", new string('a', 3000), "a=b,a=b,"]);
        for (var i = 0; i < 20_000; i++)
        {
            var header = mutation.Next(seeds);
            var before = GC.GetAllocatedBytesForCurrentThread();

            var challenges = ChallengeParser.Parse([header]);

            (GC.GetAllocatedBytesForCurrentThread() - before).ShouldBeLessThan(64 * 1024 + (16L * header.Length));
            challenges.Count.ShouldBeLessThanOrEqualTo(16);
            challenges.ShouldAllBe(challenge => challenge.Scheme.Length > 0 && challenge.Parameters.Count <= 32);
        }
    }

    [Fact]
    public void A_flood_of_challenges_is_cut()
    {
        ChallengeParser.Parse([string.Join(", ", Enumerable.Repeat("Basic", 10_000))]).Count.ShouldBe(16);
        ChallengeParser.Parse([$"Bearer {string.Join(',', Enumerable.Range(0, 10_000).Select(i => $"p{i}=x"))}"]).Single().Parameters.Count.ShouldBe(32);
    }

    private static string Text(Challenge challenge) =>
        $"{challenge.Scheme}{{{string.Join(';', challenge.Parameters.OrderBy(pair => pair.Key, StringComparer.Ordinal).Select(pair => $"{pair.Key}={pair.Value}"))}}}";
}
