using System.Text.Json;
using Pier.Api.Supplies;
using Pier.Buildkit.Llb;
using Pier.Buildkit.Wire;

namespace Pier.Buildkit;

/// <summary>What BuildKit gives a frontend in its environment: the options of the build and the client's session.</summary>
internal sealed class BuildOptions
{
    private const string OptionPrefix = "BUILDKIT_FRONTEND_OPT_";
    private const string SessionKey = "BUILDKIT_SESSION_ID";

    private readonly Dictionary<string, string> _options;

    private BuildOptions(Dictionary<string, string> options, string session)
    {
        _options = options;
        Session = session;
    }

    /// <summary>The client's session, from which local files come.</summary>
    public string Session { get; }

    /// <summary>Every option, to be handed on.</summary>
    public IReadOnlyDictionary<string, string> All => _options;

    /// <summary>Name of the Dockerfile within its folder.</summary>
    public string Filename => Value("filename") ?? "Dockerfile";

    /// <summary>Which of the client's folders has the Dockerfile.</summary>
    public string DockerfileKey => Value("dockerfilekey") ?? "dockerfile";

    /// <summary>True when the client named the folder itself: inputs do not count then.</summary>
    public bool HasDockerfileKey => Value("dockerfilekey") is not null;

    /// <summary>Which option names a build context that is not local.</summary>
    public string ContextKey => Value("contextkey") ?? "context";

    /// <summary>The address of the build context when that is a file on the web; null for all others.</summary>
    public string? RemoteContext => Value(ContextKey) is { } address && IsFile(address) ? address : null;

    /// <summary>The address of the build context when that is a git repository; null for all others.</summary>
    public string? GitContext => Value(ContextKey) is { } address && !IsFile(address) && GitAddress.IsGit(address) ? address : null;

    /// <summary>True when the context keeps its <c>.git</c> folder.</summary>
    public bool KeepsGitFolder => Value("build-arg:BUILDKIT_CONTEXT_KEEP_GIT_DIR") is "1" or "true" or "True" or "TRUE" or "t" or "T";

    /// <summary>True when a description of the Dockerfile is wanted rather than an image.</summary>
    public bool IsSubrequest => Value("requestid") is not null;

    /// <summary>The image that this frontend came from, as the syntax line has it; empty when BuildKit does not say.</summary>
    public string Frontend => Value("source") ?? "";

    /// <summary>The node to ask: <c>--build-arg PIER_ENDPOINT</c>, else the host's own.</summary>
    public string Endpoint => Value("build-arg:PIER_ENDPOINT") ?? SupplyAddresses.DefaultEndpoint;

    /// <summary>True when the engine's log is to have what took how long: <c>--build-arg PIER_TRACE=1</c>.</summary>
    public bool IsTraced => Value("build-arg:PIER_TRACE") is not null;

    /// <summary>Caches to import, as BuildKit's own frontend understands <c>cache-imports</c> and <c>cache-from</c>.</summary>
    public IEnumerable<CacheOptionsEntry> CacheImports
    {
        get
        {
            if (Value("cache-imports") is { } json)
            {
                return ReadImports(json);
            }

            return (Value("cache-from") ?? "").Split(',', StringSplitOptions.RemoveEmptyEntries)
                .Select(image => new CacheOptionsEntry { Type = "registry", Attrs = { ["ref"] = image } });
        }
    }

    /// <summary>Reads them from the environment's variables.</summary>
    public static BuildOptions Read(IEnumerable<KeyValuePair<string, string>> environment)
    {
        var options = new Dictionary<string, string>(StringComparer.Ordinal);
        var session = "";
        foreach (var (name, value) in environment)
        {
            if (name.StartsWith(OptionPrefix, StringComparison.Ordinal))
            {
                var equals = value.IndexOf('=', StringComparison.Ordinal);
                options[equals < 0 ? value : value[..equals]] = equals < 0 ? "" : value[(equals + 1)..];
            }
            else if (name == SessionKey)
            {
                session = value;
            }
        }

        return new BuildOptions(options, session);
    }

    private string? Value(string key) => _options.TryGetValue(key, out var value) && value.Length > 0 ? value : null;

    /// <summary>Git repositories have http addresses too.</summary>
    private static bool IsFile(string address) =>
        (address.StartsWith("http://", StringComparison.Ordinal) || address.StartsWith("https://", StringComparison.Ordinal))
        && !GitAddress.IsGit(address);

    private static List<CacheOptionsEntry> ReadImports(string json)
    {
        var imports = new List<CacheOptionsEntry>();
        using var document = JsonDocument.Parse(json);
        foreach (var entry in document.RootElement.EnumerateArray())
        {
            var import = new CacheOptionsEntry { Type = Text(entry, "Type") };
            if (entry.TryGetProperty("Attrs", out var attributes) && attributes.ValueKind == JsonValueKind.Object)
            {
                foreach (var attribute in attributes.EnumerateObject())
                {
                    import.Attrs[attribute.Name] = attribute.Value.GetString() ?? "";
                }
            }

            imports.Add(import);
        }

        return imports;
    }

    private static string Text(JsonElement entry, string key) => entry.TryGetProperty(key, out var value) ? value.GetString() ?? "" : "";
}
