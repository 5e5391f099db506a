using Pier.Dat.Exec;

namespace Pier.UnitTests.Dat;

/// <summary>Nothing about serving keeps a program from starting, the environment neither.</summary>
public sealed class ExecSettingsTests
{
    [Theory]
    [InlineData("PIERDAT_PORT", "tcp://10.0.0.1:80")]
    [InlineData("PIERDAT_DHT", "nowhere")]
    public void A_variable_that_cannot_be_used_is_told_and_no_more(string name, string value)
    {
        using var errors = new StringWriter();

        ExecCommand.SettingsOf(variable => variable == name ? value : null, errors).ShouldBeNull();

        errors.ToString().ShouldStartWith("pierdat: nothing is served: " + name);
    }

    [Fact]
    public void What_can_be_used_is()
    {
        using var errors = new StringWriter();

        ExecCommand.SettingsOf(variable => variable == "PIERDAT_PORT" ? "77" : null, errors)!.Port.ShouldBe(77);

        errors.ToString().ShouldBeEmpty();
    }
}
