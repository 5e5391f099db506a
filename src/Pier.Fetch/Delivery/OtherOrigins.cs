using System.Diagnostics.CodeAnalysis;
using Pier.Content.References;

namespace Pier.Fetch.Delivery;

/// <summary>The other repositories under which clients asked for the same blob, tried in turn when one refuses. Its owner locks.</summary>
internal sealed class OtherOrigins
{
    private const int Most = 8;

    private readonly Queue<RepositoryName> _names = new();

    /// <summary>Notes one, unless it waits already or is one too many.</summary>
    public void Add(RepositoryName origin)
    {
        if (_names.Count < Most && !_names.Contains(origin))
        {
            _names.Enqueue(origin);
        }
    }

    /// <summary>Takes the next; false when there is none.</summary>
    public bool TryTake([NotNullWhen(true)] out RepositoryName? origin) => _names.TryDequeue(out origin);
}
