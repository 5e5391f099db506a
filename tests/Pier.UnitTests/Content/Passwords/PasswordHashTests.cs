using Pier.Content.Passwords;

namespace Pier.UnitTests.Content.Passwords;

/// <summary>Passwords as they are kept.</summary>
public sealed class PasswordHashTests
{
    /// <summary>Made by another implementation: Python's <c>hashlib.pbkdf2_hmac('sha256', b'correct horse', bytes(range(16)), 4096)</c>.</summary>
    private const string Known = "$pbkdf2-sha256$4096$AAECAwQFBgcICQoLDA0ODw==$h1CtcwHvGyuAss6N7dxLICr03swV1Dw5yfzSy3Tfuc4=";

    [Fact]
    public void Another_implementation_s_hash_is_read()
    {
        var hash = PasswordHash.TryParse(Known).ShouldNotBeNull();

        hash.Matches("correct horse").ShouldBeTrue();
        hash.Matches("correct horse ").ShouldBeFalse();
        hash.ToString().ShouldBe(Known);
    }

    [Fact]
    public void Each_hash_has_a_salt_of_its_own_and_none_shows_the_password()
    {
        var (one, other) = (PasswordHash.Create("correct horse", 1000), PasswordHash.Create("correct horse", 1000));

        one.ToString().ShouldNotBe(other.ToString());
        one.ToString().ShouldNotContain("horse");
        PasswordHash.TryParse(one.ToString())!.Matches("correct horse").ShouldBeTrue();
    }

    [Theory]
    [InlineData("")]
    [InlineData("correct horse")]
    [InlineData("$pbkdf2-sha256$1$AAECAwQFBgcICQoLDA0ODw==$MTIzNDU2Nzg5MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTI=")]
    [InlineData("$pbkdf2-sha256$99999999$AAECAwQFBgcICQoLDA0ODw==$MTIzNDU2Nzg5MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTI=")]
    [InlineData("$pbkdf2-sha256$4096$AAEC$MTIzNDU2Nzg5MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTI=")]
    [InlineData("$pbkdf2-sha256$4096$AAECAwQFBgcICQoLDA0ODw==$MTIz")]
    [InlineData("$pbkdf2-sha256$4096$AAECAwQFBgcICQoLDA0ODw==$MTIzNDU2Nzg5MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTI=$")]
    [InlineData("$2y$10$abcdefghijklmnopqrstuv")]
    public void What_is_no_hash_is_none(string text) => PasswordHash.TryParse(text).ShouldBeNull();

    [Theory]
    [InlineData("alice", true)]
    [InlineData("ci-robot_1.a@b+c", true)]
    [InlineData("", false)]
    [InlineData("a:b", false)]
    [InlineData("a b", false)]
    [InlineData("#a", false)]
    public void Names_need_no_quotes(string name, bool isName) => UserLine.IsName(name).ShouldBe(isName);
}
