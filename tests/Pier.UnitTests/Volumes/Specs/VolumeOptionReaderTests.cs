using Pier.Content.Uris;
using Pier.Volumes.Specs;

namespace Pier.UnitTests.Volumes.Specs;

/// <summary>Options are understood as a whole or refused by name.</summary>
public sealed class VolumeOptionReaderTests
{
    private const string Magnet = "magnet:?xt=urn:btih:0123456789012345678901234567890123456789";
    private const string Hex = "2c26b46b68ffc68ff99b453c1d30413413422d706483bfa0f98a5e886266e7ae";

    [Fact]
    public void Everything_said_counts()
    {
        var spec = Read($"source={Magnet} | https://example.org/data.bin", "subpath=/a//b/", "prefetch=**/*.idx", "uid=1000", "gid=100", "umask=027", "seed=false", "limit=20m", "patience=5", "on-timeout=eagain");

        spec.Sources.Select(uri => uri.GetType()).ShouldBe([typeof(MagnetUri), typeof(WebUri)]);
        (spec.Subpath, spec.Prefetch, spec.Uid, spec.Gid, spec.Umask).ShouldBe(("a/b", "**/*.idx", 1000u, 100u, 0x17));
        (spec.Seeds, spec.Limit, spec.Patience, spec.TryAgain, spec.IsFull).ShouldBe((false, 20L << 20, TimeSpan.FromSeconds(5), true, false));
    }

    [Fact]
    public void Nothing_said_is_lazy_read_by_all_and_seeded()
    {
        var spec = Read($"source={Magnet}");
        (spec.Subpath, spec.Prefetch, spec.Umask, spec.Seeds, spec.Limit, spec.Patience, spec.TryAgain).ShouldBe(("", null, 0, true, null, TimeSpan.FromMinutes(2), false));
        Read($"source={Magnet}", "prefetch=all").Prefetch.ShouldBe("");
        Read($"source={Magnet}", "prefetch=none", "writable=false", "mode=lazy").Prefetch.ShouldBeNull();
        Read("source=https://example.org/a.bin", "mode=full", $"sha256={Hex}").Sha256!.Value.Hex.ShouldBe(Hex);
        Read($"source={Magnet}", "limit=7").Limit.ShouldBe(7);
        Read($"source={Magnet}", "limit=500K").Limit.ShouldBe(500 << 10);
    }

    [Fact]
    public void Every_torrent_there_is_has_no_source_of_its_own()
    {
        var spec = Read("whole=true", "tracker=http://t.example/announce | udp://u.example:6969", "lookup=5", "forget=60", "limit=1m", "uid=5");
        (spec.IsWhole, spec.Sources.Count, spec.LookUpPatience, spec.ForgetAfter, spec.Limit, spec.Uid).ShouldBe((true, 0, TimeSpan.FromSeconds(5), TimeSpan.FromMinutes(1), 1L << 20, 5u));
        spec.Trackers.ShouldBe(["http://t.example/announce", "udp://u.example:6969"]);
        Read("whole=true").Trackers.ShouldBeEmpty();
    }

    [Theory]
    [InlineData("'sorce' is no option", "sorce=x")]
    [InlineData("source is missing", "mode=lazy")]
    [InlineData("source is missing", "source=")]
    [InlineData("source:", "source=no-scheme-at-all")]
    [InlineData("source:", "source=http://169.254.169.254/latest")]
    [InlineData("tracker needs whole=true", "source=" + Magnet, "tracker=udp://t.example:1/announce")]
    [InlineData("source and whole=true", "source=" + Magnet, "whole=true")]
    [InlineData("writable and whole=true", "whole=true", "writable=true")]
    [InlineData("tracker: 'ftp://t.example'", "whole=true", "tracker=ftp://t.example")]
    [InlineData("lookup: 'soon'", "whole=true", "lookup=soon")]
    [InlineData("mode: 'ful'", "source=" + Magnet, "mode=ful")]
    [InlineData("quota needs writable=true", "source=" + Magnet, "quota=1g")]
    [InlineData("quota: at least 16m", "source=" + Magnet, "writable=true", "quota=1m")]
    [InlineData("quota: 'much' is not a number of bytes", "source=" + Magnet, "writable=true", "quota=much")]
    [InlineData("writable: 'yes'", "source=" + Magnet, "writable=yes")]
    [InlineData("prefetch and mode=full", "source=" + Magnet, "mode=full", "prefetch=all")]
    [InlineData("prefetch:", "source=" + Magnet, "prefetch=")]
    [InlineData("sha256 needs mode=full", "source=" + Magnet, "sha256=" + Hex)]
    [InlineData("sha256 and subpath", "source=" + Magnet, "sha256=" + Hex, "mode=full", "subpath=a")]
    [InlineData("sha256: 'abc'", "source=" + Magnet, "sha256=abc", "mode=full")]
    [InlineData("subpath: '../x'", "source=" + Magnet, "subpath=../x")]
    [InlineData("subpath: 'a/./b'", "source=" + Magnet, "subpath=a/./b")]
    [InlineData("uid: '-1'", "source=" + Magnet, "uid=-1")]
    [InlineData("gid: '4294967295'", "source=" + Magnet, "gid=4294967295")]
    [InlineData("umask: '8'", "source=" + Magnet, "umask=8")]
    [InlineData("umask: '1777'", "source=" + Magnet, "umask=1777")]
    [InlineData("umask is empty", "source=" + Magnet, "umask=")]
    [InlineData("limit: '0'", "source=" + Magnet, "limit=0")]
    [InlineData("limit: 'm'", "source=" + Magnet, "limit=m")]
    [InlineData("limit: ''", "source=" + Magnet, "limit=")]
    [InlineData("limit: '99999999999999999g'", "source=" + Magnet, "limit=99999999999999999g")]
    [InlineData("patience: '86401'", "source=" + Magnet, "patience=86401")]
    [InlineData("on-timeout: 'wait'", "source=" + Magnet, "on-timeout=wait")]
    [InlineData("seed: '1'", "source=" + Magnet, "seed=1")]
    public void What_is_unknown_malformed_or_contradictory_is_refused_by_name(string named, params string[] options) =>
        Should.Throw<VolumeOptionException>(() => Read(options)).Message.ShouldContain(named);

    [Theory]
    [InlineData("a", true)]
    [InlineData("Data_1.x-y", true)]
    [InlineData("", false)]
    [InlineData(null, false)]
    [InlineData(".content", false)]
    [InlineData("..", false)]
    [InlineData("a/b", false)]
    [InlineData("a\0b", false)]
    [InlineData("ä", false)]
    public void Names_are_file_names(string? name, bool isOne)
    {
        if (isOne)
        {
            VolumeName.Check(name).ShouldBe(name);
        }
        else
        {
            Should.Throw<VolumeOptionException>(() => VolumeName.Check(name));
        }

        Should.Throw<VolumeOptionException>(() => VolumeName.Check(new string('a', 129)));
    }

    [Fact]
    public void Long_words_are_not_repeated_whole() =>
        Should.Throw<VolumeOptionException>(() => Read($"source={Magnet}", $"mode={new string('x', 100_000)}")).Message.Length.ShouldBeLessThan(200);

    private static VolumeSpec Read(params string[] options) =>
        VolumeOptionReader.Read(options.ToDictionary(option => option[..option.IndexOf('=')], option => option[(option.IndexOf('=') + 1)..]));
}
