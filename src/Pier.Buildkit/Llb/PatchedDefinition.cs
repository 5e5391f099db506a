using Pier.Buildkit.Supply;
using Pier.Buildkit.Wire;

namespace Pier.Buildkit.Llb;

/// <summary>A definition without markers.</summary>
/// <param name="Definition">What is to be solved.</param>
/// <param name="Contents">The content that stands in a marker's place, by the digest of the operation that brings it.</param>
internal sealed record PatchedDefinition(Definition Definition, IReadOnlyDictionary<string, SuppliedContent> Contents);
