namespace Pier.Daemon.Options;

/// <summary>Reads <c>limits</c> and <c>seeding</c> of the configuration file.</summary>
internal static class LimitsReader
{
    private static readonly string[] Keys = ["down", "up", "connections"];

    private static readonly string[] SeedingKeys = ["ratio", "time"];

    /// <summary>The limits by their scope.</summary>
    /// <exception cref="ConfigurationException">A key is not known.</exception>
    public static Dictionary<string, LimitSettings> Limits(ref ConfigurationReader reader)
    {
        var limits = new Dictionary<string, LimitSettings>(StringComparer.Ordinal);
        reader.EnterObject("'limits'");
        while (reader.NextKey() is { } scope)
        {
            if (!LimitOptions.Scopes.Contains(scope, StringComparer.Ordinal))
            {
                throw reader.Unknown(scope, LimitOptions.Scopes);
            }
            if (!limits.TryAdd(scope, Values(ref reader, scope)))
            {
                throw reader.Wrong($"'limits' → '{scope}' stands here for the second time");
            }
        }
        return limits;
    }

    /// <summary>The seeding goal.</summary>
    /// <exception cref="ConfigurationException">A key is not known.</exception>
    public static SeedingSettings Seeding(ref ConfigurationReader reader)
    {
        var seeding = new SeedingSettings();
        reader.EnterObject("'seeding'");
        while (reader.NextKey() is { } key)
        {
            seeding = key switch
            {
                "ratio" => seeding with { Ratio = reader.Text(key) },
                "time" => seeding with { Time = reader.Text(key) },
                _ => throw reader.Unknown(key, SeedingKeys),
            };
        }
        return seeding;
    }

    private static LimitSettings Values(ref ConfigurationReader reader, string scope)
    {
        var values = new LimitSettings();
        reader.EnterObject($"'limits' → '{scope}'");
        while (reader.NextKey() is { } key)
        {
            values = key switch
            {
                "down" => values with { Down = reader.Text(key) },
                "up" => values with { Up = reader.Text(key) },
                "connections" => values with { Connections = reader.Text(key) },
                _ => throw reader.Unknown(key, Keys),
            };
        }
        return values;
    }
}
