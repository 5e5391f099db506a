using Pier.Content.Contracts;
using Pier.Content.Trees;
using Pier.Content.Uris;
using Pier.Fetch.Status;
using Pier.Fetch.Uris;

namespace Pier.Fetch.Backends;

/// <summary>Content that an external program brings: <c>NAME:…</c> is fetched by the backend NAME of the plugin folder (design §6).</summary>
internal sealed class BackendDownload(FetchOptions options, TimeProvider time) : IUriHandler
{
    private const string HomeName = ".backend-home";
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
                $"{uri}: eDonkey links are not supported: they name content by MD4, which proves nothing, and their network is all but gone. Name another source.");
        }

        var programs = BackendPrograms.Find(options.BackendFolder, name)
            ?? throw new ContentUnavailableException($"{uri}: no backend '{name}' is configured on this node{Hint()}");
        var text = programs.TakesWhole ? wanted.Text : wanted.Rest;
        var home = Path.Combine(plan.Folder, HomeName);
        var content = Path.Combine(plan.Folder, "content");
        try
        {
            Directory.CreateDirectory(home);
            var check = await new BackendRun(name, time).RunAsync([.. programs.Check, text], home, CheckPatience, () => 0, progress: null, cancellationToken);
            if (check.Code != 0)
            {
                throw new ContentUnavailableException($"{uri}: the backend '{name}' cannot fetch it. {check.LastWords}".TrimEnd());
            }

            void Tell(long done, long total) => progress.Report(new PartProgress(wanted.Text, name, PartState.Running, total, done, SourceBytes.None with { Upstream = done }));
            var get = await new BackendRun(name, time).RunAsync(
                [.. programs.Get, text, content], home, options.BodyPatience, () => Measure(content), Tell, cancellationToken);
            return get.Code == 0
                ? Describe(wanted, plan.Folder, content, progress)
                : throw new ContentUnavailableException($"{uri}: the backend '{name}' failed ({get.Code}). {get.LastWords}".TrimEnd());
        }
        catch (Exception refused) when (refused is not ContentException and (IOException or UnauthorizedAccessException))
        {
            throw new ContentStorageException($"{plan.Folder}: {refused.Message}", refused);
        }
        finally
        {
            Remove(home);
        }
    }

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
            throw new ContentUnavailableException($"{uri}: the backend '{uri.Backend}' ended well and brought nothing.");
        }

        // One file at the top of the folder is that file: programs differ in whether they take a file or a folder as destination.
        var isSingle = paths.Length == 1 && (paths[0] == content || Path.GetDirectoryName(paths[0]) == content);
        if (paths[0] == content)
        {
            var named = Path.Combine(folder, NameOf(uri));
            File.Move(content, named);
            paths[0] = named;
        }

        DownloadedFile[] files = [.. paths.Select(path => new DownloadedFile(
            Path.GetRelativePath(folder, path), new FileInfo(path).Length, (File.GetUnixFileMode(path) & UnixFileMode.UserExecute) != UnixFileMode.None))];
        var all = files.Sum(file => file.Size);
        progress.Report(new PartProgress(uri.Text, uri.Backend, PartState.Done, all, all, SourceBytes.None with { Upstream = all }));
        return new Download(isSingle ? Path.GetFileName(paths[0]) : "content", isSingle, files, SourceBytes.None with { Upstream = all });
    }

    /// <summary>The last part of what follows the backend's name, when that can name a file.</summary>
    private static string NameOf(BackendUri uri)
    {
        var last = uri.Rest.Split('?', '#')[0].TrimEnd('/');
        last = last[(last.LastIndexOf('/') + 1)..];
        return TreeNames.Problem(last) is null && last is not (HomeName or "content") ? last : "data";
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
