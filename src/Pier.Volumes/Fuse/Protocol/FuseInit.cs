using System.Buffers.Binary;

namespace Pier.Volumes.Fuse.Protocol;

/// <summary>The kernel's side of the first exchange (<c>fuse_init_in</c>).</summary>
/// <param name="Major">Protocol version; 7 ever since.</param>
/// <param name="Minor">What was added since.</param>
/// <param name="MaxReadAhead">Bytes.</param>
/// <param name="Features">What the kernel offers.</param>
internal readonly record struct FuseInit(uint Major, uint Minor, uint MaxReadAhead, FuseFeatures Features)
{
    /// <summary>The protocol version spoken.</summary>
    public const uint SpokenMajor = 7;

    /// <summary>Kernel 5.4: the first whose INIT says how many pages a request may have and caches links.</summary>
    public const uint LeastMinor = 31;

    /// <summary>The newest version whose INIT has been read; kernels after it stay compatible.</summary>
    public const uint SpokenMinor = 45;

    /// <summary>Bytes of the answer.</summary>
    public const int AnswerSize = 64;

    private const int SizeWithFlags = 16;
    private const int SizeWithFlags2 = 20;

    /// <summary>Reads the body of INIT; false when it is too short to be one.</summary>
    public static bool TryRead(ReadOnlySpan<byte> body, out FuseInit init)
    {
        if (body.Length < SizeWithFlags)
        {
            init = default;
            return false;
        }

        var features = (FuseFeatures)BinaryPrimitives.ReadUInt32LittleEndian(body[12..]);
        if (features.HasFlag(FuseFeatures.ExtendedInit) && body.Length >= SizeWithFlags2)
        {
            features |= (FuseFeatures)((ulong)BinaryPrimitives.ReadUInt32LittleEndian(body[16..]) << 32);
        }

        init = new FuseInit(
            BinaryPrimitives.ReadUInt32LittleEndian(body),
            BinaryPrimitives.ReadUInt32LittleEndian(body[4..]),
            BinaryPrimitives.ReadUInt32LittleEndian(body[8..]),
            features);
        return true;
    }
}

/// <summary>The file system's side of the first exchange (<c>fuse_init_out</c>).</summary>
/// <param name="Minor">The version both speak.</param>
/// <param name="MaxReadAhead">Bytes.</param>
/// <param name="Features">What is used of what was offered.</param>
/// <param name="MaxBackground">Requests of read-ahead at once.</param>
/// <param name="MaxWrite">Bytes of a write; at least a page also where there are none.</param>
/// <param name="MaxPages">Pages of a request.</param>
internal readonly record struct FuseInitAnswer(
    uint Minor, uint MaxReadAhead, FuseFeatures Features, ushort MaxBackground, uint MaxWrite, ushort MaxPages)
{
    private const uint NanosecondTimes = 1;

    /// <summary>Writes the 64 bytes of the body.</summary>
    public void Write(Span<byte> body)
    {
        body[..FuseInit.AnswerSize].Clear();
        BinaryPrimitives.WriteUInt32LittleEndian(body, FuseInit.SpokenMajor);
        BinaryPrimitives.WriteUInt32LittleEndian(body[4..], Minor);
        BinaryPrimitives.WriteUInt32LittleEndian(body[8..], MaxReadAhead);
        BinaryPrimitives.WriteUInt32LittleEndian(body[12..], (uint)Features);
        BinaryPrimitives.WriteUInt16LittleEndian(body[16..], MaxBackground);
        BinaryPrimitives.WriteUInt16LittleEndian(body[18..], (ushort)(MaxBackground * 3 / 4));
        BinaryPrimitives.WriteUInt32LittleEndian(body[20..], MaxWrite);
        BinaryPrimitives.WriteUInt32LittleEndian(body[24..], NanosecondTimes);
        BinaryPrimitives.WriteUInt16LittleEndian(body[28..], MaxPages);
        BinaryPrimitives.WriteUInt32LittleEndian(body[32..], (uint)((ulong)Features >> 32));

        // Files below may lie on any file system that is not itself stacked on another.
        BinaryPrimitives.WriteUInt32LittleEndian(body[36..], Features.HasFlag(FuseFeatures.Passthrough) ? 1u : 0u);
    }
}
