using Pier.Api;
using Pier.Cli.Sessions;

namespace Pier.Cli.Commands;

/// <summary>What the commands of volumes and mounts have in common.</summary>
internal static class VolumeWords
{
    /// <summary>Options as <c>KEY=VALUE</c>.</summary>
    /// <exception cref="CommandException">One has no equals sign, or stands twice.</exception>
    public static Dictionary<string, string> Options(IEnumerable<string> words)
    {
        var options = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var word in words)
        {
            var equals = word.IndexOf('=', StringComparison.Ordinal);
            if (equals <= 0 || !options.TryAdd(word[..equals], word[(equals + 1)..]))
            {
                throw new CommandException(ExitCode.Usage, $"-o {word}: options are KEY=VALUE, each once.");
            }
        }
        return options;
    }

    /// <summary>A volume's path in the control API.</summary>
    public static string PathOf(string name) => $"{ApiPaths.Volumes}/{Uri.EscapeDataString(name)}";
}
