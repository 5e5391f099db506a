using System.Collections;
using System.Runtime.InteropServices;
using System.Text;

namespace Pier.Dat.Exec;

/// <summary>Texts as C has them: bytes that end in 0, and lists of such that end in null. Never freed: the process becomes another.</summary>
internal static unsafe class NativeText
{
    /// <summary>One text.</summary>
    public static byte* Of(string text)
    {
        var length = Encoding.UTF8.GetByteCount(text);
        var bytes = (byte*)NativeMemory.Alloc((nuint)length + 1);
        Encoding.UTF8.GetBytes(text, new Span<byte>(bytes, length));
        bytes[length] = 0;
        return bytes;
    }

    /// <summary>A list.</summary>
    public static byte** Of(IReadOnlyList<string> texts)
    {
        var list = (byte**)NativeMemory.Alloc((nuint)(texts.Count + 1), (nuint)sizeof(byte*));
        for (var index = 0; index < texts.Count; index++)
        {
            list[index] = Of(texts[index]);
        }

        list[texts.Count] = null;
        return list;
    }

    /// <summary>The environment that this process was started with, byte for byte: not all of it need be text.</summary>
    public static byte** Environment()
    {
        byte[] all;
        try
        {
            all = File.ReadAllBytes("/proc/self/environ");
        }
        catch (Exception missing) when (missing is IOException or UnauthorizedAccessException)
        {
            return Of([.. System.Environment.GetEnvironmentVariables().Cast<DictionaryEntry>().Select(entry => $"{entry.Key}={entry.Value}")]);
        }

        var bytes = (byte*)NativeMemory.Alloc((nuint)all.Length + 1);
        all.CopyTo(new Span<byte>(bytes, all.Length));
        bytes[all.Length] = 0;
        var list = (byte**)NativeMemory.Alloc((nuint)(all.AsSpan().Count((byte)0) + 2), (nuint)sizeof(byte*));
        var count = 0;
        for (var at = 0; at < all.Length; at += all.AsSpan(at).IndexOf((byte)0) is var end && end < 0 ? all.Length : end + 1)
        {
            list[count++] = bytes + at;
        }

        list[count] = null;
        return list;
    }
}
