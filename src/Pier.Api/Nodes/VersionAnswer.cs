namespace Pier.Api.Nodes;

/// <summary>Which daemon this is.</summary>
/// <param name="Version">The product's version.</param>
/// <param name="Api">Version of the control contract.</param>
/// <param name="Runtime">The .NET runtime underneath.</param>
public sealed record VersionAnswer(string Version, int Api, string Runtime);
