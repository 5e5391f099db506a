using System.Security.Cryptography;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Pier.Fetch.Backends;

/// <summary>
/// The folders that backends' programs take for their home, one for each run, all in one folder of the node's state. Those of a
/// daemon that was killed are still there at its next start, which ends whatever goes on in them and removes them.
/// </summary>
internal sealed class BackendHomes : IHostedService
{
    private const int NameBytes = 16;

    private readonly string _folder;
    private readonly string[] _left;
    private readonly TimeProvider _time;
    private readonly ILogger<BackendHomes> _log;

    public BackendHomes(FetchOptions options, TimeProvider time, ILogger<BackendHomes> log)
    {
        _folder = options.BackendHomes;
        _time = time;
        _log = log;
        // Looked at before this run makes any of its own; whatever else somebody keeps there is not ours.
        _left = Directory.Exists(_folder) ? [.. Directory.GetDirectories(_folder).Where(IsHome)] : [];
    }

    /// <summary>Makes a home with a name that no other has.</summary>
    /// <exception cref="IOException">The disk refused.</exception>
    /// <exception cref="UnauthorizedAccessException">The folder is not this user's.</exception>
    public BackendHome Make()
    {
        var path = Path.Combine(_folder, Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(NameBytes)));
        Directory.CreateDirectory(path);
        return new BackendHome(path, _time);
    }

    /// <summary>Ends what a daemon that was killed left behind, before anybody looks at what it left unfinished.</summary>
    public async Task StartAsync(CancellationToken cancellationToken)
    {
        foreach (var path in _left)
        {
            await using var home = new BackendHome(path, _time);
            if (await home.EndAsync() is > 0 and var ended)
            {
                LogMessages.BackendLeftoversEnded(_log, ended);
            }
        }
    }

    /// <inheritdoc/>
    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    private static bool IsHome(string path) =>
        Path.GetFileName(path) is { Length: 2 * NameBytes } name && name.All(char.IsAsciiHexDigitLower);
}
