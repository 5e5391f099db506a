using Pier.Content;

namespace Pier.Fetch.Policy;

/// <summary>To whom a blob may be announced: by the rule of the registry whose public repository names it, the widest of several.</summary>
internal static class AnnounceRules
{
    /// <summary>The scope of a blob; that of all where no public repository names it.</summary>
    public static AnnounceScope ScopeOf(Digest blob, AccessRecords records, FetchOptions options)
    {
        if (options.Registries.Count == 0)
        {
            return options.Announce;
        }
        AnnounceScope? widest = null;
        foreach (var registry in records.PublicRegistriesOf(blob))
        {
            var scope = options.Registries.GetValueOrDefault(registry)?.Announce ?? options.Announce;
            widest = widest is { } known && known > scope ? known : scope;
        }
        return widest ?? options.Announce;
    }
}
