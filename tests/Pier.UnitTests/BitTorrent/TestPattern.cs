namespace Pier.UnitTests.BitTorrent;

/// <summary>Bytes that differ in every block, the same in every run; the golden values were made from them by libtorrent.</summary>
internal static class TestPattern
{
    public static byte[] Bytes(int length)
    {
        var bytes = new byte[length];
        for (var index = 0; index < length; index++)
        {
            bytes[index] = (byte)((index * 31) + ((index >> 8) * 7) + ((index >> 16) * 13));
        }

        return bytes;
    }
}
