using Pier.Content;
using Pier.Content.Contracts;
using Pier.Content.References;

namespace Pier.TestKit.Policies;

/// <summary>An access policy that answers as a test says and remembers nothing.</summary>
public class FixedPolicy : IAccessPolicy
{
    /// <summary>Whether anything may be had, by any door.</summary>
    public bool MayServe { get; set; } = true;

    /// <inheritdoc/>
    public virtual bool IsClosed(Digest digest) => false;

    /// <inheritdoc/>
    public virtual ValueTask<bool> MayServeAsync(Digest digest, RepositoryName? under, Door door, CancellationToken cancellationToken) => ValueTask.FromResult(MayServe);

    /// <inheritdoc/>
    public ValueTask<bool> MayListAsync(RepositoryName repository, string target, Door door, CancellationToken cancellationToken) => ValueTask.FromResult(MayServe);

    /// <inheritdoc/>
    public ValueTask NameAsync(RepositoryName repository, IReadOnlyCollection<Digest> blobs, CancellationToken cancellationToken) => ValueTask.CompletedTask;

    /// <inheritdoc/>
    public ValueTask RecordAsync(RepositoryName repository, bool isPublic, IReadOnlyCollection<Digest> blobs, CancellationToken cancellationToken) => ValueTask.CompletedTask;
}
