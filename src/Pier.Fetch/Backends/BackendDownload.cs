using Pier.Content.Contracts;
using Pier.Content.Trees;
using Pier.Content.Uris;
using Pier.Fetch.Status;
using Pier.Fetch.Uris;

namespace Pier.Fetch.Backends;

/// <summary>Content that an external program brings: <c>NAME:…</c> is fetched by the backend NAME of the plugin folder (design §6).</summary>
internal sealed class BackendDownload(BackendHomes homes, FetchOptions options, TimeProvider time) : IUriHandler
{
    private const string ContentName = "content";
    private const int MostFiles = 1_000_000;

    private static readonly TimeSpan CheckPatience = TimeSpan.FromSeconds(30);

    private static readonly EnumerationOptions WithoutLinks = new()
    {
        RecurseSubdirectories = true,
        AttributesToSkip = FileAttributes.ReparsePoint | FileAttributes.Device,
        IgnoreInaccessible = false,
    };

    /// <inheritdoc/>
    public bool Handles(ContentUri uri) => uri is BackendUri;

    /// <inheritdoc/>
    public async Task<Download> GetAsync(ContentUri uri, DownloadPlan plan, IProgress<PartProgress> progress, CancellationToken cancellationToken)
    {
        var wanted = (BackendUri)uri;
        var name = wanted.Backend;
        if (name == "ed2k")
        {
            throw new ContentUnavailableException(
                $"{wanted.Shown}: eDonkey links are not supported: they name content by MD4, which proves nothing, and their network is all but gone. Name another source.");
        }

        var programs = BackendPrograms.Find(options.BackendFolder, name)
            ?? throw new ContentUnavailableException($"{wanted.Shown}: no backend '{name}' is configured on this node{Hint()}");
        var text = programs.TakesWhole ? wanted.Text : wanted.Rest;
        // A place of its own: what a failed attempt leaves is gone with it, and what lies in the folder already is somebody's.
        var work = Path.Combine(plan.Folder, ".pier-backend-" + Path.GetRandomFileName());
        var content = Path.Combine(work, ContentName);
        try
        {
            Directory.CreateDirectory(work);
            await using var home = homes.Make();
            var check = await new BackendRun(name, time).RunAsync([.. programs.Check, text], home, CheckPatience, () => 0, progress: null, cancellationToken);
            if (check.Code != 0)
            {
                throw new ContentUnavailableException($"{wanted.Shown}: the backend '{name}' cannot fetch it. {Hide(wanted, check.LastWords)}".TrimEnd());
            }

            void Tell(long done, long total) => progress.Report(new PartProgress(wanted.Shown, name, PartState.Running, total, done, SourceBytes.None with { Upstream = done }));
            var get = await new BackendRun(name, time).RunAsync(
                [.. programs.Get, text, content], home, options.BodyPatience, () => Measure(content), Tell, cancellationToken);
            return get.Code == 0
                ? Describe(wanted, plan.Folder, content, progress)
                : throw new ContentUnavailableException($"{wanted.Shown}: the backend '{name}' failed ({get.Code}). {Hide(wanted, get.LastWords)}".TrimEnd());
        }
        catch (Exception refused) when (refused is not ContentException and (IOException or UnauthorizedAccessException))
        {
            throw new ContentStorageException($"{plan.Folder}: {refused.Message}", refused);
        }
        finally
        {
            Remove(work);
        }
    }

    /// <summary>A program's words, which may quote its URI, as they may be shown.</summary>
    private static string Hide(BackendUri uri, string words) => words
        .Replace(uri.Text, uri.Shown, StringComparison.Ordinal)
        .Replace(uri.Rest, uri.Shown[(uri.Backend.Length + 1)..], StringComparison.Ordinal);

    private string Hint() => options.BackendFolder is { } folder
        ? $": {folder} has no pier-backend-… of that name."
        : ". Programs named pier-backend-… in the folder that --backends names are backends.";

    private static Download Describe(BackendUri uri, string folder, string content, IProgress<PartProgress> progress)
    {
        string[] paths = File.Exists(content)
            ? [content]
            : Directory.Exists(content) ? [.. Directory.EnumerateFiles(content, "*", WithoutLinks).Take(MostFiles)] : [];
        Array.Sort(paths, StringComparer.Ordinal);
        if (paths.Length == 0)
        {
            throw new ContentUnavailableException($"{uri.Shown}: the backend '{uri.Backend}' ended well and brought nothing.");
        }

        // One file at the top of the folder is that file: programs differ in whether they take a file or a folder as destination.
        var isSingle = paths.Length == 1 && (paths[0] == content || Path.GetDirectoryName(paths[0]) == content);
        var name = !isSingle ? ContentName : paths[0] == content ? NameOf(uri) : Path.GetFileName(paths[0]);
        DownloadedFile[] files = [.. paths.Select(path => new DownloadedFile(
            isSingle ? name : Path.Combine(name, Path.GetRelativePath(content, path)),
            new FileInfo(path).Length,
            (File.GetUnixFileMode(path) & UnixFileMode.UserExecute) != UnixFileMode.None))];
        Place(isSingle ? paths[0] : content, Path.Combine(folder, name));
        var all = files.Sum(file => file.Size);
        progress.Report(new PartProgress(uri.Shown, uri.Backend, PartState.Done, all, all, SourceBytes.None with { Upstream = all }));
        return new Download(name, isSingle, files, SourceBytes.None with { Upstream = all });
    }

    /// <summary>Moves what came to its place; a folder with other things in it is not added to.</summary>
    private static void Place(string from, string to)
    {
        if (File.Exists(from))
        {
            File.Move(from, to, overwrite: true);
            return;
        }

        if (Path.Exists(to))
        {
            throw new IOException($"'{Path.GetFileName(to)}' is there already");
        }

        Directory.Move(from, to);
    }

    /// <summary>The last part of what follows the backend's name, when that can name a file.</summary>
    private static string NameOf(BackendUri uri)
    {
        var last = uri.Rest.Split('?', '#')[0].TrimEnd('/');
        last = last[(last.LastIndexOf('/') + 1)..];
        return TreeNames.Problem(last) is null && last != ContentName ? last : "data";
    }

    /// <summary>Bytes that are there so far, which shows that the program gets on although it says nothing.</summary>
    private static long Measure(string content)
    {
        try
        {
            return File.Exists(content) ? new FileInfo(content).Length
                : Directory.Exists(content) ? new DirectoryInfo(content).EnumerateFiles("*", WithoutLinks).Take(MostFiles).Sum(file => file.Length)
                : 0;
        }
        catch (IOException)
        {
            // Files come and go while the program works.
            return -1;
        }
    }

    private static void Remove(string folder)
    {
        if (Directory.Exists(folder))
        {
            Directory.Delete(folder, recursive: true);
        }
    }
}
