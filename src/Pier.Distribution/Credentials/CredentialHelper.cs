using System.ComponentModel;
using System.Diagnostics;
using System.Text;
using System.Text.Json;

namespace Pier.Distribution.Credentials;

/// <summary>
/// Runs a <c>docker-credential-…</c> program: the server's address on its standard input, JSON on its standard
/// output. Its time and its output are bounded.
/// </summary>
internal sealed class CredentialHelper(TimeSpan timeout, TimeProvider time)
{
    private const int MaxOutput = 64 * 1024;

    /// <summary>What helpers print, with exit code 1, when they hold nothing.</summary>
    private const string NotFound = "credentials not found in native keychain";

    /// <summary>Asks a helper for one server.</summary>
    /// <param name="helper">The name after <c>docker-credential-</c>.</param>
    /// <param name="server">The server's address as <c>docker login</c> stored it.</param>
    /// <param name="cancellationToken">Ends the wait and the program.</param>
    public async Task<CredentialLookup> GetAsync(string helper, string server, CancellationToken cancellationToken)
    {
        if (helper.Length is 0 or > 64 || !helper.All(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_' or '.'))
        {
            return new CredentialLookup(null, "the helper's name in Docker's configuration is no program name.");
        }

        return await RunAsync([$"docker-credential-{helper}", "get"], server, cancellationToken);
    }

    /// <summary>Runs any program that speaks as helpers do.</summary>
    /// <param name="command">The program and its arguments.</param>
    /// <param name="server">The server's address, which it is told.</param>
    /// <param name="cancellationToken">Ends the wait and the program.</param>
    public async Task<CredentialLookup> RunAsync(IReadOnlyList<string> command, string server, CancellationToken cancellationToken)
    {
        var program = command[0];
        using var deadline = new CancellationTokenSource(timeout, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, deadline.Token);
        using var process = new Process { StartInfo = Plan(command) };
        try
        {
            process.Start();
        }
        catch (Win32Exception missing)
        {
            return new CredentialLookup(null, $"{program} cannot be started: {missing.Message}.");
        }

        try
        {
            return await TalkAsync(process, program, server, either.Token);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return new CredentialLookup(null, $"{program} gave no answer in {timeout.TotalSeconds:0.#} s.");
        }
        finally
        {
            if (!process.HasExited)
            {
                process.Kill(entireProcessTree: true);
            }
        }
    }

    private static ProcessStartInfo Plan(IReadOnlyList<string> command) => new(command[0], command.Skip(1))
    {
        RedirectStandardInput = true,
        RedirectStandardOutput = true,
        RedirectStandardError = true,
        UseShellExecute = false,
        WorkingDirectory = "/",
    };

    private static async Task<CredentialLookup> TalkAsync(Process process, string program, string server, CancellationToken cancellationToken)
    {
        // Both streams are read while the program runs: a full pipe would stop it.
        var output = ReadAsync(process.StandardOutput.BaseStream, cancellationToken);
        var errors = ReadAsync(process.StandardError.BaseStream, cancellationToken);
        try
        {
            await process.StandardInput.WriteAsync(server.AsMemory(), cancellationToken);
            process.StandardInput.Close();
        }
        catch (IOException)
        {
            // It ended, or closed its input, without reading; its output and exit code say why.
            process.StandardInput.BaseStream.Close();
        }

        var answer = await output;
        await errors;
        await process.WaitForExitAsync(cancellationToken);
        return answer is null
            ? new CredentialLookup(null, $"{program} wrote more than {MaxOutput} bytes.")
            : Judge(program, process.ExitCode, answer);
    }

    private static CredentialLookup Judge(string program, int exitCode, byte[] answer)
    {
        if (exitCode != 0)
        {
            // Helpers explain themselves on standard output; it is no secret when they failed.
            var reason = Encoding.UTF8.GetString(answer.AsSpan(0, Math.Min(answer.Length, 200))).Trim();
            return reason.Contains(NotFound, StringComparison.OrdinalIgnoreCase)
                ? CredentialLookup.None
                : new CredentialLookup(null, $"{program} ended with {exitCode}: {reason}");
        }

        try
        {
            var parsed = JsonSerializer.Deserialize(answer, CredentialJson.Default.HelperAnswer);
            if (string.IsNullOrEmpty(parsed?.Secret))
            {
                return CredentialLookup.None;
            }

            return new CredentialLookup(parsed.Username is "<token>"
                ? new RegistryCredential("", parsed.Secret, IsIdentityToken: true)
                : new RegistryCredential(parsed.Username ?? "", parsed.Secret));
        }
        catch (JsonException)
        {
            // The cause would quote the text, which may hold a secret.
            return new CredentialLookup(null, $"{program} wrote no JSON.");
        }
    }

    /// <summary>A stream's bytes, or null when there are too many.</summary>
    private static async Task<byte[]?> ReadAsync(Stream stream, CancellationToken cancellationToken)
    {
        var buffer = new byte[MaxOutput + 1];
        var length = 0;
        while (length < buffer.Length)
        {
            var read = await stream.ReadAsync(buffer.AsMemory(length), cancellationToken);
            if (read == 0)
            {
                return buffer[..length];
            }

            length += read;
        }

        return null;
    }
}
