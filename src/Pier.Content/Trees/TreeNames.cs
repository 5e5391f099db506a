using System.Text;

namespace Pier.Content.Trees;

/// <summary>What names a tree may have. A tree that breaks a rule is refused, never repaired.</summary>
public static class TreeNames
{
    /// <summary>UTF-8 bytes of one name; the limit of the file systems in use.</summary>
    public const int MaxNameBytes = 255;

    /// <summary>Names of a path.</summary>
    public const int MaxDepth = 128;

    private static readonly UTF8Encoding Strict = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    /// <summary>Says what is wrong with a name; null when nothing is.</summary>
    public static string? Problem(string name)
    {
        ArgumentNullException.ThrowIfNull(name);
        if (name is "" or "." or "..")
        {
            return $"'{name}' is no name";
        }

        if (name.AsSpan().ContainsAny('/', '\0'))
        {
            return "a name with a slash or NUL";
        }

        try
        {
            return Strict.GetByteCount(name) > MaxNameBytes ? $"a name longer than {MaxNameBytes} bytes" : null;
        }
        catch (EncoderFallbackException)
        {
            return "a name that is not UTF-8";
        }
    }

    /// <summary>Says what is wrong with a symbolic link; null when it stays within the tree.</summary>
    /// <param name="depth">Directories above the link.</param>
    /// <param name="target">Where it points.</param>
    public static string? LinkProblem(int depth, string target)
    {
        ArgumentNullException.ThrowIfNull(target);
        if (target.Length == 0 || target[0] == '/' || target.Contains('\0', StringComparison.Ordinal))
        {
            return $"a link to '{target}', which is no path within the tree";
        }

        foreach (var segment in target.Split('/'))
        {
            depth += segment switch { "" or "." => 0, ".." => -1, _ => 1 };
            if (depth < 0)
            {
                return $"a link to '{target}', out of the tree";
            }
        }

        return null;
    }

    /// <summary>Compares names as the bytes of their UTF-8 forms.</summary>
    public static int Compare(string left, string right)
    {
        ArgumentNullException.ThrowIfNull(left);
        ArgumentNullException.ThrowIfNull(right);
        var common = left.AsSpan().CommonPrefixLength(right);
        if (common == left.Length || common == right.Length)
        {
            return left.Length - right.Length;
        }

        // UTF-16 sorts what lies beyond the first plane (surrogates) before U+E000 to U+FFFF; UTF-8 after.
        var (first, second) = (left[common], right[common]);
        return char.IsSurrogate(first) == char.IsSurrogate(second) ? first - second : char.IsSurrogate(first) ? 1 : -1;
    }
}
