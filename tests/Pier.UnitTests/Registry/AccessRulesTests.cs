using Pier.Content.Passwords;
using Pier.Content.References;
using Pier.Registry;
using Pier.Registry.Access;

namespace Pier.UnitTests.Registry;

public sealed class AccessRulesTests
{
    private static readonly Dictionary<string, PasswordHash> Users = new(StringComparer.Ordinal) { ["alice"] = PasswordHash.Create("correct horse", 1000), ["bob"] = PasswordHash.Create("battery staple", 1000) };

    [Theory]
    [InlineData("local/app", "local/app", true)]
    [InlineData("local/app", "docker.io/local/app", true)]
    [InlineData("docker.io/local/app", "local/app", true)]
    [InlineData("local/app", "local/apps", false)]
    [InlineData("local/app", "local/app/x", false)]
    [InlineData("local/*", "local/app", true)]
    [InlineData("local/*", "local/app/x", false)]
    [InlineData("local/*/x", "local/app/x", true)]
    [InlineData("local/**", "local/app/x", true)]
    [InlineData("local/**", "localx/app", false)]
    [InlineData("**", "ghcr.io/a/b", true)]
    [InlineData("ghcr.io/**", "ghcr.io/a/b", true)]
    [InlineData("ghcr.io/**", "a/b", false)]
    [InlineData("local/app", "ghcr.io/local/app", false)]
    [InlineData("library/*", "busybox", true)]
    public void A_pattern_means_whole_segments(string pattern, string repository, bool expected) =>
        RepositoryPattern.Matches(pattern, RepositoryName.Parse(repository)).ShouldBe(expected);

    [Theory]
    [InlineData("local/**", true)]
    [InlineData("**", true)]
    [InlineData("a/**/b", false)]
    [InlineData("", false)]
    [InlineData("a//b", false)]
    public void A_pattern_is_checked(string pattern, bool valid) => RepositoryPattern.IsValid(pattern).ShouldBe(valid);

    [Fact]
    public void Without_users_everything_is_open() =>
        new AccessRules(new MirrorOptions()).Allowed(null, RepositoryName.Parse("local/app")).ShouldBe(RegistryActions.All);

    [Theory]
    [InlineData("local/team/app", null, RegistryActions.None)]
    [InlineData("local/team/app", "bob", RegistryActions.Pull)]
    [InlineData("local/team/app", "alice", RegistryActions.Pull | RegistryActions.Push)]
    [InlineData("local/open", null, RegistryActions.Pull)]
    [InlineData("local/open", "bob", RegistryActions.All)]
    [InlineData("local/closed", "alice", RegistryActions.None)]
    [InlineData("busybox", null, RegistryActions.Pull)]
    public void Rules_add_up_and_what_they_name_is_closed_but_for_what_they_say(string repository, string? user, RegistryActions expected)
    {
        var rules = Rules();

        rules.Allowed(user, RepositoryName.Parse(repository)).ShouldBe(expected);
        rules.IsPublic(RepositoryName.Parse(repository)).ShouldBe(rules.Allowed(null, RepositoryName.Parse(repository)).HasFlag(RegistryActions.Pull));
    }

    [Theory]
    [InlineData("repository:local/app:pull", "local/app", RegistryActions.Pull)]
    [InlineData("repository:localhost:5000/app:pull,push", "localhost:5000/app", RegistryActions.Pull | RegistryActions.Push)]
    [InlineData("repository:a:*", "a", RegistryActions.All)]
    [InlineData("repository:a:fly", "a", RegistryActions.None)]
    public void A_scope_is_taken_apart(string scope, string name, RegistryActions actions) => ScopeGrammar.Read([scope]).ShouldBe([(name, actions)]);

    [Fact]
    public void Other_scopes_are_passed_over_and_there_are_only_so_many()
    {
        ScopeGrammar.Read(["registry:catalog:*", "nonsense", "repository:x", null, ""]).ShouldBeEmpty();
        ScopeGrammar.Read(["repository:a:pull repository:b:pull"]).Count().ShouldBe(2);
        ScopeGrammar.Read(Enumerable.Repeat("repository:a:pull", 1000)).Count().ShouldBe(64);
    }

    private static AccessRules Rules() => new(new MirrorOptions
    {
        Access = new AccessOptions
        {
            Users = Users,
            Rules =
            [
                new AccessRule(["local/team/**"], ["*"], RegistryActions.Pull),
                new AccessRule(["local/team/*"], ["alice"], RegistryActions.Push),
                new AccessRule(["local/closed"], [], RegistryActions.None),
            ],
        },
    });
}
