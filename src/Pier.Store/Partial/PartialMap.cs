using Pier.Content;
using Pier.Content.Contracts;

namespace Pier.Store.Partial;

/// <summary>What is on disk of a blob that is still arriving: the content of its <c>.map</c> file.</summary>
/// <param name="Digest">The blob.</param>
/// <param name="Length">Length of the whole blob in bytes.</param>
/// <param name="Present">Bytes on disk.</param>
/// <param name="Readable">Those of them that readers may see before the seal (design §3.6).</param>
/// <param name="BySource">Bytes on disk by where they came from, indexed by <see cref="SourceKind"/>.</param>
internal sealed record PartialMap(Digest Digest, long Length, RangeMap Present, RangeMap Readable, IReadOnlyList<long> BySource)
{
    /// <summary>How many kinds of source there are to count by.</summary>
    public static readonly int SourceKinds = Enum.GetValues<SourceKind>().Length;

    public static PartialMap Empty(Digest digest, long length) =>
        new(digest, length, new RangeMap(), new RangeMap(), new long[SourceKinds]);
}
