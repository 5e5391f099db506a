namespace Pier.Api.Supplies;

/// <summary>How far content for a build is.</summary>
public static class SupplyStates
{
    /// <summary>It is on its way: ask again.</summary>
    public const string Working = "working";

    /// <summary>It is here.</summary>
    public const string Ready = "ready";

    /// <summary>It cannot be had.</summary>
    public const string Failed = "failed";
}
