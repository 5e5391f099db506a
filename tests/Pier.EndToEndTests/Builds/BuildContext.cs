using System.Formats.Tar;
using System.Text;

namespace Pier.EndToEndTests.Builds;

/// <summary>Build contexts as archives.</summary>
internal static class BuildContext
{
    /// <summary>A tar of small files.</summary>
    public static byte[] Tar(params (string Name, string Text)[] files)
    {
        using var buffer = new MemoryStream();
        using (var tar = new TarWriter(buffer, leaveOpen: true))
        {
            foreach (var (name, text) in files)
            {
                tar.WriteEntry(new UstarTarEntry(TarEntryType.RegularFile, name) { DataStream = new MemoryStream(Encoding.UTF8.GetBytes(text)) });
            }
        }

        return buffer.ToArray();
    }
}
