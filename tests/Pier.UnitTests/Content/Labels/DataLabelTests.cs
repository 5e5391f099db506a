using Pier.Content;
using Pier.Content.Labels;
using Pier.Content.Uris;

namespace Pier.UnitTests.Content.Labels;

/// <summary>The frozen text of labels, and what is refused: strangers write them.</summary>
public sealed class DataLabelTests
{
    private const string V1 = "0123456789abcdef0123456789abcdef01234567";

    /// <summary>docs/labels.md has this very text.</summary>
    private const string Golden =
        """{"version":1,"path":"/models/größe.bin","digest":"sha256:ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad","size":3,"sources":["magnet:?xt=urn:btih:0123456789abcdef0123456789abcdef01234567&dn=m+n"],"infoHashes":["0123456789abcdef0123456789abcdef01234567"],"outline":"ZDY6cGllY2VzMDplZQ=="}""";

    private static readonly Digest Abc = Digest.Compute("abc"u8);

    private static readonly string[] Seeds =
    [
        Golden,
        """{"version":1,"path":"/d","digest":"sha256:ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad","tree":true,"sources":["https://example.org/x.torrent"]}""",
    ];

    [Fact]
    public void The_text_is_frozen()
    {
        var label = new DataLabel("/models/größe.bin", Abc, IsTree: false, [$"magnet:?xt=urn:btih:{V1}&dn=m+n"])
        {
            Size = 3,
            InfoHashes = [V1],
            Outline = "d6:pieces0:ee"u8.ToArray(),
        };

        DataLabelText.Write(label).ShouldBe(Golden);

        var read = DataLabelText.Read(Golden);
        (read.Path, read.Digest, read.IsTree, read.Size).ShouldBe((label.Path, label.Digest, false, 3L));
        read.Sources.ShouldBe(label.Sources);
        read.InfoHashes.ShouldBe(label.InfoHashes);
        read.Outline.ToArray().ShouldBe(label.Outline.ToArray());
    }

    [Fact]
    public void Names_of_labels_follow_from_the_path()
    {
        var name = DataLabelText.NameOf(System.Security.Cryptography.SHA256.HashData("/models/a"u8));
        name.ShouldBe("org.pier.data.b6a2583016f5a373");
        DataLabelText.IsName(name).ShouldBeTrue();
        DataLabelText.IsName(DataLabel.Marker).ShouldBeFalse();
        DataLabelText.IsName("org.pier.data.B6A2583016F5A373").ShouldBeFalse();
        DataLabelText.IsName("org.pier.data_b6a2583016f5a373").ShouldBeFalse();
        DataLabelText.IsName("com.pier.data.b6a2583016f5a373").ShouldBeFalse();
    }

    [Fact]
    public void A_folder_may_have_neither_size_nor_torrent()
    {
        var read = DataLabelText.Read(Seeds[1]);

        (read.IsTree, read.Size, read.InfoHashes.Count, read.Outline.IsEmpty).ShouldBe((true, null, 0, true));
        DataLabelText.Write(read).ShouldBe(Seeds[1]);
    }

    [Fact]
    public void An_outline_that_is_long_is_left_out() =>
        DataLabelText.Write(new DataLabel("/x", Abc, IsTree: false, []) { Outline = new byte[DataLabelText.MaxOutline + 1] }).ShouldNotContain("outline");

    [Theory]
    [InlineData("", "")]
    [InlineData("[]", "")]
    [InlineData("{}", "version 1")]
    [InlineData("""{"version":2}""", "version 1")]
    [InlineData("""{"version":1}""", "'path' is missing")]
    [InlineData("""{"version":1,"path":"relative"}""", "no absolute path")]
    [InlineData("""{"version":1,"path":"/a\u0000b"}""", "no absolute path")]
    [InlineData("""{"version":1,"path":7}""", "")]
    [InlineData("""{"version":1,"path":"/x","digest":"sha256:12"}""", "no SHA-256 digest")]
    [InlineData("""{"version":1,"path":"/x","digest":"D","size":-1}""", "a size of -1")]
    [InlineData("""{"version":1,"path":"/x","digest":"D","size":1.5}""", "")]
    [InlineData("""{"version":1,"path":"/x","digest":"D","tree":1}""", "")]
    [InlineData("""{"version":1,"path":"/x","digest":"D","sources":{}}""", "")]
    [InlineData("""{"version":1,"path":"/x","digest":"D","sources":[""]}""", "an entry that is empty")]
    [InlineData("""{"version":1,"path":"/x","digest":"D","sources":[null]}""", "an entry that is empty")]
    [InlineData("""{"version":1,"path":"/x","digest":"D","infoHashes":["xyz"]}""", "40 or 64")]
    [InlineData("""{"version":1,"path":"/x","digest":"D","infoHashes":["a","b","c"]}""", "more than 2")]
    [InlineData("""{"version":1,"path":"/x","digest":"D","infoHashes":["zzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzz"]}""", "40 or 64")]
    [InlineData("""{"version":1,"path":"/x","digest":"D","outline":"%"}""", "")]
    [InlineData("""{"version":1,"path":"/x","digest":"D","sources":[[[[[[]]]]]]}""", "")]
    public void What_is_no_label_is_refused_with_a_reason(string text, string reason) =>
        Should.Throw<DataLabelException>(() => DataLabelText.Read(text.Replace("\"D\"", $"\"{Abc}\"", StringComparison.Ordinal))).Message.ShouldContain(reason);

    [Fact]
    public void A_label_that_is_too_long_is_not_read() =>
        Should.Throw<DataLabelException>(() => DataLabelText.Read(new string(' ', DataLabelText.MaxLength + 1))).Message.ShouldContain("more than");

    [Fact]
    public void Whatever_strangers_write_is_read_or_refused()
    {
        var mutation = new TokenMutation(seed: 11, "{}[]:,\"", ["\"path\"", "\"size\"", "9223372036854775808", "\\ud800", "null", "true", "-0", "\"outline\"", "{", "[[[[["]);
        var read = 0;
        for (var run = 0; run < 20_000; run++)
        {
            var text = mutation.Next(Seeds);
            try
            {
                DataLabelText.Read(DataLabelText.Write(DataLabelText.Read(text)));
                read++;
            }
            catch (DataLabelException)
            {
                // Refused, with a reason.
            }
        }

        read.ShouldBeGreaterThan(0);
    }

    [Theory]
    [InlineData("magnet:?xt=urn:btih:" + V1 + "&tr=http://tracker/secret/announce&dn=x&x.pe=1.2.3.4:5", "magnet:?xt=urn:btih:" + V1 + "&dn=x", true)]
    [InlineData("https://example.org/a/b.bin#part", "https://example.org/a/b.bin", true)]
    [InlineData("http://example.org/x.torrent", "http://example.org/x.torrent", true)]
    [InlineData("https://example.org/a/b.bin?token=secret#part", null, false)]
    [InlineData("http://example.org/x.torrent?key=secret", null, false)]
    [InlineData("http://10.1.2.3/b.bin", "http://10.1.2.3/b.bin", false)]
    [InlineData("http://files/b.bin", "http://files/b.bin", false)]
    [InlineData("http://files.internal./x.torrent", "http://files.internal./x.torrent", false)]
    [InlineData("oci://ghcr.io/a/b:1!/f", "oci://ghcr.io/a/b:1!/f", false)]
    [InlineData("sha256:ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad", "sha256:ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad", false)]
    [InlineData("hypercore:secret", null, false)]
    public void Sources_are_told_without_secrets(string uri, string? told, bool isOpen)
    {
        LabelSources.Of(ContentUri.Parse(uri)).ShouldBe(told);
        LabelSources.IsOpen(From(told ?? "") with { Outline = "d6:pieces0:ee"u8.ToArray() }).ShouldBe(isOpen);
    }

    [Theory]
    [InlineData("https://example.org/b.bin", true)]
    [InlineData("https://example.org/b.bin?signature=x", false)]
    [InlineData("https://user@example.org/b.bin", false)]
    [InlineData("magnet:?xt=urn:btih:" + V1, false)]
    [InlineData("https://example.org/x.torrent", false)]
    public void Without_an_outline_nobody_can_tell_whether_a_torrent_is_private(string source, bool isOpen) =>
        LabelSources.IsOpen(From(source)).ShouldBe(isOpen);

    private static DataLabel From(string source) => new("/x", Abc, IsTree: false, [source]);
}
