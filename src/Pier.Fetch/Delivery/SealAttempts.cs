using Pier.Content.Contracts;
using Pier.Fetch.Ladder;

namespace Pier.Fetch.Delivery;

/// <summary>Bounds how often a blob that failed its seal is fetched anew.</summary>
internal sealed class SealAttempts
{
    private const int Most = 4;

    /// <summary>Strangers cost nothing to make, so their lies are not counted with those of sources that are vouched for.</summary>
    private const int MostLies = 32;

    private int _attempts;
    private int _lies;

    /// <summary>Counts one more; false when a failure of it is to be the last.</summary>
    public bool Count(IReadOnlyCollection<Candidate> contributors)
    {
        if (contributors.Any(contributor => contributor.Trust == SourceTrust.AfterSeal))
        {
            _lies++;
        }
        else
        {
            _attempts++;
        }
        return _attempts < Most && _lies < MostLies;
    }
}
