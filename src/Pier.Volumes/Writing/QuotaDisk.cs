using System.Diagnostics;
using Pier.Content.Contracts;
using Pier.Volumes.Fuse.Device;

namespace Pier.Volumes.Writing;

/// <summary>
/// A folder that holds no more than so many bytes: a file with a file system in it, which grows as it is written to. Works on
/// every disk, where quotas of projects need one that was made for them.
/// </summary>
internal static class QuotaDisk
{
    /// <summary>Makes the file when it is not there, and mounts it; one that is mounted stays.</summary>
    /// <exception cref="ContentStorageException">A program refused; says which and why.</exception>
    public static async Task MountAsync(string image, long bytes, string folder, CancellationToken cancellationToken)
    {
        if (MountPoint.IsMounted(folder))
        {
            return;
        }

        if (!File.Exists(image))
        {
            // Under its name only when it is whole.
            var unfinished = Unfinished(image);
            try
            {
                await using (var file = File.Create(unfinished))
                {
                    file.SetLength(bytes);
                }

                await RunAsync("mkfs.ext4", ["-q", "-F", "-m", "0", "-E", "root_owner=0:0", unfinished], cancellationToken);
                File.Move(unfinished, image);
            }
            finally
            {
                File.Delete(unfinished);
            }
        }

        await RunAsync("mount", ["-t", "ext4", "-o", "loop,nosuid,nodev", image, folder], cancellationToken);
    }

    /// <summary>The name of such a file while it is made.</summary>
    public static string Unfinished(string image) => image + ".new";

    private static async Task RunAsync(string program, string[] arguments, CancellationToken cancellationToken)
    {
        try
        {
            using var process = Process.Start(new ProcessStartInfo(program, arguments) { UseShellExecute = false, RedirectStandardError = true, RedirectStandardOutput = true })!;
            process.OutputDataReceived += static (_, _) => { };
            process.BeginOutputReadLine();
            var said = await process.StandardError.ReadToEndAsync(cancellationToken);
            await process.WaitForExitAsync(cancellationToken);
            if (process.ExitCode != 0)
            {
                throw new ContentStorageException($"quota: {program} refused: {said.Trim()}");
            }
        }
        catch (System.ComponentModel.Win32Exception missing)
        {
            throw new ContentStorageException($"quota: {program} cannot be run ({missing.Message}); it needs e2fsprogs and mount.", missing);
        }
    }
}
