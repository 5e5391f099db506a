using Pier.Dat;

namespace Pier.UnitTests.Dat;

/// <summary>What pierdat is asked for, in Pierdat's manners.</summary>
public sealed class DatArgumentsTests
{
    [Fact]
    public void Commands_are_told_apart()
    {
        Read("-h").ShouldBeOfType<DatArguments.Help>();
        Read("--help", "x").ShouldBeOfType<DatArguments.Help>();
        Read("-l").ShouldBeOfType<DatArguments.ListBackends>();
        Read("--version").ShouldBeOfType<DatArguments.Version>();
        Read("magnet:?x", "/data").ShouldBe(new DatArguments.Get("magnet:?x", "/data"));
        Read("serve").ShouldBe(new DatArguments.Serve(WithParent: false));
        Read("seed").ShouldBe(new DatArguments.Serve(WithParent: false));
        Read("serve", "--with-parent").ShouldBe(new DatArguments.Serve(WithParent: true));
        Read("exec", "--", "a", "--", "-b").ShouldBeOfType<DatArguments.Exec>().Words.ShouldBe(["a", "--", "-b"]);
        Read("exec", "a", "b").ShouldBeOfType<DatArguments.Exec>().Words.ShouldBe(["a", "b"]);
        Read("exec", "--").ShouldBeOfType<DatArguments.Exec>().Words.ShouldBeEmpty();
    }

    [Fact]
    public void Under_Pierdats_names_it_does_what_those_did()
    {
        DatArguments.Read("/entrypoint.sh", ["-h", "x"]).ShouldBeOfType<DatArguments.Exec>().Words.ShouldBe(["-h", "x"]);
        DatArguments.Read("/usr/bin/pierdatd", []).ShouldBe(new DatArguments.Serve(WithParent: false));
    }

    [Theory]
    [InlineData("URI and destination path are required.")]
    [InlineData("URI and destination path are required.", "uri")]
    [InlineData("Unknown parameter: c", "a", "b", "c")]
    [InlineData("Unknown parameter: --what", "--what", "a")]
    public void Nonsense_is_answered_with_the_usage(string message, params string[] arguments)
    {
        var refused = Should.Throw<DatException>(() => Read(arguments));
        refused.Message.ShouldBe(message);
        refused.ShowsUsage.ShouldBeTrue();
    }

    [Fact]
    public void The_environment_says_where_and_how()
    {
        var said = new Dictionary<string, string>(StringComparer.Ordinal)
        {
            ["PIERDAT_PORT"] = "6881", ["PIERDAT_FILE"] = "/x/list", ["PIERDAT_DHT"] = "node.example:6881,[::1]:7000", ["PIERDAT_LOG"] = "",
        };

        var settings = DatSettings.Read(said.GetValueOrDefault);

        (settings.Port, settings.ListFile, settings.TorrentFolder, settings.LogFile, settings.Discovers).ShouldBe((6881, "/x/list", "/x/list.d", "/var/log/pierdat.log", true));
        settings.Bootstrap.Select(node => $"{node.Host} {node.Port}").ShouldBe(["node.example 6881", "::1 7000"]);
        DatSettings.Read(name => name == "PIERDAT_DHT" ? "off" : null).Discovers.ShouldBeFalse();
        Should.Throw<DatException>(() => DatSettings.Read(name => name == "PIERDAT_PORT" ? "0" : null)).Message.ShouldBe("PIERDAT_PORT: '0' is no port.");
        Should.Throw<DatException>(() => DatSettings.Read(name => name == "PIERDAT_DHT" ? "x" : null)).Message.ShouldContain("neither 'off' nor HOST:PORT");
    }

    private static DatArguments Read(params string[] arguments) => DatArguments.Read("pierdat", arguments);
}
