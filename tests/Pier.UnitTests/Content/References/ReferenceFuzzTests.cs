using Pier.Content.References;

namespace Pier.UnitTests.Content.References;

public sealed class ReferenceFuzzTests
{
    private static readonly string[] Seeds =
    [
        "busybox", "busybox:1.36", "ghcr.io/a/b:c@sha256:" + "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef",
        "[2001:db8::1]:5000/repo/x__y-z.w:tag", "localhost:5055/library/busybox", "Foo/bar", "index.docker.io/a",
    ];

    private static readonly string[] Dictionary =
        ["", "/", ":", "@", ".", "_", "__", "-", "[", "]", "::", "sha256:", "sha512:", "localhost", "docker.io", "A", "ß", "\0", "%", "65536", new string('a', 300)];

    [Fact]
    public void Any_text_is_read_or_refused_and_what_is_read_reads_the_same_again()
    {
        var mutation = new TokenMutation(20261120, "/:@.[]-_", Dictionary);
        var read = 0;
        for (var i = 0; i < 30_000; i++)
        {
            var text = mutation.Next(Seeds);
            ImageReference? reference = null;
            var isRead = false;
            MemoryBound.Hold(() => isRead = ImageReference.TryParse(text, out reference), text.Length, text);
            if (!isRead || reference is null)
            {
                Should.Throw<ReferenceFormatException>(() => ImageReference.Parse(text));
                continue;
            }

            read++;
            ImageReference.Parse(reference.ToString()).ShouldBe(reference, text);
            ImageReference.Parse(reference.Familiar).ShouldBe(reference, text);
            ReferenceGrammar.IsPath(reference.Repository.Path).ShouldBeTrue(text);
            reference.Repository.ToString().Length.ShouldBeLessThanOrEqualTo(ReferenceGrammar.MaxNameLength);
        }

        read.ShouldBeGreaterThan(1000);
    }

    [Fact]
    public void Refusing_a_huge_text_takes_memory_in_proportion()
    {
        var text = string.Concat(Enumerable.Repeat("a/", 500_000));
        var before = GC.GetAllocatedBytesForCurrentThread();

        ImageReference.TryParse(text, out _).ShouldBeFalse();

        (GC.GetAllocatedBytesForCurrentThread() - before).ShouldBeLessThan(8L * text.Length);
    }
}
