using System.Globalization;
using Microsoft.AspNetCore.Http;
using Pier.Content.Contracts;
using Pier.Content.References;
using Pier.Distribution.Wire;
using Pier.Registry.Access;
using Pier.Registry.Errors;

namespace Pier.Registry.Endpoints;

/// <summary>The list of tags, passed through page by page (OCI distribution-spec, "Listing Tags").</summary>
internal sealed class TagsEndpoint(IManifestFetcher fetcher, IAccessPolicy policy, AccessGate gate)
{
    public async Task AnswerAsync(HttpContext context, RepositoryName repository, string name)
    {
        var query = context.Request.Query;
        var count = Count(query["n"].ToString());
        var last = query["last"].ToString();
        var page = count == 0
            ? new TagPage([], HasMore: false)
            : await fetcher.ListTagsAsync(repository, count, last.Length == 0 ? null : last, context.RequestAborted);
        if (page.Tags is [var first, ..] && !await policy.MayListAsync(repository, first, gate.DoorOf(context), context.RequestAborted))
        {
            throw new RegistryRefusal(403, ErrorCodes.Denied, $"{repository} is private, and this node does not tell its clients of private images.");
        }

        if (page is { HasMore: true, Tags: [.., var end] })
        {
            context.Response.Headers.Link = $"<{NextPage(context.Request, count, end)}>; rel=\"next\"";
        }

        await context.Response.WriteAsJsonAsync(
            new TagList(name, page.Tags), DistributionJson.Default.TagList, "application/json", context.RequestAborted);
    }

    /// <summary>A relative address: the client knows best how it reached this node.</summary>
    private static string NextPage(HttpRequest request, int? count, string last)
    {
        var query = QueryString.Create("last", last);
        query = count is { } n ? query.Add("n", n.ToString(CultureInfo.InvariantCulture)) : query;
        query = request.Query["ns"].ToString() is { Length: > 0 } ns ? query.Add("ns", ns) : query;
        return request.Path.ToUriComponent() + query.ToUriComponent();
    }

    private static int? Count(string text) => text.Length == 0 ? null
        : int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var count) ? count
        : throw new RegistryRefusal(400, ErrorCodes.Unsupported, $"n={text} is no number of tags.");
}
