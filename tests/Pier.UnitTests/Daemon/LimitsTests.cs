using Pier.Api;
using Pier.Api.Errors;
using Pier.Api.Limits;
using Pier.BitTorrent.Limits;
using Pier.Daemon.Options;
using Pier.TestKit.Files;

namespace Pier.UnitTests.Daemon;

/// <summary>Limits as the file, the flags and the control API say them.</summary>
public sealed class LimitsTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("20 Mbit/s", 2_500_000)]
    [InlineData("20mbit", 2_500_000)]
    [InlineData("1.5 Gbit/s", 187_500_000)]
    [InlineData("800kbit/s", 100_000)]
    [InlineData("2.5MB/s", 2_500_000)]
    [InlineData("500K", 512_000)]
    [InlineData("12345", 12_345)]
    public void Rates_are_read_in_bits_and_in_bytes(string text, long bytes) => ByteRate.Parse(text, "x").ShouldBe(bytes);

    [Theory]
    [InlineData("fast")]
    [InlineData("0")]
    [InlineData("-1Mbit/s")]
    [InlineData("Mbit/s")]
    [InlineData("7 bit/s")]
    [InlineData("99999999999999999999 Gbit/s")]
    [InlineData("79228162514264337593543950335T")]
    public void Other_words_are_no_rates(string text) =>
        Should.Throw<ConfigurationException>(() => ByteRate.Parse(text, "limits → world → up")).Message.ShouldStartWith($"limits → world → up: '{text}' is not a rate");

    [Theory]
    [InlineData("90s", 90)]
    [InlineData("1.5h", 5400)]
    [InlineData("7 d", 604_800)]
    [InlineData("30m", 1800)]
    public void Durations_are_read(string text, int seconds) => DurationText.Parse(text, "x").TotalSeconds.ShouldBe(seconds);

    [Theory]
    [InlineData("")]
    [InlineData("h")]
    [InlineData("12")]
    [InlineData("0s")]
    [InlineData("9999999999d")]
    public void Other_words_are_no_durations(string text) => Should.Throw<ConfigurationException>(() => DurationText.Parse(text, "x"));

    [Fact]
    public void The_file_says_limits_and_flags_go_before_it()
    {
        var settings = ConfigurationFile.Parse(
            """
            { "version": 1, "uploadLimit": "24 Mbit/s", "downloadLimit": "0MiB", "seeding": { "ratio": 2, "time": "1d" },
              "limits": { "world": { "up": "20 Mbit/s", "down": "none", "connections": 7 }, "all": { "up": "1MB", "down": "2MB" }, "torrent": { "up": 5000 } } }
            """u8,
            "pierd.json");
        var options = OptionsFactory.Create(settings);
        options.Limits.ShouldBe(new EngineLimits
        {
            World = new TransferLimits(Up: 2_500_000, Connections: 7),
            All = new TransferLimits(Down: 2_000_000, Up: 3_000_000),
            Torrent = new TransferLimits(Up: 5000),
        });
        options.SeedingGoal.ShouldBe(new SeedingGoal(2, TimeSpan.FromDays(1)));
    }

    [Theory]
    [InlineData("""{"version":1,"limits":{"moon":{}}}""", "'moon'")]
    [InlineData("""{"version":1,"limits":{"world":{"upp":1}}}""", "'upp'")]
    [InlineData("""{"version":1,"limits":{"world":{"up":"much"}}}""", "limits → world → up")]
    [InlineData("""{"version":1,"limits":{"world":{"connections":"many"}}}""", "limits → world → connections")]
    [InlineData("""{"version":1,"limits":{"world":{},"world":{}}}""", "second time")]
    [InlineData("""{"version":1,"seeding":{"ratio":"0"}}""", "seeding → ratio")]
    [InlineData("""{"version":1,"seeding":{"ratio":"Infinity"}}""", "seeding → ratio")]
    [InlineData("""{"version":1,"seeding":{"tme":"1h"}}""", "'tme'")]
    public void Mistakes_are_named(string text, string named) =>
        Should.Throw<ConfigurationException>(() => OptionsFactory.Create(ConfigurationFile.Parse(System.Text.Encoding.UTF8.GetBytes(text), "f")))
            .Message.ShouldContain(named);

    [Fact]
    public async Task Limits_change_while_the_daemon_runs()
    {
        await using var folder = TempFolder.Create();
        await using var daemon = await TestDaemon.StartAsync(folder, new Uri("http://127.0.0.1:9/"), Cancel);

        await ChangeAsync(new LimitsChange("world", Up: "20 Mbit/s", Connections: "9"));
        var status = await ChangeAsync(new LimitsChange("world", Down: "1MB", Connections: "none"));

        (await ChangeAsync(new LimitsChange("torrent", Connections: "2"))).Torrent.ShouldBe(new LimitValues(null, null, 2));

        status.World.ShouldBe(new LimitValues(1_000_000, 2_500_000, null));
        status.Host.ShouldBe(new LimitValues(null, null, null));
        (await daemon.Control.GetAsync(ApiPaths.Limits, ApiJson.Default.LimitsStatus, Cancel)).World.ShouldBe(status.World);
        foreach (var wrong in (LimitsChange[])[new("world", Up: "much"), new("world", Ratio: "2"), new("torrent", Connections: "few")])
        {
            (await Should.ThrowAsync<ApiException>(() => ChangeAsync(wrong))).Status.ShouldBe(400);
        }
        foreach (var unknown in (LimitsChange[])[new("moon"), new(new string('a', 40), Up: "1")])
        {
            (await Should.ThrowAsync<ApiException>(() => ChangeAsync(unknown))).Status.ShouldBe(404);
        }

        Task<LimitsStatus> ChangeAsync(LimitsChange change) => daemon.Control.PostAsync(
            ApiPaths.Limits, change, ApiJson.Default.LimitsChange, ApiJson.Default.LimitsStatus, Cancel);
    }
}
