using System.Text.Json;
using System.Text.Json.Serialization;
using Pier.Api.Blobs;
using Pier.Api.Cache;
using Pier.Api.Cluster;
using Pier.Api.Downloads;
using Pier.Api.Errors;
using Pier.Api.Images;
using Pier.Api.Limits;
using Pier.Api.Nodes;
using Pier.Api.Progress;
using Pier.Api.Seeds;
using Pier.Api.Tags;
using Pier.Api.Supplies;
using Pier.Api.Trackers;
using Pier.Api.Volumes;

namespace Pier.Api;

/// <summary>How the contract's records are written: camelCase, enums by name, nulls left out; generated, no reflection.</summary>
[JsonSourceGenerationOptions(
    JsonSerializerDefaults.Web,
    UseStringEnumConverter = true,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    AllowOutOfOrderMetadataProperties = true)]
[JsonSerializable(typeof(ApiError))]
[JsonSerializable(typeof(VersionAnswer))]
[JsonSerializable(typeof(SupplyAnswer))]
[JsonSerializable(typeof(NodeStatus))]
[JsonSerializable(typeof(CheckList))]
[JsonSerializable(typeof(SwarmList))]
[JsonSerializable(typeof(SwarmDetail))]
[JsonSerializable(typeof(ImageList))]
[JsonSerializable(typeof(PullRequest))]
[JsonSerializable(typeof(ImportAnswer))]
[JsonSerializable(typeof(RemoveAnswer))]
[JsonSerializable(typeof(BlobList))]
[JsonSerializable(typeof(PinAnswer))]
[JsonSerializable(typeof(CacheReport))]
[JsonSerializable(typeof(CachedParts))]
[JsonSerializable(typeof(PruneRequest))]
[JsonSerializable(typeof(PruneAnswer))]
[JsonSerializable(typeof(VerifyRequest))]
[JsonSerializable(typeof(SeedRequest))]
[JsonSerializable(typeof(SeedList))]
[JsonSerializable(typeof(SeedSummary))]
[JsonSerializable(typeof(ClusterInitRequest))]
[JsonSerializable(typeof(ClusterToken))]
[JsonSerializable(typeof(MemberList))]
[JsonSerializable(typeof(TrackerStatus))]
[JsonSerializable(typeof(TagList))]
[JsonSerializable(typeof(TagSummary))]
[JsonSerializable(typeof(LimitsStatus))]
[JsonSerializable(typeof(LimitsChange))]
[JsonSerializable(typeof(DownloadRequest))]
[JsonSerializable(typeof(VolumeRequest))]
[JsonSerializable(typeof(VolumeList))]
[JsonSerializable(typeof(VolumeSummary))]
[JsonSerializable(typeof(CommitRequest))]
[JsonSerializable(typeof(PrefetchRequest))]
[JsonSerializable(typeof(ProgressLine))]
[JsonSerializable(typeof(DownloadResult))]
[JsonSerializable(typeof(PullResult))]
[JsonSerializable(typeof(VerifyResult))]
public sealed partial class ApiJson : JsonSerializerContext;
