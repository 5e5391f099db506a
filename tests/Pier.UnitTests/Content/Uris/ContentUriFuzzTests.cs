using Pier.Content.Uris;

namespace Pier.UnitTests.Content.Uris;

public sealed class ContentUriFuzzTests
{
    private static readonly string[] Seeds =
    [
        "magnet:?xt=urn:btih:0123456789abcdef0123456789abcdef01234567&dn=a%20b&tr=http%3A%2F%2Ftracker.example%2Fannounce&x.pe=10.0.0.1:5056",
        "https://example.com:8443/a/b.torrent?x=y#z", "ipfs://QmYwAPJzv5CZsnA625s3Xf2nemtYgPpHdWEz79ojWnbvjP/a%20b/c",
        "ipns://en.wikipedia-on-ipfs.org/wiki", "oci://ghcr.io/a/b:c!/etc/os-release", "backend:rest",
        "sha256:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef",
    ];

    private static readonly string[] Dictionary =
    [
        "", "%", "%2e", "%2f", "%ff", "%00", "..", "//", "!/", "@", "[", "]", "[::1]", "169.254.169.254", "0xA9FEA9FE", "xt=urn:btmh:1220",
        "tr=", "ws=http://", "&", "=", ":", "urn:", "\0", "\ud800", "ß", "é", new string('9', 400),
    ];

    [Fact]
    public void Any_text_is_read_or_refused_and_no_path_climbs()
    {
        var mutation = new TokenMutation(20261121, ":/?&=.%!@#", Dictionary);
        var read = 0;
        for (var i = 0; i < 30_000; i++)
        {
            var text = mutation.Next(Seeds);
            ContentUri? uri = null;
            string? fault = null;
            var isRead = false;
            MemoryBound.Hold(() => isRead = ContentUri.TryParse(text, out uri, out fault), text.Length, text);
            if (!isRead || uri is null)
            {
                fault.ShouldNotBeNullOrEmpty();
                continue;
            }

            read++;
            uri.Text.ShouldBe(text);
            var path = uri switch { IpfsUri ipfs => ipfs.Path, IpnsUri ipns => ipns.Path, OciUri oci => oci.Path, _ => null };
            (path ?? "").Split('/').ShouldNotContain("..");
            (path ?? "").ShouldNotStartWith("/");
        }

        read.ShouldBeGreaterThan(1000);
    }
}
