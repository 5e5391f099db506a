using Pier.Volumes.Fuse.Device;
using Pier.Volumes.Fuse.Protocol;

namespace Pier.Volumes.Fuse.Serving;

/// <summary>INIT, the first request of every mount, which settles what both sides do.</summary>
internal static class FuseGreeting
{
    /// <summary>Room for the longest request.</summary>
    public const int RequestBuffer = 64 * 1024;

    private const int MaxWrite = 4096;
    private const ushort MaxBackground = 64;
    private const uint ReadAhead = MountPoint.MaxRead;
    private const FuseFeatures Used = FuseFeatures.AsynchronousRead | FuseFeatures.ReadDirectoryPlus | FuseFeatures.ReadDirectoryPlusWhenUseful
        | FuseFeatures.ParallelDirectoryOperations | FuseFeatures.MaxPages | FuseFeatures.CacheSymbolicLinks | FuseFeatures.ExtendedInit | FuseFeatures.Resend;

    /// <summary>Answers INIT.</summary>
    /// <returns>What was agreed.</returns>
    /// <exception cref="IOException">The kernel speaks another protocol, or refused.</exception>
    public static FuseFeatures Exchange(FuseDevice device, bool passthrough)
    {
        var buffer = new byte[RequestBuffer];
        while (true)
        {
            var length = device.Read(buffer);
            if (!FuseHeader.TryRead(buffer.AsSpan(0, length), out var header)
                || header.Opcode != FuseOpcode.Init
                || !FuseInit.TryRead(buffer.AsSpan(FuseHeader.Size, length - FuseHeader.Size), out var init))
            {
                throw new IOException("The kernel did not begin with INIT.");
            }

            var answer = new byte[FuseHeader.AnswerSize + FuseInit.AnswerSize];
            if (init.Major > FuseInit.SpokenMajor)
            {
                // It asks again with our version (protocol 7.1).
                new FuseInitAnswer(0, 0, FuseFeatures.None, 0, 0, 0).Write(answer.AsSpan(FuseHeader.AnswerSize));
                FuseHeader.WriteAnswer(answer, 0, header.Unique);
                device.Write(answer);
                continue;
            }

            if (init.Major < FuseInit.SpokenMajor || init.Minor < FuseInit.LeastMinor)
            {
                throw new IOException($"The kernel speaks FUSE {init.Major}.{init.Minor}; {FuseInit.SpokenMajor}.{FuseInit.LeastMinor} (Linux 5.4) is the oldest understood.");
            }

            var features = init.Features & (passthrough ? Used | FuseFeatures.Passthrough : Used);
            new FuseInitAnswer(
                Math.Min(init.Minor, FuseInit.SpokenMinor), ReadAhead, features, MaxBackground, MaxWrite, MountPoint.MaxRead / 4096)
                .Write(answer.AsSpan(FuseHeader.AnswerSize));
            FuseHeader.WriteAnswer(answer, 0, header.Unique);
            var refused = device.Write(answer);
            return refused == 0 ? features : throw new IOException($"The kernel refused the answer to INIT (errno {refused}).");
        }
    }
}
