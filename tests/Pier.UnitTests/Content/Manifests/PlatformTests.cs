using Pier.Content;
using Pier.Content.Manifests;

namespace Pier.UnitTests.Content.Manifests;

public sealed class PlatformTests
{
    [Theory]
    [InlineData("linux/amd64", "linux/amd64")]
    [InlineData("Linux/x86_64", "linux/amd64")]
    [InlineData("linux/x86-64/v1", "linux/amd64")]
    [InlineData("linux/amd64/v3", "linux/amd64/v3")]
    [InlineData("linux/aarch64", "linux/arm64")]
    [InlineData("linux/arm64/v8", "linux/arm64")]
    [InlineData("linux/arm64/8", "linux/arm64")]
    [InlineData("linux/arm64/v9", "linux/arm64/v9")]
    [InlineData("linux/arm", "linux/arm/v7")]
    [InlineData("linux/arm/6", "linux/arm/v6")]
    [InlineData("linux/arm/7", "linux/arm/v7")]
    [InlineData("linux/arm/v5", "linux/arm/v5")]
    [InlineData("linux/armhf", "linux/arm/v7")]
    [InlineData("linux/armel", "linux/arm/v6")]
    [InlineData("linux/i386", "linux/386")]
    [InlineData("macos/arm64", "darwin/arm64")]
    [InlineData("linux/riscv64", "linux/riscv64")]
    public void Names_are_normalised(string text, string expected) => Platform.Parse(text).ToString().ShouldBe(expected);

    [Theory]
    [InlineData("")]
    [InlineData("linux")]
    [InlineData("linux/")]
    [InlineData("linux/a/b/c")]
    [InlineData("linux/a b")]
    public void Other_texts_are_refused(string text) =>
        Should.Throw<FormatException>(() => Platform.Parse(text)).Message.ShouldContain("os/architecture");

    [Fact]
    public void This_machine_runs_Linux_images() => Platform.Current.OperatingSystem.ShouldBe("linux");

    [Theory]
    [InlineData("linux/amd64", "linux/arm64,linux/amd64,linux/386", "linux/amd64")]
    [InlineData("linux/amd64", "linux/amd64/v2,linux/amd64", "linux/amd64")]
    [InlineData("linux/amd64/v3", "linux/amd64,linux/amd64/v2,linux/amd64/v4", "linux/amd64/v2")]
    [InlineData("linux/amd64", "linux/arm64,linux/386", "linux/386")]
    [InlineData("linux/arm/v7", "linux/arm/v5,linux/arm/v6", "linux/arm/v6")]
    [InlineData("linux/arm/v6", "linux/arm/v7", null)]
    [InlineData("linux/arm64", "linux/arm64/v8", "linux/arm64/v8")]
    [InlineData("linux/arm64", "linux/arm", "linux/arm")]
    [InlineData("linux/arm64/v9", "linux/arm64", "linux/arm64")]
    [InlineData("linux/s390x", "windows/s390x,unknown/unknown", null)]
    [InlineData("linux/amd64/vx", "linux/amd64", null)]
    public void The_best_entry_that_runs_here_is_chosen(string wanted, string offered, string? expected)
    {
        var entries = offered.Split(',').Select((text, i) =>
        {
            var parts = text.Split('/');
            return new Descriptor(MediaTypes.OciManifest, Digest.Compute([(byte)i]), 1)
            {
                Platform = new Platform(parts[0], parts[1], parts.Length > 2 ? parts[2] : null),
            };
        }).Prepend(new Descriptor(MediaTypes.OciManifest, Digest.Compute("none"u8), 1)).ToList();

        var chosen = IndexSelection.Choose(new ImageIndex(MediaTypes.OciIndex, default, entries), Platform.Parse(wanted));

        chosen?.Platform!.ToString().ShouldBe(expected);
        (chosen is null).ShouldBe(expected is null);
    }

    [Fact]
    public void A_version_of_the_system_must_match_when_both_say_one()
    {
        var entry = new Descriptor(MediaTypes.OciManifest, Digest.Compute("x"u8), 1) { Platform = new Platform("windows", "amd64") { OsVersion = "10.0.1" } };
        var index = new ImageIndex(MediaTypes.OciIndex, default, [entry]);

        IndexSelection.Choose(index, new Platform("windows", "amd64")).ShouldBe(entry);
        IndexSelection.Choose(index, new Platform("windows", "amd64") { OsVersion = "10.0.1" }).ShouldBe(entry);
        IndexSelection.Choose(index, new Platform("windows", "amd64") { OsVersion = "10.0.2" }).ShouldBeNull();
    }
}
