namespace Pier.Dat;

/// <summary>What the command line asks for; a closed set.</summary>
internal abstract record DatArguments
{
    private DatArguments()
    {
    }

    /// <summary>Reads the command line. Under its old names the program is what Pierdat's programs were.</summary>
    /// <param name="called">How the program was called, for links to it.</param>
    /// <param name="arguments">What follows.</param>
    /// <exception cref="DatException">Nothing that can be done; the message says what is wrong.</exception>
    public static DatArguments Read(string called, string[] arguments)
    {
        switch (Path.GetFileName(called))
        {
            case "entrypoint.sh":
                return new Exec([.. arguments]);
            case "pierdatd":
                return new Serve(WithParent: false);
        }

        switch (arguments)
        {
            case ["-h" or "--help", ..]:
                return new Help();
            case ["--version"]:
                return new Version();
            case ["-l" or "--list-backends", ..]:
                return new ListBackends();
            case ["exec", "--", .. var words]:
                return new Exec([.. words]);
            case ["exec", .. var words]:
                return new Exec([.. words]);
            case ["serve" or "seed"]:
                return new Serve(WithParent: false);
            case ["serve", WithParentFlag]:
                return new Serve(WithParent: true);
            case [var uri, var destination] when IsWord(uri):
                return new Get(uri, destination);
            case [_, _, var third, ..] when IsWord(arguments[0]):
                throw Wrong($"Unknown parameter: {third}");
            case [var flag, ..] when !IsWord(flag):
                throw Wrong($"Unknown parameter: {flag}");
            default:
                throw Wrong("URI and destination path are required.");
        }
    }

    /// <summary>Ends serving when the process does that began it.</summary>
    public const string WithParentFlag = "--with-parent";

    private static bool IsWord(string argument) => argument.Length > 0 && argument[0] != '-';

    private static DatException Wrong(string message) => new(message) { ShowsUsage = true };

    /// <summary>Says how it is used.</summary>
    internal sealed record Help : DatArguments;

    /// <summary>Says which version it is.</summary>
    internal sealed record Version : DatArguments;

    /// <summary>Says which kinds of URI it fetches.</summary>
    internal sealed record ListBackends : DatArguments;

    /// <summary>Fetches.</summary>
    internal sealed record Get(string Uri, string Destination) : DatArguments;

    /// <summary>Serves.</summary>
    internal sealed record Serve(bool WithParent) : DatArguments;

    /// <summary>Starts serving and becomes a program; without words it serves.</summary>
    internal sealed record Exec(IReadOnlyList<string> Words) : DatArguments;
}
