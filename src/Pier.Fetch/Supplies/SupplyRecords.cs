using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Microsoft.Extensions.Logging;
using Pier.Content.Contracts;
using Pier.Store.Disk;

namespace Pier.Fetch.Supplies;

/// <summary>Names that builds asked for and what they stood for, on disk.</summary>
internal sealed class SupplyRecords(string folder, ILogger<SupplyRecords> log)
{
    private const long DocumentLimit = 4 << 20;

    /// <summary>Names a request: the same URIs in the same order with the same patterns, taken as they are or plain.</summary>
    public static string KeyOf(SupplyRequest request)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach (var uri in request.Uris)
        {
            hash.AppendData(Encoding.UTF8.GetBytes($"uri {uri.Text}\n"));
        }

        foreach (var include in request.Includes)
        {
            hash.AppendData(Encoding.UTF8.GetBytes($"include {include}\n"));
        }

        if (request.Plain)
        {
            hash.AppendData("plain\n"u8);
        }

        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }

    /// <summary>What is known of a request; null when nothing is.</summary>
    public SupplyRecord? Find(string key)
    {
        try
        {
            return DurableFile.Read(PathOf(key), DocumentLimit) is { } bytes
                && JsonSerializer.Deserialize(bytes, SupplyJson.Default.SupplyRecord) is { Version: SupplyRecord.Current } record
                && record.ToBlob() is not null
                    ? record
                    : null;
        }
        catch (Exception damaged) when (damaged is JsonException or ContentException)
        {
            LogMessages.SupplyIgnored(log, PathOf(key), damaged.Message);
            return null;
        }
    }

    /// <summary>Remembers; a disk that refuses costs a fetch one day, not this build.</summary>
    public void Put(string key, SupplyRecord record)
    {
        try
        {
            DurableFile.MakeFolder(folder);
            DurableFile.Replace(PathOf(key), JsonSerializer.SerializeToUtf8Bytes(record, SupplyJson.Default.SupplyRecord));
        }
        catch (ContentStorageException refused)
        {
            LogMessages.SupplyNotKept(log, PathOf(key), refused.Message);
        }
    }

    private string PathOf(string key) => Path.Combine(folder, key + ".json");
}
