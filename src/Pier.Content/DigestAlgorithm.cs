namespace Pier.Content;

/// <summary>The hash functions that OCI image-spec v1.1 registers for digests.</summary>
public enum DigestAlgorithm
{
    /// <summary>SHA-256, 32 bytes, 64 hex digits.</summary>
    Sha256,

    /// <summary>SHA-512, 64 bytes, 128 hex digits.</summary>
    Sha512,
}
