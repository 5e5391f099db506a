namespace Pier.Fetch.Policy;

/// <summary>On what ground a repository is said to have a blob.</summary>
internal enum BlobClaim
{
    /// <summary>A manifest names it, or a member says so.</summary>
    Named,

    /// <summary>The repository's upstream has it.</summary>
    Proved,

    /// <summary>The operator of this node brought it under that name.</summary>
    Given,
}
