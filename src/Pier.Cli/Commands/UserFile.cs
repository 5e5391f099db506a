using Pier.Content.Passwords;
using Pier.Engines.Files;

namespace Pier.Cli.Commands;

/// <summary>The file of users: changed as a whole under a temporary name, remarks, owner and links kept, readable by its owner and group alone.</summary>
internal sealed class UserFile(string path)
{
    private const UnixFileMode Private = UnixFileMode.UserRead | UnixFileMode.UserWrite;

    /// <summary>Where it is.</summary>
    public string Path { get; } = System.IO.Path.GetFullPath(path);

    /// <summary>The users, in the order of the file.</summary>
    public IReadOnlyList<string> Names => [.. File.ReadAllLines(Path).Where(UserLine.IsOne).Select(UserLine.NameOf)];

    /// <summary>Adds a user, or replaces one of that name; true when it was not there.</summary>
    public bool Put(UserLine user)
    {
        var lines = File.Exists(Path) ? File.ReadAllLines(Path).ToList() : [];
        var at = lines.FindIndex(line => UserLine.IsOne(line) && UserLine.NameOf(line) == user.Name);
        if (at < 0)
        {
            lines.Add(user.ToString());
        }
        else
        {
            lines[at] = user.ToString();
        }
        Write(lines);
        return at < 0;
    }

    /// <summary>Removes a user; false when there is none of that name.</summary>
    public bool Remove(string name)
    {
        var lines = File.ReadAllLines(Path).ToList();
        if (lines.RemoveAll(line => UserLine.IsOne(line) && UserLine.NameOf(line) == name) == 0)
        {
            return false;
        }
        Write(lines);
        return true;
    }

    private void Write(IEnumerable<string> lines)
    {
        var mode = File.Exists(Path) ? File.GetUnixFileMode(Path) & ~(UnixFileMode.OtherRead | UnixFileMode.OtherWrite | UnixFileMode.OtherExecute) : Private;
        // A link stays a link, and the daemon's user keeps its file.
        var target = File.Exists(Path) ? File.ResolveLinkTarget(Path, returnFinalTarget: true)?.FullName ?? Path : Path;
        var temporary = target + ".new";
        using (var file = new StreamWriter(temporary, new FileStreamOptions { Mode = FileMode.Create, Access = FileAccess.Write, UnixCreateMode = mode }))
        {
            foreach (var line in lines)
            {
                file.WriteLine(line);
            }
        }
        if (File.Exists(target))
        {
            FileOwner.Copy(target, temporary);
            File.SetUnixFileMode(temporary, mode);
        }
        File.Move(temporary, target, overwrite: true);
    }
}
