namespace Pier.BitTorrent.WebSeeds;

/// <summary>A web server did not give what it was asked for.</summary>
/// <param name="message">What was wrong.</param>
/// <param name="cause">What lies beneath, if anything.</param>
internal sealed class WebSeedException(string message, Exception? cause = null) : BitTorrentException(message, cause)
{
    /// <summary>How long the server wants to be left alone, when it says so.</summary>
    public TimeSpan? RetryAfter { get; init; }

    /// <summary>Whether asking again soon is unlikely to help: the file is not there, or is another one.</summary>
    public bool IsLasting { get; init; }

    /// <summary>Index of the file that is not there, when that is all that is wrong.</summary>
    public int? MissingFile { get; init; }
}
