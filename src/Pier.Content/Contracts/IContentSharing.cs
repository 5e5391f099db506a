namespace Pier.Content.Contracts;

/// <summary>Takes note of sealed blobs that came to the store by another way than a fetch, so that they travel like the rest (design §3.8).</summary>
public interface IContentSharing
{
    /// <summary>Queues a blob for its swarm record; whether it may travel at all is the policy's word, asked later.</summary>
    void Offer(BlobInfo blob);
}
