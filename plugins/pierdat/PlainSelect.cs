namespace Pier;

/// <summary>
/// Takes the place of System.Linq's Select in programs that are compiled ahead of time (Directory.Build.targets): there it is a virtual
/// generic method of every iterator, and the compiler makes it for each source type with each result type, a fifth of pierdat.
/// </summary>
internal static class PlainSelect
{
    /// <summary>As Enumerable.Select.</summary>
    public static IEnumerable<TResult> Select<TSource, TResult>(this IEnumerable<TSource> source, Func<TSource, TResult> selector)
    {
        foreach (var element in source)
        {
            yield return selector(element);
        }
    }

    /// <summary>As Enumerable.Select with the index.</summary>
    public static IEnumerable<TResult> Select<TSource, TResult>(this IEnumerable<TSource> source, Func<TSource, int, TResult> selector)
    {
        var index = 0;
        foreach (var element in source)
        {
            yield return selector(element, index++);
        }
    }
}
