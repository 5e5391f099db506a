using System.Text.Json.Serialization;
using Pier.Store.Blobs;
using Pier.Store.Borrowed;
using Pier.Store.Layout;
using Pier.Store.Repositories;
using Pier.Store.Swarms;
using Pier.Store.Tags;
using Pier.Store.Uploads;

namespace Pier.Store;

/// <summary>Source-generated JSON of the store's small documents.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    MaxDepth = 16)]
[JsonSerializable(typeof(PinsDocument))]
[JsonSerializable(typeof(BorrowedDocument))]
[JsonSerializable(typeof(TagDocument))]
[JsonSerializable(typeof(SwarmDocument))]
[JsonSerializable(typeof(LocalManifestDocument))]
[JsonSerializable(typeof(UploadDocument))]
[JsonSerializable(typeof(LayoutMarkerDocument))]
[JsonSerializable(typeof(LayoutIndexDocument))]
internal sealed partial class StoreJson : JsonSerializerContext;
