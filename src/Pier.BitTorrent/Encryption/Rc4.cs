using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Pier.BitTorrent.Encryption;

/// <summary>
/// RC4 as message stream encryption uses it: the first 1024 bytes of the key stream are thrown away. Old and weak; it hides the
/// protocol from those who throttle it, no more.
/// </summary>
internal sealed class Rc4
{
    private const int Dropped = 1024;
    private const int StateSize = 256;

    private readonly byte[] _state = new byte[StateSize];
    private byte _i;
    private byte _j;

    /// <param name="key">1 to 256 bytes.</param>
    public Rc4(ReadOnlySpan<byte> key)
    {
        for (var index = 0; index < StateSize; index++)
        {
            _state[index] = (byte)index;
        }

        byte j = 0;
        for (var index = 0; index < StateSize; index++)
        {
            j += (byte)(_state[index] + key[index % key.Length]);
            (_state[index], _state[j]) = (_state[j], _state[index]);
        }

        Span<byte> dropped = stackalloc byte[Dropped];
        Apply(dropped, dropped);
    }

    /// <summary>Encrypts or decrypts, which is the same.</summary>
    /// <param name="input">What comes next in the stream.</param>
    /// <param name="output">At least as long; may be the input itself.</param>
    public void Apply(ReadOnlySpan<byte> input, Span<byte> output)
    {
        output = output[..input.Length];

        // Indices are bytes into 256 bytes: the runtime's own checks would cost a third of the speed.
        ref var state = ref MemoryMarshal.GetArrayDataReference(_state);
        var (i, j) = (_i, _j);
        for (var index = 0; index < input.Length; index++)
        {
            i++;
            var a = Unsafe.Add(ref state, i);
            j += a;
            var b = Unsafe.Add(ref state, j);
            Unsafe.Add(ref state, i) = b;
            Unsafe.Add(ref state, j) = a;
            output[index] = (byte)(input[index] ^ Unsafe.Add(ref state, (byte)(a + b)));
        }

        (_i, _j) = (i, j);
    }
}
