using Pier.Buildkit.Llb;

namespace Pier.UnitTests.Buildkit.Llb;

/// <summary>Which build contexts are repositories, and the operation that BuildKit's own frontend fetches them by.</summary>
public sealed class GitAddressTests
{
    [Theory]
    [InlineData("https://host/repo.git", true)]
    [InlineData("http://host/repo.git#main:folder", true)]
    [InlineData("git://host/repo", true)]
    [InlineData("github.com/owner/repo", true)]
    [InlineData("https://host/context.tar", false)]
    [InlineData("https://host/repo.gitx", false)]
    [InlineData("git@host:repo.git", false)]
    public void Repositories_are_known_by_their_address(string address, bool isGit) => GitAddress.IsGit(address).ShouldBe(isGit);

    [Theory]
    [InlineData("https://host/repo.git#main:folder", "git://host/repo.git#main:folder", "https://host/repo.git")]
    [InlineData("git://host/repo", "git://host/repo", "git://host/repo")]
    [InlineData("github.com/owner/repo", "git://github.com/owner/repo", null)]
    public void The_operation_names_the_repository_and_what_of_it(string address, string identifier, string? whole)
    {
        var source = GitAddress.Source(address, keepsFolder: false).Op.Source;

        source.Identifier.ShouldBe(identifier);
        (source.Attrs.TryGetValue("git.fullurl", out var url) ? url : null).ShouldBe(whole);
        source.Attrs.ShouldNotContainKey("git.keepgitdir");
        GitAddress.Source(address, keepsFolder: true).Op.Source.Attrs["git.keepgitdir"].ShouldBe("true");
    }
}
