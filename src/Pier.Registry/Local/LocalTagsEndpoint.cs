using Microsoft.AspNetCore.Http;
using Pier.Distribution.Wire;
using Pier.Registry.Errors;
using Pier.Store.Repositories;
using Pier.Store.Tags;

namespace Pier.Registry.Local;

/// <summary>The tags of one of the node's own repositories (OCI distribution-spec, "Listing Tags").</summary>
internal sealed class LocalTagsEndpoint(LocalRepositories repositories, TagStore tags)
{
    public Task AnswerAsync(HttpContext context, LocalAddress address)
    {
        if (!repositories.Contains(address.Repository))
        {
            throw new RegistryRefusal(404, ErrorCodes.NameUnknown, $"There is no repository {address.Repository.Path} on this node.");
        }

        var page = ListQuery.Of(context.Request).Page(context, tags.Names(address.Repository));
        return context.Response.WriteAsJsonAsync(
            new TagList(address.Path.Name, page), DistributionJson.Default.TagList, "application/json", context.RequestAborted);
    }
}
