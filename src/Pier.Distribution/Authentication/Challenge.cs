namespace Pier.Distribution.Authentication;

/// <summary>One challenge of a <c>WWW-Authenticate</c> header (RFC 9110 §11.6.1).</summary>
/// <param name="Scheme">Scheme in lower case.</param>
/// <param name="Parameters">Parameters by lower-case name.</param>
internal sealed record Challenge(string Scheme, IReadOnlyDictionary<string, string> Parameters)
{
    /// <summary>A parameter's value, or null.</summary>
    public string? this[string name] => Parameters.GetValueOrDefault(name);

    /// <summary>True for challenges that a token server answers.</summary>
    public bool IsBearer => Scheme == "bearer" && Parameters.ContainsKey("realm");

    /// <summary>True for user and password.</summary>
    public bool IsBasic => Scheme == "basic";
}
