using System.Diagnostics.CodeAnalysis;
using Pier.Content.Contracts;

namespace Pier.Content.Uris;

/// <summary>Whether this program speaks HTTPS: a pierdat that is built with <c>-p:PierDatHttps=false</c>, to be smaller, does not.</summary>
public static class HttpsSupport
{
    private const string Switch = "Pier.Https";

    /// <summary>False in a build without it; the compiler knows that, and leaves out what only HTTPS needs.</summary>
    [FeatureSwitchDefinition(Switch)]
    public static bool IsThere => !AppContext.TryGetSwitch(Switch, out var isOn) || isOn;

    /// <summary>Called before a connection is opened, so that what is left out is never reached.</summary>
    /// <param name="address">What is asked for.</param>
    /// <exception cref="ContentUnavailableException">It is an https address, and there is no HTTPS.</exception>
    public static void Require(Uri? address)
    {
        if (!IsThere && address?.Scheme == Uri.UriSchemeHttps)
        {
            throw new ContentUnavailableException($"{address.Host}: this program was built without HTTPS. Name an http address or a magnet link, or use a build that has it.");
        }
    }
}
