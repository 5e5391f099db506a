using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Pier.Content.Contracts;

namespace Pier.Registry.Access;

/// <summary>The key that signs this node's tokens (ECDSA P-256), with the certificate by which other registries know it; made once, kept by its owner alone.</summary>
internal sealed class TokenKey : IDisposable
{
    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite;
    private const int YearsValid = 10;

    private readonly X509Certificate2 _certificate;
    private readonly ECDsa _key;

    private TokenKey(X509Certificate2 certificate)
    {
        _certificate = certificate;
        _key = certificate.GetECDsaPrivateKey() ?? throw new ContentFormatException("The key that signs tokens is no ECDSA key.");
    }

    /// <summary>The certificate in base64 of its DER bytes, as the <c>x5c</c> header of RFC 7515 §4.1.6 has it.</summary>
    public string Certificate => Convert.ToBase64String(_certificate.RawData);

    /// <summary>Reads the file, or makes it.</summary>
    /// <exception cref="ContentStorageException">It cannot be read or written.</exception>
    /// <exception cref="ContentFormatException">It holds something else.</exception>
    public static TokenKey Open(string path, TimeProvider clock)
    {
        try
        {
            if (!File.Exists(path))
            {
                Make(path, clock.GetUtcNow());
            }

            return new TokenKey(X509Certificate2.CreateFromPemFile(path, path));
        }
        catch (CryptographicException damaged)
        {
            throw new ContentFormatException($"{path} does not hold a certificate and its key: {damaged.Message} Remove it, and a new one is made.", damaged);
        }
        catch (Exception refused) when (refused is IOException or UnauthorizedAccessException && refused is not ContentException)
        {
            throw new ContentStorageException($"The key that signs tokens cannot be kept in {path}: {refused.Message}", refused);
        }
    }

    /// <summary>ES256 of RFC 7518 §3.4: both numbers, 32 bytes each.</summary>
    public byte[] Sign(byte[] data) => _key.SignData(data, HashAlgorithmName.SHA256, DSASignatureFormat.IeeeP1363FixedFieldConcatenation);

    /// <summary>True when this key made the signature.</summary>
    public bool Verify(byte[] data, byte[] signature) =>
        _key.VerifyData(data, signature, HashAlgorithmName.SHA256, DSASignatureFormat.IeeeP1363FixedFieldConcatenation);

    /// <inheritdoc/>
    public void Dispose()
    {
        _key.Dispose();
        _certificate.Dispose();
    }

    private static void Make(string path, DateTimeOffset now)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=pier tokens", key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(certificateAuthority: true, hasPathLengthConstraint: false, 0, critical: true));
        using var certificate = request.CreateSelfSigned(now.AddDays(-1), now.AddYears(YearsValid));
        var temporary = path + ".new";
        File.Delete(temporary);
        using (var file = new FileStream(temporary, new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write, UnixCreateMode = OwnerOnly }))
        using (var writer = new StreamWriter(file))
        {
            writer.WriteLine(certificate.ExportCertificatePem());
            writer.WriteLine(key.ExportPkcs8PrivateKeyPem());
            writer.Flush();
            file.Flush(flushToDisk: true);
        }

        File.Move(temporary, path, overwrite: true);
    }
}
