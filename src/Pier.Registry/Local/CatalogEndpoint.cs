using Microsoft.AspNetCore.Http;
using Pier.Distribution.Wire;
using Pier.Registry.Access;
using Pier.Store.Repositories;

namespace Pier.Registry.Local;

/// <summary>The list of the node's own repositories; those that it mirrors belong to others, who may list them.</summary>
internal sealed class CatalogEndpoint(LocalRepositories repositories, AccessGate gate)
{
    public Task AnswerAsync(HttpContext context)
    {
        var page = ListQuery.Of(context.Request).Page(context, repositories.Names().Where(repository => gate.MayPull(context, repository)).Select(repository => repository.Path));
        return context.Response.WriteAsJsonAsync(
            new RepositoryList(page), DistributionJson.Default.RepositoryList, "application/json", context.RequestAborted);
    }
}
