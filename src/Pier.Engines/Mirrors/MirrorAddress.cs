using System.Net;
using System.Text;

namespace Pier.Engines.Mirrors;

/// <summary>How an engine reaches Pier.</summary>
/// <param name="Url">Scheme, host and port, without a path.</param>
/// <param name="Credentials"><c>user:password</c> where Pier asks for them, or null; a secret.</param>
/// <param name="Authority">PEM text of the authority behind an https address that systems do not know, or null.</param>
public sealed record MirrorAddress(Uri Url, string? Credentials = null, string? Authority = null)
{
    /// <summary>The daemon's own default.</summary>
    public static MirrorAddress Default { get; } = new(new Uri("http://127.0.0.1:5055"));

    /// <summary>The address as engines' configurations write it.</summary>
    public string Text => Url.GetLeftPart(UriPartial.Authority);

    /// <summary>Host and port.</summary>
    public string HostPort => Url.IsDefaultPort ? Url.Host : Url.Authority;

    /// <summary>True for plain HTTP.</summary>
    public bool IsPlain => Url.Scheme == Uri.UriSchemeHttp;

    /// <summary>True when it leads a process in another network to itself.</summary>
    public bool IsLoopback => Url.IsLoopback || (IPAddress.TryParse(Url.Host.Trim('[', ']'), out var address) && IPAddress.IsLoopback(address));

    /// <summary>The value of the header that carries the credentials (RFC 7617), or null.</summary>
    public string? Authorization => Credentials is null ? null : $"Basic {Convert.ToBase64String(Encoding.UTF8.GetBytes(Credentials))}";

    /// <summary>Reads an address.</summary>
    /// <exception cref="EngineException">It is none, or says more than an address.</exception>
    public static Uri Parse(string text) =>
        Uri.TryCreate(text.Contains("://", StringComparison.Ordinal) ? text : $"http://{text}", UriKind.Absolute, out var url)
        && url.Scheme is "http" or "https" && url.UserInfo.Length == 0 && url.PathAndQuery == "/" && url.Host.Length > 0
            ? url
            : throw new EngineException($"'{text}' is not the address of a registry mirror.", "Write it as http://HOST:5055 or https://HOST:PORT; credentials go into --token-file.");
}
