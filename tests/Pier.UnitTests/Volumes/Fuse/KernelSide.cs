using System.Buffers.Binary;
using System.Text;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Win32.SafeHandles;
using Pier.Content.Contracts;
using Pier.Volumes.Fuse.Device;
using Pier.Volumes.Fuse.Protocol;
using Pier.Volumes.Fuse.Serving;

namespace Pier.UnitTests.Volumes.Fuse;

/// <summary>The kernel's side of the protocol, byte by byte: sends requests to a dispatcher and keeps what it answers.</summary>
internal sealed class KernelSide : IFuseReplyPort, IBackingFiles, IFuseFailures, IAsyncDisposable
{
    private readonly Lock _gate = new();
    private readonly Dictionary<ulong, byte[]> _answers = [];
    private ulong _unique = 100;

    public KernelSide(IContentTree tree, FuseOptions? options = null, TimeProvider? time = null) =>
        Dispatcher = new FuseDispatcher(tree, options ?? new FuseOptions(), this, new HandleCounts(null, resume: false), this, time ?? TimeProvider.System, NullLogger.Instance);

    public FuseDispatcher Dispatcher { get; }

    /// <summary>What the next files get as backing; 0 refuses.</summary>
    public int NextBacking { get; set; }

    public List<int> ClosedBackings { get; } = [];

    public List<string> Failures { get; } = [];

    /// <summary>What answers are told.</summary>
    public int WriteErrno { get; set; }

    /// <summary>Sends a request and returns its unique id; its answer may come later.</summary>
    public ulong Send(FuseOpcode opcode, ulong node, params ReadOnlySpan<byte> body)
    {
        var unique = _unique += 2;
        Dispatcher.Dispatch(Message(opcode, unique, node, body), this);
        return unique;
    }

    /// <summary>Sends a request that is answered at once: the error number, 0 for none, and the body.</summary>
    public (int Errno, byte[] Body) Ask(FuseOpcode opcode, ulong node, params ReadOnlySpan<byte> body) =>
        AnswerTo(Send(opcode, node, body)) ?? throw new InvalidOperationException($"{opcode} was not answered");

    /// <summary>The answer to a request; null while there is none.</summary>
    public (int Errno, byte[] Body)? AnswerTo(ulong unique)
    {
        lock (_gate)
        {
            return _answers.TryGetValue(unique, out var answer) ? (-BinaryPrimitives.ReadInt32LittleEndian(answer.AsSpan(4)), answer[16..]) : null;
        }
    }

    /// <summary>Lets go of all answers so far.</summary>
    public void ForgetAnswers()
    {
        lock (_gate)
        {
            _answers.Clear();
        }
    }

    public static byte[] Message(FuseOpcode opcode, ulong unique, ulong node, params ReadOnlySpan<byte> body)
    {
        var message = new byte[FuseHeader.Size + body.Length];
        BinaryPrimitives.WriteInt32LittleEndian(message, message.Length);
        BinaryPrimitives.WriteUInt32LittleEndian(message.AsSpan(4), (uint)opcode);
        BinaryPrimitives.WriteUInt64LittleEndian(message.AsSpan(8), unique);
        BinaryPrimitives.WriteUInt64LittleEndian(message.AsSpan(16), node);
        body.CopyTo(message.AsSpan(FuseHeader.Size));
        return message;
    }

    public static byte[] Name(string name) => Encoding.UTF8.GetBytes(name + '\0');

    /// <summary>Numbers one after the other, u64 each; a pair of u32 is <c>low | high &lt;&lt; 32</c>.</summary>
    public static byte[] Words(params ReadOnlySpan<ulong> words)
    {
        var bytes = new byte[words.Length * 8];
        for (var word = 0; word < words.Length; word++)
        {
            BinaryPrimitives.WriteUInt64LittleEndian(bytes.AsSpan(word * 8), words[word]);
        }

        return bytes;
    }

    public ulong LookUp(ulong parent, string name) => BinaryPrimitives.ReadUInt64LittleEndian(Ask(FuseOpcode.Lookup, parent, Name(name)).Body);

    public (ulong Handle, uint Flags, int Backing) Open(ulong node)
    {
        var (errno, body) = Ask(FuseOpcode.Open, node, Words(0));
        errno.ShouldBe(0);
        return (BinaryPrimitives.ReadUInt64LittleEndian(body), BinaryPrimitives.ReadUInt32LittleEndian(body.AsSpan(8)), BinaryPrimitives.ReadInt32LittleEndian(body.AsSpan(12)));
    }

    public static byte[] Read(ulong handle, long offset, uint size) => [.. Words(handle, (ulong)offset, size), .. new byte[16]];

    public int Write(ReadOnlySpan<byte> answer)
    {
        BinaryPrimitives.ReadInt32LittleEndian(answer).ShouldBe(answer.Length);
        lock (_gate)
        {
            _answers.Add(BinaryPrimitives.ReadUInt64LittleEndian(answer[8..]), answer.ToArray());
        }

        return WriteErrno;
    }

    int IBackingFiles.Open(SafeFileHandle file) => NextBacking;

    void IBackingFiles.Close(int backing) => ClosedBackings.Add(backing);

    void IFuseFailures.Report(ulong nodeId, string reason)
    {
        lock (_gate)
        {
            Failures.Add(reason);
        }
    }

    public ValueTask DisposeAsync() => Dispatcher.DisposeAsync();
}
