using Pier.Content;
using Pier.Content.Contracts;
using Pier.Content.Manifests;

namespace Pier.Distribution.Transport;

/// <summary>Reads lists of referrers.</summary>
internal static class ReferrersAnswer
{
    /// <summary>Reads the list and where it goes on; disposes the answer.</summary>
    public static async Task<ReferrersPage> ReadAsync(EndpointAnswer answer, CancellationToken cancellationToken)
    {
        var response = answer.Response;
        var isFiltered = response.Headers.TryGetValues("OCI-Filters-Applied", out var filters)
            && filters.Any(filter => filter.Contains("artifactType", StringComparison.OrdinalIgnoreCase));
        var next = response.Headers.TryGetValues("Link", out var links) ? links.Select(NextQuery).FirstOrDefault(query => query is not null) : null;
        var index = await answer.Requester.ReadBodyAsync(response, answer.What, ManifestParser.MaxSize, cancellationToken)
            ?? throw AnswerChecks.Bad(answer, $"the list of referrers has more than {ManifestParser.MaxSize >> 20} MiB");
        try
        {
            return ManifestParser.Parse(MediaTypes.OciIndex, index) is ImageIndex
                ? new ReferrersPage(index, isFiltered, next)
                : throw AnswerChecks.Bad(answer, "the list of referrers is no index");
        }
        catch (ContentFormatException broken)
        {
            throw AnswerChecks.Bad(answer, $"the list of referrers is no index: {broken.Message}", broken);
        }
    }

    /// <summary>RFC 8288: <c>&lt;/v2/…/referrers/…?last=x&gt;; rel="next"</c>.</summary>
    private static string? NextQuery(string link)
    {
        var (start, end) = (link.IndexOf('?', StringComparison.Ordinal), link.IndexOf('>', StringComparison.Ordinal));
        return start > 0 && end > start && (link.Contains("rel=\"next\"", StringComparison.OrdinalIgnoreCase) || link.Contains("rel=next", StringComparison.OrdinalIgnoreCase))
            ? link[(start + 1)..end]
            : null;
    }
}
