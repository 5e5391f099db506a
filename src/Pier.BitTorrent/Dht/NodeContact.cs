using System.Net;

namespace Pier.BitTorrent.Dht;

/// <summary>A node and where it is.</summary>
/// <param name="Id">Its id.</param>
/// <param name="EndPoint">Its UDP address.</param>
internal readonly record struct NodeContact(NodeId Id, IPEndPoint EndPoint);
