using Pier.Content.References;
using Pier.Distribution.Transport;

namespace Pier.UnitTests.Distribution;

/// <summary>What addresses call repositories.</summary>
public sealed class RepositoryPathTests
{
    [Theory]
    [InlineData("https://ghcr.io", "https://ghcr.io/v2/", "team/app")]
    [InlineData("https://ghcr.io/", "https://ghcr.io/v2/", "team/app")]
    [InlineData("https://nexus.lan/registry/", "https://nexus.lan/registry/v2/", "team/app")]
    [InlineData("https://harbor.lan/v2/", "https://harbor.lan/v2/", "team/app")]
    [InlineData("https://harbor.lan/v2/hub", "https://harbor.lan/v2/", "hub/team/app")]
    [InlineData("https://harbor.lan/api/v2/hub/cache/", "https://harbor.lan/api/v2/", "hub/cache/team/app")]
    public void What_follows_the_version_goes_before_names(string address, string root, string name)
    {
        var path = new RepositoryPath(new Uri(address), new Dictionary<string, string>(StringComparer.Ordinal));

        path.Root.ShouldBe(root);
        path.Of(new RepositoryName("x.io", "team/app")).ShouldBe(name);
    }

    [Theory]
    [InlineData("team/app", "squad/app")]
    [InlineData("team/app/tools", "tools")]
    [InlineData("other/app", "rest/other/app")]
    public void The_longest_beginning_that_fits_is_rewritten(string name, string rewritten)
    {
        var rewrites = new Dictionary<string, string>(StringComparer.Ordinal) { [""] = "rest/", ["team/"] = "squad/", ["team/app/"] = "" };

        new RepositoryPath(new Uri("https://x.io/v2/hub"), rewrites).Of(new RepositoryName("x.io", name)).ShouldBe($"hub/{rewritten}");
    }
}
