namespace Pier.Store.Uploads;

/// <summary>An upload on disk, beside its bytes.</summary>
internal sealed record UploadDocument(int Version, string Repository, string Algorithm);
