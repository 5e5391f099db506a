using Pier.Content;
using Pier.Content.References;

namespace Pier.UnitTests.Content.References;

/// <summary>Docker's own published cases (distribution/reference, reference_test.go and normalize_test.go).</summary>
public sealed class ImageReferenceTests
{
    private const string Hex = "ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff";

    [Theory]
    [InlineData("test_com", "docker.io", "library/test_com", null)]
    [InlineData("test.com:tag", "docker.io", "library/test.com", "tag")]
    [InlineData("test.com:5000", "docker.io", "library/test.com", "5000")]
    [InlineData("test.com/repo:tag", "test.com", "repo", "tag")]
    [InlineData("test:5000/repo", "test:5000", "repo", null)]
    [InlineData("test:5000/repo:tag", "test:5000", "repo", "tag")]
    [InlineData("lowercase:Uppercase", "docker.io", "library/lowercase", "Uppercase")]
    [InlineData("sub-dom1.foo.com/bar/baz/quux:some-long-tag", "sub-dom1.foo.com", "bar/baz/quux", "some-long-tag")]
    [InlineData("b.gcr.io/test.example.com/my-app:test.example.com", "b.gcr.io", "test.example.com/my-app", "test.example.com")]
    [InlineData("xn--n3h.com/myimage:xn--n3h.com", "xn--n3h.com", "myimage", "xn--n3h.com")]
    [InlineData("foo_bar.com:8080", "docker.io", "library/foo_bar.com", "8080")]
    [InlineData("foo/foo_bar.com:8080", "docker.io", "foo/foo_bar.com", "8080")]
    [InlineData("192.168.1.1", "docker.io", "library/192.168.1.1", null)]
    [InlineData("192.168.1.1:tag", "docker.io", "library/192.168.1.1", "tag")]
    [InlineData("192.168.1.1/repo", "192.168.1.1", "repo", null)]
    [InlineData("192.168.1.1:5000/repo:5050", "192.168.1.1:5000", "repo", "5050")]
    [InlineData("[2001:db8::1]/repo", "[2001:db8::1]", "repo", null)]
    [InlineData("[2001:db8:1:2:3:4:5:6]/repo:tag", "[2001:db8:1:2:3:4:5:6]", "repo", "tag")]
    [InlineData("[2001:db8::]:5000/repo", "[2001:db8::]:5000", "repo", null)]
    [InlineData("[::1]:5000/repo:tag", "[::1]:5000", "repo", "tag")]
    [InlineData("localhost/repo", "localhost", "repo", null)]
    [InlineData("docker.io/1a3f5e7d9c1b3a5f7e9d1c3b5a7f9e1d3c5b7a9f1e3d5d7c9b1a3f5e7d9c1b3a", "docker.io", "library/1a3f5e7d9c1b3a5f7e9d1c3b5a7f9e1d3c5b7a9f1e3d5d7c9b1a3f5e7d9c1b3a", null)]
    [InlineData("docker---rules/docker", "docker.io", "docker---rules/docker", null)]
    [InlineData("dock__er/docker", "docker.io", "dock__er/docker", null)]
    [InlineData("jess/t", "docker.io", "jess/t", null)]
    [InlineData("test_com/foo", "docker.io", "test_com/foo", null)]
    public void A_reference_is_split_as_Docker_splits_it(string text, string registry, string path, string? tag)
    {
        var reference = ImageReference.Parse(text);

        reference.Repository.ShouldBe(new RepositoryName(registry, path));
        reference.Tag.ShouldBe(tag);
        reference.Digest.ShouldBeNull();
        ImageReference.TryParse(text, out var again).ShouldBeTrue();
        again.ShouldBe(reference);
    }

    [Theory]
    [InlineData("fooo/bar", "docker.io/fooo/bar", "fooo/bar")]
    [InlineData("index.docker.io/fooo/bar", "docker.io/fooo/bar", "fooo/bar")]
    [InlineData("library/ubuntu", "docker.io/library/ubuntu", "ubuntu")]
    [InlineData("ubuntu", "docker.io/library/ubuntu", "ubuntu")]
    [InlineData("nonlibrary/ubuntu", "docker.io/nonlibrary/ubuntu", "nonlibrary/ubuntu")]
    [InlineData("other/library", "docker.io/other/library", "other/library")]
    [InlineData("127.0.0.1:8000/private/moonbase", "127.0.0.1:8000/private/moonbase", "127.0.0.1:8000/private/moonbase")]
    [InlineData("example.com:8000/privatebasee", "example.com:8000/privatebasee", "example.com:8000/privatebasee")]
    [InlineData("index.docker.io/library/ubuntu-12.04-base", "docker.io/library/ubuntu-12.04-base", "ubuntu-12.04-base")]
    [InlineData("docker.io/foo", "docker.io/library/foo", "foo")]
    [InlineData("library/foo/bar", "docker.io/library/foo/bar", "library/foo/bar")]
    [InlineData("store/foo/bar", "docker.io/store/foo/bar", "store/foo/bar")]
    [InlineData("Foo/bar", "Foo/bar", "Foo/bar")]
    [InlineData("docker.io/localhost/foo", "docker.io/localhost/foo", "docker.io/localhost/foo")]
    [InlineData("registry-1.docker.io/library/foo", "docker.io/library/foo", "foo")]
    [InlineData("busybox:latest@sha256:" + Hex, "docker.io/library/busybox:latest@sha256:" + Hex, "busybox:latest@sha256:" + Hex)]
    public void Full_and_familiar_forms_are_Dockers(string text, string full, string familiar)
    {
        var reference = ImageReference.Parse(text);

        reference.ToString().ShouldBe(full);
        reference.Familiar.ShouldBe(familiar);
        ImageReference.Parse(full).ShouldBe(reference);
        ImageReference.Parse(familiar).ShouldBe(reference);
    }

    [Theory]
    [InlineData("", "empty")]
    [InlineData(":justtag", "empty")]
    [InlineData("@sha256:" + Hex, "empty")]
    [InlineData("docker.io/", "empty")]
    [InlineData("repo@sha256:ffffffffffffffffffffffffffffffffff", "64")]
    [InlineData("validname@invaliddigest:" + Hex, "sha256:")]
    [InlineData("Uppercase:tag", "lower case")]
    [InlineData("test:5000/Uppercase/lowercase:tag", "'uppercase/lowercase'")]
    [InlineData("docker/Docker", "lower case")]
    [InlineData("docker.io/docker/Docker", "lower case")]
    [InlineData("aa/asdf$$^/aa", "path components")]
    [InlineData("https://github.com/docker/docker", "registry host")]
    [InlineData("-docker/docker", "path components")]
    [InlineData("docker-/docker", "path components")]
    [InlineData("-docker.io/docker/docker", "registry host")]
    [InlineData("docker.io-/docker", "registry host")]
    [InlineData("a..b/docker", "registry host")]
    [InlineData("docker///docker", "path components")]
    [InlineData("docker.io/docker///docker", "path components")]
    [InlineData("____/____", "path components")]
    [InlineData("_docker/_docker", "path components")]
    [InlineData("dock..er/docker", "registry host")]
    [InlineData("docker/dock..er", "path components")]
    [InlineData("docker/dock_.er", "path components")]
    [InlineData("docker/dock___er", "path components")]
    [InlineData("docker/", "path components")]
    [InlineData("[fc00::1]", "tag")]
    [InlineData("[fc00::1]:5000", "path components")]
    [InlineData("fc00::1:5000/debian", "registry host")]
    [InlineData("[fe80::1%eth0]:5000/debian", "registry host")]
    [InlineData("[]/repo:1", "path components")]
    [InlineData("[:]/repo", "registry host")]
    [InlineData("[::1/repo", "registry host")]
    [InlineData("[::1]x/repo", "registry host")]
    [InlineData("[2001:db8:3:4::192.0.2.33]:5000/debian", "registry host")]
    [InlineData("host:/repo", "registry host")]
    [InlineData("host:70000/repo", "registry host")]
    [InlineData("host.x_y:1/repo", "registry host")]
    [InlineData("repo:", "tag")]
    [InlineData("repo:-foo", "tag")]
    [InlineData("repo:.foo", "tag")]
    [InlineData("repo:a b", "tag")]
    [InlineData("1a3f5e7d9c1b3a5f7e9d1c3b5a7f9e1d3c5b7a9f1e3d5d7c9b1a3f5e7d9c1b3a", "identifier")]
    public void What_Docker_refuses_is_refused_with_the_rule(string text, string rule)
    {
        var refusal = Should.Throw<ReferenceFormatException>(() => ImageReference.Parse(text));

        refusal.Message.ShouldContain(rule);
        refusal.Message.ShouldContain($"'{text}'");
        ImageReference.TryParse(text, out var none).ShouldBeFalse();
        none.ShouldBeNull();
    }

    [Fact]
    public void A_tag_has_at_most_128_characters()
    {
        ImageReference.Parse($"repo:{new string('a', 128)}").Tag!.Length.ShouldBe(128);
        Should.Throw<ReferenceFormatException>(() => ImageReference.Parse($"repo:{new string('a', 129)}"));
    }

    [Fact]
    public void A_name_has_at_most_255_characters_with_its_registry()
    {
        var longest = $"localhost/{string.Concat(Enumerable.Repeat("a/", 122))}a";
        longest.Length.ShouldBe(255);

        ImageReference.Parse($"{longest}:tag-puts-this-over-max").Repository.ToString().ShouldBe(longest);
        Should.Throw<ReferenceFormatException>(() => ImageReference.Parse($"{longest}a"))
            .Message.ShouldContain("256 characters");
    }

    [Fact]
    public void A_huge_text_is_refused_with_a_short_message() =>
        Should.Throw<ReferenceFormatException>(() => ImageReference.Parse(new string('A', 1 << 20)))
            .Message.Length.ShouldBeLessThan(1000);

    [Fact]
    public void The_target_is_the_digest_then_the_tag_then_latest()
    {
        ImageReference.Parse($"a:b@sha256:{Hex}").Target.ShouldBe($"sha256:{Hex}");
        ImageReference.Parse("a:b").Target.ShouldBe("b");
        ImageReference.Parse("a").Target.ShouldBe("latest");
        ImageReference.Parse("a").WithDefaultTag().Tag.ShouldBe("latest");
        ImageReference.Parse("a:b").WithDefaultTag().Tag.ShouldBe("b");
        ImageReference.Parse($"a@sha256:{Hex}").WithDefaultTag().Tag.ShouldBeNull();
        ImageReference.Parse($"a@sha256:{Hex}").Digest.ShouldBe(Digest.Parse($"sha256:{Hex}"));
    }

    [Fact]
    public void A_repository_has_neither_tag_nor_digest()
    {
        RepositoryName.Parse("ghcr.io/a/b").ShouldBe(new RepositoryName("ghcr.io", "a/b"));
        RepositoryName.TryParse("a:b", out _).ShouldBeFalse();
        RepositoryName.TryParse(null, out _).ShouldBeFalse();
        ImageReference.TryParse(null, out _).ShouldBeFalse();
        Should.Throw<ReferenceFormatException>(() => RepositoryName.Parse("a:b"));
    }

    [Fact]
    public void A_registry_given_apart_is_normalised_too()
    {
        RepositoryName.Create("index.docker.io", "busybox").ShouldBe(new RepositoryName("docker.io", "library/busybox"));
        RepositoryName.Create("ghcr.io", "a").ShouldBe(new RepositoryName("ghcr.io", "a"));
        Should.Throw<ReferenceFormatException>(() => RepositoryName.Create("ghcr.io/evil", "a")).Message.ShouldContain("registry host");
        Should.Throw<ReferenceFormatException>(() => RepositoryName.Create("ghcr.io", "../a")).Message.ShouldContain("path components");
    }
}
