using System.Security.Cryptography;
using Pier.Membership.Identity;
using Pier.TestKit.Files;

namespace Pier.UnitTests.Membership;

/// <summary><c>node.pem</c>: made once, kept private, refused when it is not what it should be.</summary>
public class NodeIdentityTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task The_key_is_made_once_and_only_the_owner_reads_it()
    {
        await using var folder = TempFolder.Create();
        var path = folder.Below("node.pem");
        using var first = NodeIdentity.LoadOrCreate(path);
        using var second = NodeIdentity.LoadOrCreate(path);

        second.Id.ShouldBe(first.Id);
        NodeId.OfCertificate(second.Certificate).ShouldBe(first.Id);
        File.GetUnixFileMode(path).ShouldBe(UnixFileMode.UserRead | UnixFileMode.UserWrite);
        using var key = ECDsa.Create();
        key.ImportFromPem(await File.ReadAllTextAsync(path, Token));
        NodeId.OfPublicKey(key.ExportSubjectPublicKeyInfo()).ShouldBe(first.Id);
        Directory.GetFiles(folder.Path).ShouldBe([path]);
    }

    [Fact]
    public async Task A_key_that_others_can_read_is_refused()
    {
        await using var folder = TempFolder.Create();
        var path = folder.Below("node.pem");
        NodeIdentity.LoadOrCreate(path).Dispose();
        File.SetUnixFileMode(path, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.OtherRead);
        Should.Throw<NodeIdentityException>(() => NodeIdentity.LoadOrCreate(path)).Message.ShouldContain($"chmod 600 {path}");
    }

    [Fact]
    public async Task Other_content_is_refused_with_the_files_name()
    {
        await using var folder = TempFolder.Create();
        using var rsa = RSA.Create(2048);
        using var p384 = ECDsa.Create(ECCurve.NamedCurves.nistP384);
        using var p256 = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        string[] contents =
        [
            "", "not a key", rsa.ExportPkcs8PrivateKeyPem(), p384.ExportPkcs8PrivateKeyPem(), p256.ExportSubjectPublicKeyInfoPem(),
            p256.ExportPkcs8PrivateKeyPem()[..100], new string('x', 100_000),
        ];
        foreach (var content in contents)
        {
            var path = folder.Below("node.pem");
            await File.WriteAllTextAsync(path, content, Token);
            File.SetUnixFileMode(path, UnixFileMode.UserRead | UnixFileMode.UserWrite);
            Should.Throw<NodeIdentityException>(() => NodeIdentity.LoadOrCreate(path)).Message.ShouldContain(path);
        }
    }
}
