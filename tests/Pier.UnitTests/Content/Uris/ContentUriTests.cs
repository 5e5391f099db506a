using Pier.Content;
using Pier.Content.References;
using Pier.Content.Uris;

namespace Pier.UnitTests.Content.Uris;

public sealed class ContentUriTests
{
    private const string Hex = "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef";
    private const string V1 = "0123456789abcdef0123456789abcdef01234567";
    private const string CidV0 = "QmYwAPJzv5CZsnA625s3Xf2nemtYgPpHdWEz79ojWnbvjP";
    private const string CidV1 = "bafkreigh2akiscaildcqabsyg3dfr6chu3fgpregiymsck7e7aqa4s52zy";

    [Theory]
    [InlineData("magnet:?xt=urn:btih:" + V1)]
    [InlineData("MAGNET:?dn=a&xt=urn:btih:" + V1 + "&tr=http%3A%2F%2F10.0.0.1%3A5055%2Fannounce&x.pe=10.0.0.1:5056")]
    [InlineData("magnet:?xt.1=urn:btih:aaaaaaaabbbbbbbbccccccccdddddd22")]
    [InlineData("magnet:?xt=urn:btmh:1220" + Hex + "&x&=y&tr=nonsense")]
    public void A_magnet_names_a_torrent(string text) => ContentUri.Parse(text).ShouldBeOfType<MagnetUri>().Text.ShouldBe(text);

    [Theory]
    [InlineData("https://example.com/a.torrent")]
    [InlineData("http://example.com:8080/A.TORRENT?x=1")]
    public void A_torrent_file_is_known_by_its_name(string text) =>
        ContentUri.Parse(text).ShouldBeOfType<TorrentFileUri>().Address.ShouldBe(new Uri(text));

    [Theory]
    [InlineData("https://example.com/a.torrent.html")]
    [InlineData("HTTP://localhost:80/?f=a.torrent")]
    [InlineData("https://example.com/%20")]
    public void Other_addresses_are_files_on_the_web(string text) =>
        ContentUri.Parse(text).ShouldBeOfType<WebUri>().Address.ShouldBe(new Uri(text));

    [Theory]
    [InlineData("ipfs://" + CidV0, CidV0, "")]
    [InlineData("ipfs://" + CidV1 + "/a%20b/c/", CidV1, "a b/c")]
    [InlineData("ipfs://" + CidV1 + "/", CidV1, "")]
    [InlineData("ipfs://" + CidV1 + "/%c3%a4/ö", CidV1, "ä/ö")]
    [InlineData("ipfs://f01551220" + Hex, "f01551220" + Hex, "")]
    [InlineData("ipfs://k51qzi5uqu5dlvj2baxnqndepeb86cbk3ng7n3i46uzyxzyqj2xjonzllnv0v8", "k51qzi5uqu5dlvj2baxnqndepeb86cbk3ng7n3i46uzyxzyqj2xjonzllnv0v8", "")]
    [InlineData("ipfs://zdj7WWeQ43G6JJvLWQWZpyHuAMq6uYWRjkBXFad11vE2LHhQ7", "zdj7WWeQ43G6JJvLWQWZpyHuAMq6uYWRjkBXFad11vE2LHhQ7", "")]
    [InlineData("ipfs://uAVUSIGEhKyMnQiA", "uAVUSIGEhKyMnQiA", "")]
    public void IPFS_content_has_a_CID_and_a_path(string text, string cid, string path) =>
        ContentUri.Parse(text).ShouldBe(new IpfsUri(text, cid, path));

    [Theory]
    [InlineData("ipns://en.wikipedia-on-ipfs.org/wiki", "en.wikipedia-on-ipfs.org", "wiki")]
    [InlineData("ipns://k51qzi5uqu5dlvj2baxnqndepeb86cbk3ng7n3i46uzyxzyqj2xjonzllnv0v8", "k51qzi5uqu5dlvj2baxnqndepeb86cbk3ng7n3i46uzyxzyqj2xjonzllnv0v8", "")]
    [InlineData("ipns://12D3KooWD3eckifWpRn9wQpMG9R9hX3sD158z7EqHWmweQAJU5SA", "12D3KooWD3eckifWpRn9wQpMG9R9hX3sD158z7EqHWmweQAJU5SA", "")]
    public void IPNS_names_are_keys_or_domains(string text, string name, string path) =>
        ContentUri.Parse(text).ShouldBe(new IpnsUri(text, name, path));

    [Theory]
    [InlineData("oci://busybox", "busybox", null)]
    [InlineData("oci://ghcr.io/a/b:c!/etc/os-release", "ghcr.io/a/b:c", "etc/os-release")]
    [InlineData("oci://localhost:5000/a@sha256:" + Hex + "!/", "localhost:5000/a@sha256:" + Hex, "")]
    public void An_image_may_have_a_path_in_it(string text, string image, string? path) =>
        ContentUri.Parse(text).ShouldBe(new OciUri(text, ImageReference.Parse(image), path));

    [Fact]
    public void A_blob_goes_by_its_digest() =>
        ContentUri.Parse($"sha256:{Hex}").ShouldBe(new DigestUri($"sha256:{Hex}", Digest.Parse($"sha256:{Hex}")));

    [Theory]
    [InlineData("hypercore:abc", "hypercore", "abc")]
    [InlineData("S3://bucket/key", "s3", "//bucket/key")]
    [InlineData("my-backend_2:x", "my-backend_2", "x")]
    public void Any_other_scheme_is_a_backend(string text, string backend, string rest) =>
        ContentUri.Parse(text).ShouldBe(new BackendUri(text, backend, rest));

    [Theory]
    [InlineData("", "1 to")]
    [InlineData("nothing", "no scheme")]
    [InlineData(":x", "no scheme")]
    [InlineData("1a:x", "no scheme")]
    [InlineData("a.b:x", "no scheme")]
    [InlineData("../x:y", "no scheme")]
    [InlineData("backend:", "nothing follows")]
    [InlineData("aria2c:http://169.254.169.254/latest/meta-data", "metadata address")]
    [InlineData("aria2c:http://user:secret@169.254.169.254:80/x", "'169.254.169.254:80' is a link-local")]
    [InlineData("aria2c:169.254.169.254/x", "metadata address")]
    [InlineData("aria2c:http%3A%2F%2F169.254.169.254%2Fx", "metadata address")]
    [InlineData("aria2c:ftp://fine.example/a?b=http://[fe80::1]/x", "metadata address")]
    [InlineData("aria2c:http://METADATA.google.internal./x", "metadata address")]
    [InlineData("http://a b/", "white space")]
    [InlineData("http://a/\u0007", "white space")]
    [InlineData("magnet:xt=urn:btih:" + V1, "'?'")]
    [InlineData("magnet:?dn=x", "names no torrent")]
    [InlineData("magnet:?xt=urn:btih:0123", "names no torrent")]
    [InlineData("magnet:?xt=urn:btih:g123456789abcdef0123456789abcdef01234567", "names no torrent")]
    [InlineData("magnet:?xt=urn:btih:aaaaaaaabbbbbbbbccccccccdddddd11", "names no torrent")]
    [InlineData("magnet:?xt=urn:btmh:1220abcd", "names no torrent")]
    [InlineData("magnet:?xt=urn:sha1:" + V1, "names no torrent")]
    [InlineData("http:///x", "address")]
    [InlineData("http:x", "address")]
    [InlineData("http://xn--\u2488com/", "no host name")]
    [InlineData("https://user:secret@example.com/x", "credentials")]
    [InlineData("ipfs:" + CidV0, "'//'")]
    [InlineData("ipfs://", "'//'")]
    [InlineData("ipfs://short", "no CID")]
    [InlineData("ipfs://Qm0wAPJzv5CZsnA625s3Xf2nemtYgPpHdWEz79ojWnbvjP", "no CID")]
    [InlineData("ipfs://xafkreigh2akiscaildcqabsyg3dfr6chu3fgpregiymsck7e7aqa4s52zy", "no CID")]
    [InlineData("ipfs://" + CidV0 + "/a/../b", "segments")]
    [InlineData("ipfs://" + CidV0 + "/a//b", "segments")]
    [InlineData("ipfs://" + CidV0 + "/%2e%2E", "segments")]
    [InlineData("ipfs://" + CidV0 + "/a%2fb", "segments")]
    [InlineData("ipfs://" + CidV0 + "/a%00", "segments")]
    [InlineData("ipfs://" + CidV0 + "/a%", "hex digits")]
    [InlineData("ipfs://" + CidV0 + "/a%zz", "hex digits")]
    [InlineData("ipfs://" + CidV0 + "/a%1z", "hex digits")]
    [InlineData("ipfs://" + CidV0 + "/%ff", "UTF-8")]
    [InlineData("ipns://nodots", "neither")]
    [InlineData("oci://Busybox", "lower case")]
    [InlineData("oci://busybox!/../x", "segments")]
    [InlineData("sha256:0123", "64")]
    [InlineData("sha512:" + Hex, "128")]
    public void Anything_else_is_refused_with_the_reason(string text, string reason)
    {
        Should.Throw<ContentUriException>(() => ContentUri.Parse(text)).Message.ShouldContain(reason);
        ContentUri.TryParse(text, out var uri, out var fault).ShouldBeFalse();
        uri.ShouldBeNull();
        fault!.ShouldContain(reason);
    }

    [Theory]
    [InlineData("http://169.254.169.254/latest/meta-data")]
    [InlineData("http://2852039166/")]
    [InlineData("http://0xA9FEA9FE/x.torrent")]
    [InlineData("https://[fe80::1]/")]
    [InlineData("http://[fd00:ec2::254]/")]
    [InlineData("http://[::ffff:169.254.169.254]/")]
    [InlineData("http://metadata.google.internal/computeMetadata/v1/")]
    [InlineData("oci://169.254.169.254/a")]
    [InlineData("oci://[fe80::1]:5000/a")]
    [InlineData("ipns://metadata.google.internal")]
    [InlineData("magnet:?xt=urn:btih:" + V1 + "&tr=http://169.254.169.254/announce")]
    [InlineData("magnet:?xt=urn:btih:" + V1 + "&tr.2=udp%3A%2F%2F169.254.169.254%3A80")]
    [InlineData("magnet:?xt=urn:btih:" + V1 + "&ws=http://metadata.google.internal/x")]
    [InlineData("magnet:?xt=urn:btih:" + V1 + "&x.pe=169.254.169.254:80")]
    public void Link_local_and_metadata_hosts_are_refused(string text) =>
        Should.Throw<ContentUriException>(() => ContentUri.Parse(text)).Message.ShouldContain("metadata address");

    [Fact]
    public void Several_in_a_row_keep_their_order()
    {
        var all = ContentUri.ParseAll([$"sha256:{Hex}", "https://example.com/x"]);

        all.Count.ShouldBe(2);
        all[0].ShouldBeOfType<DigestUri>();
        all[1].ToString().ShouldBe("https://example.com/x");
        Should.Throw<ContentUriException>(() => ContentUri.ParseAll([]));
        Should.Throw<ContentUriException>(() => ContentUri.ParseAll([.. Enumerable.Repeat("a:b", 33)]));
        Should.Throw<ContentUriException>(() => ContentUri.ParseAll(["a:b", "http://169.254.169.254/"]));
    }

    [Fact]
    public void Bounds_hold()
    {
        Should.Throw<ContentUriException>(() => ContentUri.Parse("x:" + new string('a', ContentUri.MaxLength)));
        Should.Throw<ContentUriException>(() => ContentUri.Parse(new string('a', 65) + ":x"));
        Should.Throw<ContentUriException>(() => ContentUri.Parse($"magnet:?xt=urn:btih:{V1}{string.Concat(Enumerable.Repeat("&a=b", 512))}"));
    }
}
