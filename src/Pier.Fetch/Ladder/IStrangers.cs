using System.Diagnostics.CodeAnalysis;

namespace Pier.Fetch.Ladder;

/// <summary>A search for strangers under way; disposing ends it.</summary>
internal interface IStrangers : IAsyncDisposable
{
    /// <summary>Swarms that were claimed and not taken, or put back.</summary>
    int Waiting { get; }

    /// <summary>Takes the one that was tried least, of these the one that the most strangers claim; false when there is none.</summary>
    bool TryTake([NotNullWhen(true)] out Candidate? candidate);

    /// <summary>Lets one be taken again: it was silent, or broke off, and nothing is known against it.</summary>
    void PutBack(Candidate candidate);
}
