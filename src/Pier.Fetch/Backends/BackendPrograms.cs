namespace Pier.Fetch.Backends;

/// <summary>
/// The programs of a backend in the plugin folder (design §6): <c>pier-backend-NAME</c>, or the scripts of a Pierdat tree,
/// <c>pierdat-check-NAME</c> and <c>pierdat-get-NAME</c>, unchanged.
/// </summary>
/// <param name="Check">Says whether it can: the words before the URI.</param>
/// <param name="Get">Fetches: the words before the URI and the destination.</param>
/// <param name="TakesWhole">The whole URI is given, not only what follows the backend's name.</param>
internal sealed record BackendPrograms(IReadOnlyList<string> Check, IReadOnlyList<string> Get, bool TakesWhole)
{
    private const UnixFileMode AnyExecute = UnixFileMode.UserExecute | UnixFileMode.GroupExecute | UnixFileMode.OtherExecute;

    /// <summary>Finds a backend; null when the folder has none of that name.</summary>
    /// <param name="folder">The plugin folder; null when there is none.</param>
    /// <param name="name">As the URI grammar allows it: letters, digits, <c>+</c>, <c>-</c>, <c>_</c>.</param>
    public static BackendPrograms? Find(string? folder, string name)
    {
        if (folder is null)
        {
            return null;
        }

        var own = Path.Combine(folder, "pier-backend-" + name);
        var (check, get) = (Path.Combine(folder, "pierdat-check-" + name), Path.Combine(folder, "pierdat-get-" + name));
        return IsProgram(own) ? new BackendPrograms([own, "check"], [own, "get"], TakesWhole: true)
            : IsProgram(get) && IsProgram(check) ? new BackendPrograms([check], [get], TakesWhole: false)
            : null;
    }

    private static bool IsProgram(string path) => File.Exists(path) && (File.GetUnixFileMode(path) & AnyExecute) != UnixFileMode.None;
}
