namespace Pier.Daemon.Options;

/// <summary>Reads the key <c>upstreams</c>: for each registry, how it is reached and treated.</summary>
internal static class UpstreamsReader
{
    private static readonly string[] Keys =
    [
        "endpoints", "rewrite", "plainHttp", "skipVerify", "caFile", "clientCertificate", "clientKey", "user", "secretFile", "credentialHelper",
        "credentialCommand", "requestRate", "connectTimeout", "answerTimeout", "stallTimeout", "tagFreshness", "announce",
        "takesLogins",
    ];

    /// <summary>The settings by registry.</summary>
    /// <exception cref="ConfigurationException">A key is unknown, a value cannot be, or two exclude each other.</exception>
    public static Dictionary<string, UpstreamSettings> Read(ref ConfigurationReader reader)
    {
        var upstreams = new Dictionary<string, UpstreamSettings>(StringComparer.Ordinal);
        reader.EnterObject("'upstreams'");
        while (reader.NextKey() is { } registry)
        {
            if (!upstreams.TryAdd(registry, ReadOne(ref reader, registry)))
            {
                throw reader.Wrong($"'upstreams' → '{registry}' stands here for the second time");
            }
        }
        return upstreams;
    }

    private static UpstreamSettings ReadOne(ref ConfigurationReader reader, string registry)
    {
        var upstream = new UpstreamSettings();
        reader.EnterObject($"'upstreams' → '{registry}'");
        while (reader.NextKey() is { } key)
        {
            upstream = key switch
            {
                "endpoints" => upstream with { Endpoints = reader.Texts(key) },
                "rewrite" => upstream with { Rewrites = Rewrites(ref reader, registry) },
                "plainHttp" => upstream with { PlainHttp = reader.Flag(key) },
                "skipVerify" => upstream with { SkipVerify = reader.Flag(key) },
                "caFile" => upstream with { CaFile = reader.Text(key) },
                "clientCertificate" => upstream with { ClientCertificate = reader.Text(key) },
                "clientKey" => upstream with { ClientKey = reader.Text(key) },
                "user" => upstream with { User = reader.Text(key) },
                "secretFile" => upstream with { SecretFile = reader.Text(key) },
                "credentialHelper" => upstream with { CredentialHelper = reader.Text(key) },
                "credentialCommand" => upstream with { CredentialCommand = reader.Texts(key) },
                "requestRate" => upstream with { RequestRate = RequestRateText.Parse(reader.Text(key), Name(registry, key)) },
                "connectTimeout" => upstream with { ConnectTimeout = DurationText.Parse(reader.Text(key), Name(registry, key)) },
                "answerTimeout" => upstream with { AnswerTimeout = DurationText.Parse(reader.Text(key), Name(registry, key)) },
                "stallTimeout" => upstream with { StallTimeout = DurationText.Parse(reader.Text(key), Name(registry, key)) },
                "tagFreshness" => upstream with { TagFreshness = Freshness(reader.Text(key), Name(registry, key)) },
                "takesLogins" => upstream with { TakesLogins = reader.Flag(key) },
                "announce" => upstream with { Announce = Announce(ref reader, registry) },
                _ => throw reader.Unknown(key, Keys),
            };
        }
        return Fault(upstream) is { } fault ? throw reader.Wrong($"'upstreams' → '{registry}': {fault}") : upstream;
    }

    private static Dictionary<string, string> Rewrites(ref ConfigurationReader reader, string registry)
    {
        var rewrites = new Dictionary<string, string>(StringComparer.Ordinal);
        reader.EnterObject($"'upstreams' → '{registry}' → 'rewrite'");
        while (reader.NextKey() is { } beginning)
        {
            if (!rewrites.TryAdd(beginning, reader.Text(beginning)))
            {
                throw reader.Wrong($"'upstreams' → '{registry}' → 'rewrite' → '{beginning}' stands here for the second time");
            }
        }
        return rewrites;
    }

    private static TimeSpan Freshness(string text, string name) => text is "0" or "0s" ? TimeSpan.Zero : DurationText.Parse(text, name);

    private static AnnouncePolicy Announce(ref ConfigurationReader reader, string registry) => reader.Text("announce") switch
    {
        "off" => AnnouncePolicy.Off,
        "cluster" => AnnouncePolicy.Cluster,
        "public" => AnnouncePolicy.Public,
        var other => throw reader.Wrong($"'upstreams' → '{registry}' → 'announce': '{other}' is not one of off, cluster, public"),
    };

    private static string? Fault(UpstreamSettings upstream)
    {
        if (upstream.User is null != upstream.SecretFile is null)
        {
            return "'user' and 'secretFile' belong together";
        }
        if (upstream.ClientKey is not null && upstream.ClientCertificate is null)
        {
            return "'clientKey' needs 'clientCertificate'";
        }
        bool[] ways = [upstream.User is not null, upstream.CredentialHelper is not null, upstream.CredentialCommand.Count > 0];
        return ways.Count(way => way) > 1 ? "'user', 'credentialHelper' and 'credentialCommand' exclude each other" : null;
    }

    private static string Name(string registry, string key) => $"upstreams → {registry} → {key}";
}
