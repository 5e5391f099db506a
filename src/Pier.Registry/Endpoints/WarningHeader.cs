using System.Text;

namespace Pier.Registry.Endpoints;

/// <summary>The <c>Warning</c> header in the one form that registry clients show (OCI distribution-spec v1.1, "Warnings").</summary>
internal static class WarningHeader
{
    // "Clients … Warning headers … MUST NOT exceed 4096 bytes".
    private const int MaxLength = 4096;

    /// <summary>Code 299, no agent, the text quoted; what a header cannot carry becomes a question mark.</summary>
    public static string Format(string text)
    {
        var quoted = new StringBuilder("299 - \"");
        foreach (var c in text)
        {
            if (quoted.Length >= MaxLength - 3)
            {
                break;
            }

            _ = c switch
            {
                '"' or '\\' => quoted.Append('\\').Append(c),
                < ' ' or > '~' => quoted.Append('?'),
                _ => quoted.Append(c),
            };
        }

        return quoted.Append('"').ToString();
    }
}
