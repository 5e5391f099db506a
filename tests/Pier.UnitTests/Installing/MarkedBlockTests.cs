using System.Text;
using Pier.Engines;
using Pier.Engines.Install;
using Pier.Engines.Texts;

namespace Pier.UnitTests.Installing;

/// <summary>Lines of ours in files of others.</summary>
public sealed class MarkedBlockTests
{
    [Fact]
    public void A_block_comes_out_and_what_it_replaced_comes_back()
    {
        var with = MarkedBlock.Insert("a = 1\nb = 2\nc = 3\n", line: 1, "b = 9", replaced: 1);

        with.ShouldContain("b = 9");
        MarkedBlock.Remove(with).ShouldBe("a = 1\nb = 2\nc = 3\n");
    }

    [Fact]
    public void A_block_without_its_end_is_left_untouched_with_all_that_follows()
    {
        var with = MarkedBlock.Insert("a = 1\n", line: 0, "ours = true").Replace("# pier: end\n", "", StringComparison.Ordinal);

        Should.Throw<EngineException>(() => MarkedBlock.Remove(with)).Message.ShouldContain("# pier: end");
    }

    [Fact]
    public void A_password_is_shown_neither_when_it_comes_nor_when_it_goes()
    {
        var secret = Encoding.UTF8.GetBytes("[host]\n  Authorization = [\"Basic c2VjcmV0\"]\n");

        new FileEdit("/etc/hosts.toml", null, secret, IsSecret: true).Diff.ShouldNotContain("c2VjcmV0");
        new FileEdit("/etc/hosts.toml", secret, null).Diff.ShouldNotContain("c2VjcmV0");
    }
}
