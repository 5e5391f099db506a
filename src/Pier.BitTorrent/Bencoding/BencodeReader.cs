using System.Runtime.CompilerServices;

namespace Pier.BitTorrent.Bencoding;

/// <summary>
/// Forward-only reader of bencoded values (BEP 3) over a span: no allocation, no recursion into the heap, and slices of the
/// original bytes, so that an info-hash is the hash of what was received.
/// </summary>
/// <remarks>
/// Containers are walked as
/// <c>reader.EnterDictionary(); while (reader.TryReadKey(out var key)) { … read or Skip one value … }</c> and
/// <c>reader.EnterList(); while (reader.NextItem()) { … read or Skip one value … }</c>.
/// </remarks>
public ref struct BencodeReader
{
    /// <summary>Containers within containers that are followed before the data is refused.</summary>
    public const int MaxDepth = 64;

    private readonly ReadOnlySpan<byte> _data;
    private readonly BencodeKeyOrder _keyOrder;
    private LastKeys _lastKeys;
    private int _depth;
    private int _position;

    public BencodeReader(ReadOnlySpan<byte> data, BencodeKeyOrder keyOrder = BencodeKeyOrder.Strict)
    {
        _data = data;
        _keyOrder = keyOrder;
        KeysInOrder = true;
    }

    /// <summary>Bytes consumed so far; between values, where the next one starts.</summary>
    public readonly int Position => _position;

    /// <summary>Whether every key read so far came in ascending order. Always true under <see cref="BencodeKeyOrder.Strict"/>.</summary>
    public bool KeysInOrder { get; private set; }

    /// <summary>The kind of the value that starts at <see cref="Position"/>.</summary>
    /// <exception cref="BencodeException">The data ends here, or no value starts with this byte.</exception>
    public readonly BencodeKind PeekKind() => Peek() switch
    {
        (byte)'i' => BencodeKind.Integer,
        >= (byte)'0' and <= (byte)'9' => BencodeKind.Bytes,
        (byte)'l' => BencodeKind.List,
        (byte)'d' => BencodeKind.Dictionary,
        (byte)'e' => throw Error("a container ends where a value was expected"),
        var other => throw Error($"no value starts with byte 0x{other:x2}"),
    };

    /// <summary>Reads <c>i…e</c>: a signed 64-bit integer without leading zeros, plus sign or <c>-0</c>.</summary>
    /// <exception cref="BencodeException">Not an integer, malformed, or outside 64 bits.</exception>
    public long ReadInteger()
    {
        Expect(BencodeKind.Integer);
        var start = _position++;
        var negative = Peek() == (byte)'-';
        if (negative)
        {
            _position++;
        }

        var magnitude = ReadDigits(start, "an integer");
        if (Peek() != (byte)'e')
        {
            throw Error("an integer does not end with 'e'");
        }

        _position++;
        if (negative && magnitude == 0)
        {
            throw new BencodeException("an integer is negative zero", start);
        }

        var limit = (ulong)long.MaxValue + (negative ? 1UL : 0UL);
        if (magnitude > limit)
        {
            throw new BencodeException("an integer does not fit in 64 bits", start);
        }

        return negative ? unchecked((long)(0 - magnitude)) : (long)magnitude;
    }

    /// <summary>Reads <c>length:bytes</c> and gives the bytes as a slice of the data.</summary>
    /// <exception cref="BencodeException">Not a byte string, malformed, or longer than the data.</exception>
    public ReadOnlySpan<byte> ReadBytes()
    {
        Expect(BencodeKind.Bytes);
        var start = _position;
        var length = ReadDigits(start, "a string length");
        if (Peek() != (byte)':')
        {
            throw Error("a string length does not end with ':'");
        }

        _position++;
        if (length > (ulong)(_data.Length - _position))
        {
            throw new BencodeException($"a string of {length} bytes is longer than the {_data.Length - _position} that are left", start);
        }

        var bytes = _data.Slice(_position, (int)length);
        _position += (int)length;
        return bytes;
    }

    /// <summary>Steps into a list; call <see cref="NextItem"/> until it says false.</summary>
    /// <exception cref="BencodeException">Not a list, or too deep.</exception>
    public void EnterList()
    {
        Expect(BencodeKind.List);
        Enter();
    }

    /// <summary>True when the list has another item, which must then be read or skipped; false steps out of the list.</summary>
    /// <exception cref="BencodeException">The data ends inside the list.</exception>
    public bool NextItem()
    {
        if (Peek() != (byte)'e')
        {
            return true;
        }

        _position++;
        _depth--;
        return false;
    }

    /// <summary>Steps into a dictionary; call <see cref="TryReadKey"/> until it says false.</summary>
    /// <exception cref="BencodeException">Not a dictionary, or too deep.</exception>
    public void EnterDictionary()
    {
        Expect(BencodeKind.Dictionary);
        Enter();
        _lastKeys[_depth - 1] = default;
    }

    /// <summary>Reads the next key, whose value must then be read or skipped; false steps out of the dictionary.</summary>
    /// <exception cref="BencodeException">The key is not a byte string, repeats the one before, or is out of order under <see cref="BencodeKeyOrder.Strict"/>.</exception>
    public bool TryReadKey(out ReadOnlySpan<byte> key)
    {
        if (!NextItem())
        {
            key = default;
            return false;
        }

        var start = _position;
        key = ReadBytes();
        ref var last = ref _lastKeys[_depth - 1];
        if (last.IsSet)
        {
            CheckOrder(_data.Slice(last.Start, last.Length), key, start);
        }

        last = new KeyRange(_position - key.Length, key.Length, IsSet: true);
        return true;
    }

    /// <summary>Checks one value of any kind, with all it contains, and gives its original bytes.</summary>
    /// <exception cref="BencodeException">Malformed or too deep.</exception>
    public ReadOnlySpan<byte> ReadRaw()
    {
        var start = _position;
        Skip();
        return _data[start.._position];
    }

    /// <summary>Checks one value of any kind, with all it contains, and steps over it.</summary>
    /// <exception cref="BencodeException">Malformed or too deep.</exception>
    public void Skip()
    {
        switch (PeekKind())
        {
            case BencodeKind.Integer:
                ReadInteger();
                break;
            case BencodeKind.Bytes:
                ReadBytes();
                break;
            case BencodeKind.List:
                for (EnterList(); NextItem();)
                {
                    Skip();
                }

                break;
            default:
                for (EnterDictionary(); TryReadKey(out _);)
                {
                    Skip();
                }

                break;
        }
    }

    /// <summary>Asserts that nothing follows what was read.</summary>
    /// <exception cref="BencodeException">Bytes follow.</exception>
    public readonly void ReadEnd()
    {
        if (_position != _data.Length)
        {
            throw Error($"{_data.Length - _position} bytes follow the value");
        }
    }

    private readonly byte Peek() =>
        _position < _data.Length ? _data[_position] : throw Error("the data ends too early");

    private readonly void Expect(BencodeKind kind)
    {
        var actual = PeekKind();
        if (actual != kind)
        {
            throw Error($"expected {Words(kind)}, found {Words(actual)}");
        }
    }

    private void Enter()
    {
        if (_depth == MaxDepth)
        {
            throw Error($"more than {MaxDepth} containers within each other");
        }

        _depth++;
        _position++;
    }

    private void CheckOrder(scoped ReadOnlySpan<byte> last, scoped ReadOnlySpan<byte> key, int offset)
    {
        var order = last.SequenceCompareTo(key);
        if (order == 0)
        {
            throw new BencodeException("a dictionary repeats a key", offset);
        }

        if (order > 0)
        {
            if (_keyOrder == BencodeKeyOrder.Strict)
            {
                throw new BencodeException("dictionary keys are not in ascending order", offset);
            }

            KeysInOrder = false;
        }
    }

    private ulong ReadDigits(int start, string what)
    {
        var first = _position;
        ulong value = 0;
        while (Peek() is >= (byte)'0' and <= (byte)'9' and var digit)
        {
            // 19 digits hold every 64-bit length and magnitude and cannot overflow the accumulator.
            if (_position - first == 19)
            {
                throw new BencodeException($"{what} has too many digits", start);
            }

            value = (value * 10) + (ulong)(digit - '0');
            _position++;
        }

        if (_position == first)
        {
            throw Error($"{what} has no digits");
        }

        if (_data[first] == (byte)'0' && _position - first > 1)
        {
            throw new BencodeException($"{what} has a leading zero", start);
        }

        return value;
    }

    private readonly BencodeException Error(string problem) => new(problem, _position);

    private static string Words(BencodeKind kind) => kind switch
    {
        BencodeKind.Integer => "an integer",
        BencodeKind.Bytes => "a string",
        BencodeKind.List => "a list",
        _ => "a dictionary",
    };

    private readonly record struct KeyRange(int Start, int Length, bool IsSet);

    [InlineArray(MaxDepth)]
    private struct LastKeys
    {
        private KeyRange _first;
    }
}
