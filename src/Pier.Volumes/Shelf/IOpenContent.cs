using Pier.Content.Contracts;

namespace Pier.Volumes.Shelf;

/// <summary>What a volume shows, while it is open: one tree, or many.</summary>
internal interface IOpenContent : IArrivingTree
{
    /// <summary>Where it is kept; nothing when it lies in the store.</summary>
    IReadOnlyList<string> Folders { get; }

    /// <summary>Why parts of it could not be had, newest last.</summary>
    IReadOnlyList<string> Failures { get; }

    /// <summary>Closes it.</summary>
    /// <returns>Where it was kept that nobody else uses.</returns>
    Task<IReadOnlyList<string>> CloseAsync();
}
