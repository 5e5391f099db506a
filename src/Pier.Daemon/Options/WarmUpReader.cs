using Pier.Content.References;
using Pier.Fetch.Images;

namespace Pier.Daemon.Options;

/// <summary>Reads the key <c>warmUp</c>, and the file that it may name.</summary>
internal static class WarmUpReader
{
    private const int MaxBytes = 1 << 20;

    private static readonly string[] Keys = ["images", "file", "every", "platforms"];

    /// <summary>The options.</summary>
    /// <exception cref="ConfigurationException">A key is unknown, or a value cannot be.</exception>
    public static WarmUpOptions Read(ref ConfigurationReader reader)
    {
        var options = WarmUpOptions.None;
        reader.EnterObject("'warmUp'");
        while (reader.NextKey() is { } key)
        {
            options = key switch
            {
                "images" => options with { Images = [.. reader.Texts(key).Select(Image)] },
                "file" => options with { File = reader.Text(key) },
                "every" => options with { Every = DurationText.Parse(reader.Text(key), "warmUp → every") },
                "platforms" => options with { Scope = Scope(string.Join(',', reader.Texts(key))) },
                _ => throw reader.Unknown(key, Keys),
            };
        }
        return options;
    }

    /// <summary>The images of a file: one a line, empty lines and lines that start with <c>#</c> aside.</summary>
    /// <exception cref="ConfigurationException">It cannot be read, or a line is no image.</exception>
    public static IReadOnlyList<ImageReference> ReadFile(string path)
    {
        try
        {
            return new FileInfo(path).Length > MaxBytes
                ? throw new ConfigurationException($"warmUp: {path} has more than {MaxBytes} bytes.")
                : [.. File.ReadAllLines(path).Select(line => line.Trim()).Where(line => line.Length > 0 && line[0] != '#').Select(Image)];
        }
        catch (Exception unreadable) when (unreadable is IOException or UnauthorizedAccessException)
        {
            throw new ConfigurationException($"warmUp: {path} cannot be read: {unreadable.Message}", unreadable);
        }
    }

    private static ImageReference Image(string text)
    {
        try
        {
            return ImageReference.Parse(text).WithDefaultTag();
        }
        catch (ReferenceFormatException malformed)
        {
            throw new ConfigurationException($"warmUp: {malformed.Message}", malformed);
        }
    }

    private static PlatformScope Scope(string text)
    {
        try
        {
            return PlatformScope.Parse(text);
        }
        catch (FormatException malformed)
        {
            throw new ConfigurationException($"warmUp → platforms: {malformed.Message} Write for example [\"linux/amd64\", \"linux/arm64\"], or \"all\".", malformed);
        }
    }
}
