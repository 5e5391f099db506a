using System.Buffers.Text;
using System.Text;
using Pier.Content.Contracts;
using Pier.Registry;
using Pier.Registry.Access;
using Pier.TestKit.Files;
using Pier.TestKit.Time;

namespace Pier.UnitTests.Registry;

public sealed class TokensTests : IAsyncLifetime
{
    private static readonly TokenAccess[] Access = [new("repository", "local/app", ["pull"])];

    private readonly TempFolder _folder = TempFolder.Create("tokens");
    private readonly ManualTimeProvider _clock = new();

    public ValueTask InitializeAsync() => ValueTask.CompletedTask;

    public ValueTask DisposeAsync() => _folder.DisposeAsync();

    [Fact]
    public void A_token_is_known_again_also_after_a_restart_until_it_expires()
    {
        string token;
        using (var before = Open())
        {
            token = before.Issue("alice", Access).Token;
        }

        using var tokens = Open();
        var claims = tokens.Read(token).ShouldNotBeNull();
        claims.Subject.ShouldBe("alice");
        claims.Access.ShouldNotBeNull().ShouldHaveSingleItem().Name.ShouldBe("local/app");

        _clock.Advance(TimeSpan.FromMinutes(6));
        tokens.Read(token).ShouldBeNull();
    }

    [Fact]
    public void A_token_of_another_key_or_service_is_none()
    {
        using var tokens = Open();
        using var stranger = Open("other.pem");
        using var elsewhere = Open(service: "elsewhere");

        tokens.Read(stranger.Issue("alice", Access).Token).ShouldBeNull();
        tokens.Read(elsewhere.Issue("alice", Access).Token).ShouldBeNull();
    }

    [Fact]
    public void A_token_that_was_changed_is_none()
    {
        using var tokens = Open();
        var parts = tokens.Issue("alice", Access).Token.Split('.');
        var claims = Encoding.UTF8.GetString(Base64Url.DecodeFromChars(parts[1])).Replace("alice", "admin", StringComparison.Ordinal);
        var none = Base64Url.EncodeToString("""{"typ":"JWT","alg":"none"}"""u8);

        tokens.Read($"{parts[0]}.{Base64Url.EncodeToString(Encoding.UTF8.GetBytes(claims))}.{parts[2]}").ShouldBeNull();
        tokens.Read($"{none}.{parts[1]}.").ShouldBeNull();
        tokens.Read($"{none}.{parts[1]}.{parts[2]}").ShouldBeNull();
        foreach (var nonsense in (string[])["", ".", "..", "a.b.c", "!.!.!", new string('a', 100_000), $"{parts[0]}.{parts[1]}"])
        {
            tokens.Read(nonsense).ShouldBeNull();
        }
    }

    [Fact]
    public void The_key_is_its_owner_s_alone_and_a_damaged_one_is_told()
    {
        Open().Dispose();
        File.GetUnixFileMode(_folder.Below("tokens.pem")).ShouldBe(UnixFileMode.UserRead | UnixFileMode.UserWrite);

        File.WriteAllText(_folder.Below("tokens.pem"), "nonsense");
        Should.Throw<ContentFormatException>(() => Open()).Message.ShouldContain("tokens.pem");
    }

    private Tokens Open(string key = "tokens.pem", string service = "pier") =>
        new(new MirrorOptions { Access = new AccessOptions { KeyFile = _folder.Below(key), Service = service } }, _clock);
}
