using System.Globalization;
using Microsoft.AspNetCore.Http;
using Pier.Distribution.Wire;
using Pier.Registry.Errors;

namespace Pier.Registry.Local;

/// <summary>One page of a list of names, as <c>n</c> and <c>last</c> ask for it (OCI distribution-spec, "Listing Tags").</summary>
/// <param name="Count">Most names of the page.</param>
/// <param name="Last">The name before the first one; empty for the beginning.</param>
internal readonly record struct ListQuery(int Count, string Last)
{
    private const int MaxCount = 10_000;

    /// <summary>What a request asks for.</summary>
    /// <exception cref="RegistryRefusal"><c>n</c> is no number.</exception>
    public static ListQuery Of(HttpRequest request)
    {
        var n = request.Query["n"].ToString();
        if (n.Length > 0 && n.AsSpan().ContainsAnyExceptInRange('0', '9'))
        {
            throw new RegistryRefusal(400, ErrorCodes.Unsupported, $"n={n} is no number of names.");
        }

        // However many it asks for, a client gets one page, and the way to the next.
        var count = n.Length > 0 && int.TryParse(n, NumberStyles.None, CultureInfo.InvariantCulture, out var asked) ? Math.Min(asked, MaxCount) : MaxCount;
        return new ListQuery(count, request.Query["last"].ToString());
    }

    /// <summary>The page of names that come in ASCII order; names the next page in the answer's <c>Link</c> where there is one.</summary>
    public IReadOnlyList<string> Page(HttpContext context, IEnumerable<string> names)
    {
        var last = Last;
        var page = names.SkipWhile(name => string.CompareOrdinal(name, last) <= 0 && last.Length > 0).Take(Count + 1).ToList();
        if (page.Count > Count)
        {
            page.RemoveAt(Count);
            if (Count > 0)
            {
                context.Response.Headers.Link = $"<{Next(context.Request, page[^1])}>; rel=\"next\"";
            }
        }

        return page;
    }

    /// <summary>A relative address: the client knows best how it reached this node.</summary>
    private string Next(HttpRequest request, string last)
    {
        var query = QueryString.Create("last", last).Add("n", Count.ToString(CultureInfo.InvariantCulture));
        query = request.Query["ns"].ToString() is { Length: > 0 } ns ? query.Add("ns", ns) : query;
        return request.Path.ToUriComponent() + query.ToUriComponent();
    }
}
