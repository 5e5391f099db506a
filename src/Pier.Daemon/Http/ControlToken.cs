using System.Security.Cryptography;
using System.Text;

namespace Pier.Daemon.Http;

/// <summary>The secret that opens unsafe methods on the TCP control port; kept in the state folder, readable by the owner alone.</summary>
internal sealed class ControlToken
{
    /// <summary>Name of the file in the state folder.</summary>
    public const string FileName = "control.token";

    private const int SecretBytes = 32;
    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite;

    private readonly byte[] _secret;

    private ControlToken(string secret) => _secret = Encoding.ASCII.GetBytes(secret);

    /// <summary>Reads the token, or makes one where there is none.</summary>
    /// <exception cref="IOException">The file cannot be read or written.</exception>
    public static ControlToken Open(string stateFolder)
    {
        var path = Path.Combine(stateFolder, FileName);
        if (File.Exists(path) && File.ReadAllText(path).Trim() is { Length: 2 * SecretBytes } kept)
        {
            File.SetUnixFileMode(path, OwnerOnly);
            return new ControlToken(kept);
        }
        var made = Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(SecretBytes));
        var temporary = $"{path}.new";
        File.Delete(temporary);
        using (var file = new FileStream(temporary, new FileStreamOptions
        {
            Mode = FileMode.CreateNew,
            Access = FileAccess.Write,
            UnixCreateMode = OwnerOnly,
        }))
        {
            file.Write(Encoding.ASCII.GetBytes(made));
            file.Flush(flushToDisk: true);
        }
        File.Move(temporary, path, overwrite: true);
        return new ControlToken(made);
    }

    /// <summary>Compares in constant time.</summary>
    public bool Matches(string candidate) => CryptographicOperations.FixedTimeEquals(_secret, Encoding.UTF8.GetBytes(candidate));
}
