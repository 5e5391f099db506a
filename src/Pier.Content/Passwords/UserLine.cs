namespace Pier.Content.Passwords;

/// <summary>A line of the file with the registry's users: <c>NAME:HASH</c>.</summary>
/// <param name="Name">The user.</param>
/// <param name="Password">What is kept of the password.</param>
public sealed record UserLine(string Name, PasswordHash Password)
{
    /// <summary>Longest name.</summary>
    public const int MaxName = 128;

    /// <summary>Shortest password that is taken for a new user.</summary>
    public const int MinPassword = 8;

    /// <summary>True for letters, digits and <c>-_.@+</c>, which need no quotes anywhere.</summary>
    public static bool IsName(string name)
    {
        ArgumentNullException.ThrowIfNull(name);
        return name.Length is > 0 and <= MaxName && name.All(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_' or '.' or '@' or '+');
    }

    /// <summary>True when a line holds a user at all: it is neither empty nor a remark.</summary>
    public static bool IsOne(string line)
    {
        ArgumentNullException.ThrowIfNull(line);
        return line.Length > 0 && line[0] != '#';
    }

    /// <summary>The name that a line begins with, whatever follows it.</summary>
    public static string NameOf(string line)
    {
        ArgumentNullException.ThrowIfNull(line);
        var colon = line.IndexOf(':', StringComparison.Ordinal);
        return colon < 0 ? line : line[..colon];
    }

    /// <summary>Reads a line; null when it is none.</summary>
    public static UserLine? TryParse(string line)
    {
        var name = NameOf(line);
        return IsName(name) && name.Length < line.Length && PasswordHash.TryParse(line[(name.Length + 1)..]) is { } password
            ? new UserLine(name, password)
            : null;
    }

    /// <summary>The line.</summary>
    public override string ToString() => $"{Name}:{Password}";
}
