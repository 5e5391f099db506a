namespace Pier.Registry.Access;

/// <summary>Scopes of tokens: <c>repository:NAME:ACTION,ACTION</c> (distribution token specification, "Resource scope grammar").</summary>
internal static class ScopeGrammar
{
    private const int MaxScopes = 64;
    private const string Everything = "*";

    private static readonly (string Word, RegistryActions Action)[] Words =
        [("pull", RegistryActions.Pull), ("push", RegistryActions.Push), ("delete", RegistryActions.Delete)];

    /// <summary>The word for one action.</summary>
    public static string Word(RegistryActions action) => Words.First(word => word.Action == action).Word;

    /// <summary>The words for several actions.</summary>
    public static IReadOnlyList<string> WordsOf(RegistryActions actions) => [.. Words.Where(word => actions.HasFlag(word.Action)).Select(word => word.Word)];

    /// <summary>The repositories of all scopes, several of which may stand in one text; what is none, or of another kind, is passed over.</summary>
    public static IEnumerable<(string Name, RegistryActions Actions)> Read(IEnumerable<string?> texts)
    {
        foreach (var scope in texts.SelectMany(text => (text ?? "").Split(' ')).Take(MaxScopes))
        {
            var (first, last) = (scope.IndexOf(':', StringComparison.Ordinal), scope.LastIndexOf(':'));
            if (first > 0 && last > first && scope.StartsWith("repository:", StringComparison.Ordinal))
            {
                yield return (scope[(first + 1)..last], ActionsOf(scope[(last + 1)..]));
            }
        }
    }

    private static RegistryActions ActionsOf(string text)
    {
        var actions = RegistryActions.None;
        foreach (var word in text.Split(','))
        {
            actions |= word == Everything ? RegistryActions.All : Words.FirstOrDefault(known => known.Word == word).Action;
        }

        return actions;
    }
}
