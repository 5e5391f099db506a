using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Pier.Membership.Identity;

/// <summary>
/// This node's key pair (ECDSA P-256, <c>node.pem</c>) and the self-signed certificate made from it. The
/// certificate only carries the key through TLS; trust comes from the pinned <see cref="NodeId"/>.
/// </summary>
public sealed class NodeIdentity : IDisposable
{
    private const string CurveOid = "1.2.840.10045.3.1.7";
    private const int MaxPemBytes = 16 * 1024;
    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite;

    private NodeIdentity(ECDsa key)
    {
        Id = NodeId.OfPublicKey(key.ExportSubjectPublicKeyInfo());
        Certificate = SelfSign(key, Id);
    }

    /// <summary>The node's id.</summary>
    public NodeId Id { get; }

    /// <summary>Certificate with private key, for both ends of the node port.</summary>
    public X509Certificate2 Certificate { get; }

    /// <summary>A fresh identity that is kept nowhere.</summary>
    public static NodeIdentity CreateEphemeral()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        return new NodeIdentity(key);
    }

    /// <summary>Reads <c>node.pem</c>, or makes it with mode 0600 when there is none.</summary>
    /// <exception cref="NodeIdentityException">The file is unreadable, malformed, of another key type, or open to others.</exception>
    public static NodeIdentity LoadOrCreate(string path)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        try
        {
            return File.Exists(path) ? Load(path) : Create(path);
        }
        catch (Exception cause) when (cause is UnauthorizedAccessException or (IOException and not NodeIdentityException))
        {
            throw new NodeIdentityException($"The node's key file {path} cannot be read or made: {cause.Message}", cause);
        }
    }

    /// <inheritdoc/>
    public void Dispose() => Certificate.Dispose();

    private static NodeIdentity Load(string path)
    {
        var mode = File.GetUnixFileMode(path);
        if ((mode & ~(OwnerOnly | UnixFileMode.UserExecute)) != UnixFileMode.None)
        {
            throw new NodeIdentityException($"The node's key file {path} is open to others; run: chmod 600 {path}");
        }

        if (new FileInfo(path).Length > MaxPemBytes)
        {
            throw new NodeIdentityException($"The node's key file {path} is over {MaxPemBytes} bytes and so no key; restore it, or remove it to get a new node id.");
        }

        using var key = ECDsa.Create();
        try
        {
            key.ImportFromPem(File.ReadAllText(path));
            // Exporting the private half fails here, with the file's name, and not in a later handshake.
            var parameters = key.ExportParameters(includePrivateParameters: true);
            CryptographicOperations.ZeroMemory(parameters.D);
            if (parameters.Curve.Oid.Value is { } oid && oid != CurveOid)
            {
                throw new NodeIdentityException($"The key in {path} is on curve {parameters.Curve.Oid.FriendlyName ?? oid}; Pier needs ECDSA P-256.");
            }
        }
        catch (Exception cause) when (cause is CryptographicException or ArgumentException)
        {
            throw new NodeIdentityException($"The node's key file {path} holds no ECDSA private key in PEM; restore it, or remove it to get a new node id.", cause);
        }

        return new NodeIdentity(key);
    }

    private static NodeIdentity Create(string path)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        DurableFile.Write(path, System.Text.Encoding.ASCII.GetBytes(key.ExportPkcs8PrivateKeyPem() + "\n"), OwnerOnly);
        return new NodeIdentity(key);
    }

    private static X509Certificate2 SelfSign(ECDsa key, NodeId id)
    {
        var request = new CertificateRequest($"CN={id}", key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.DigitalSignature, critical: true));
        // Hosts' clocks differ and the pin is what counts, so the certificate is always in date (RFC 5280 §4.1.2.5).
        return request.CreateSelfSigned(
            new DateTimeOffset(2020, 1, 1, 0, 0, 0, TimeSpan.Zero),
            new DateTimeOffset(9999, 12, 31, 23, 59, 59, TimeSpan.Zero));
    }
}
