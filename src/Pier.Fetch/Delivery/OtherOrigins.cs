using System.Diagnostics.CodeAnalysis;
using Pier.Content.Contracts;
using Pier.Content.References;

namespace Pier.Fetch.Delivery;

/// <summary>The other repositories under which clients asked for the same blob, tried in turn when one refuses. Its owner locks.</summary>
internal sealed class OtherOrigins
{
    private const int Most = 8;

    private readonly Queue<RepositoryName> _names = new();

    /// <summary>
    /// What is asked for once another client has joined: as urgently as the more urgent waits, and under its repository where none
    /// was named; else that waits for its turn, unless it does already or is one too many.
    /// </summary>
    public BlobRequest Join(BlobRequest request, BlobRequest other)
    {
        if (other.Priority > request.Priority)
        {
            request = request with { Priority = other.Priority };
        }
        if (request.Origin is null)
        {
            return request with { Origin = other.Origin };
        }
        if (other.Origin is { } origin && origin != request.Origin && _names.Count < Most && !_names.Contains(origin))
        {
            _names.Enqueue(origin);
        }
        return request;
    }

    /// <summary>Takes the next; false when there is none.</summary>
    public bool TryTake([NotNullWhen(true)] out RepositoryName? origin) => _names.TryDequeue(out origin);
}
