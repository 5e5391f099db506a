using Pier.Content;
using Pier.Content.Contracts;
using Pier.Content.References;
using Pier.Content.Uris;
using Pier.Fetch.Policy;
using Pier.Store.Tags;

namespace Pier.Fetch.Supplies;

/// <summary>What builds may have: the same rules as at the registry's door, for clients of this host that bring no login.</summary>
internal sealed class SupplyAccess(AccessRecords records, AccessPolicy policy, TagStore tags, FetchOptions options)
{
    /// <summary>Loopback may have what is private only while that is allowed. For what has been fetched.</summary>
    /// <exception cref="ContentDeniedException">Names the URI.</exception>
    public void RefusePrivate(SupplyRequest request)
    {
        if (request.Uris.OfType<OciUri>().FirstOrDefault(uri => IsClosed(uri.Image.Repository)) is { } hidden)
        {
            throw new ContentDeniedException(LocalNames.IsLocal(hidden.Image.Repository)
                ? $"{hidden}: the rules of this node do not let everybody pull {hidden.Image.Repository.Path}, and builds bring no user name."
                : $"{hidden}: the repository is not known as public, and this node serves nothing private to builds (private.loopback = deny).");
        }
    }

    /// <summary>As above, for what was fetched earlier: that this node could read a private repository then does not say that it may now.</summary>
    /// <param name="request">What is wanted.</param>
    /// <param name="known">What it turned out to be.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <exception cref="ContentDeniedException">Names the URI.</exception>
    public async ValueTask RefusePrivateAsync(SupplyRequest request, SupplyRecord known, CancellationToken cancellationToken)
    {
        RefusePrivate(request);
        foreach (var uri in request.Uris.OfType<OciUri>().Where(uri => known.Source is null || uri.Text == known.Source))
        {
            var repository = uri.Image.Repository;
            // What anybody may read needs no target to ask its registry for.
            if (records.Find(repository) is not { IsPublic: true }
                && ((uri.Image.Digest ?? (uri.Image.Tag is { } tag ? tags.Find(repository, tag)?.Digest : null)) is not { } target
                    || !await policy.MayReadAsync(repository, target, cancellationToken)))
            {
                throw new ContentDeniedException($"{uri} was fetched before, and {repository.Registry} does not give {repository.Path} to this node any more. Log in there.");
            }
        }
    }

    /// <summary>What only private repositories name is never had by its digest alone.</summary>
    /// <exception cref="ContentDeniedException">Names the URI.</exception>
    public void RefuseHidden(SupplyRequest request)
    {
        foreach (var uri in request.Uris.OfType<DigestUri>())
        {
            RefuseHidden(uri.Digest);
        }
    }

    /// <summary>As above, for one digest.</summary>
    /// <exception cref="ContentDeniedException">Names it.</exception>
    public void RefuseHidden(Digest digest)
    {
        if (records.IsClosed(digest))
        {
            throw new ContentDeniedException($"{digest} belongs to a repository that is not public. Name it with its image: oci://REPOSITORY@DIGEST!/PATH.");
        }
    }

    /// <summary>What was made may be a file of a private image: a public manifest that names it must not open it.</summary>
    public void Hide(Digest blob, SupplyRequest request) => policy.Hide([blob], isOpen: !request.Uris.OfType<OciUri>().Any());

    private bool IsClosed(RepositoryName repository) =>
        (options.PrivateLoopback == PrivateLoopback.Deny || LocalNames.IsLocal(repository)) && records.Find(repository)?.IsPublic != true;
}
