using Pier.Engines.Files;
using Pier.Engines.Install;

namespace Pier.Engines.Mirrors;

/// <summary>kind: a folder of <c>hosts.toml</c> files that the cluster's configuration mounts into its nodes.</summary>
internal sealed class KindMirror : IMirrorConfiguration
{
    private const string Folder = "/etc/pier/kind/certs.d";

    public string Engine => "kind";

    public bool IsElsewhere => true;

    public MirrorFiles Write(HostRoot root, MirrorRequest request, Func<string, byte[]?> read) => new(
        [.. HostsToml.Files(Folder, request, read, authority: null)],
        [
            $$"""
            Make the cluster with this in its configuration (kind create cluster --config FILE):
              containerdConfigPatches:
                - |-
                  [plugins."io.containerd.grpc.v1.cri".registry]
                    config_path = "/etc/containerd/certs.d"
                  [plugins."io.containerd.cri.v1.images".registry]
                    config_path = "/etc/containerd/certs.d"
              nodes:
                - role: control-plane
                  extraMounts:
                    - { hostPath: {{Folder}}, containerPath: /etc/containerd/certs.d }
            """,
        ]);

    public EngineReload ReloadFor(string path) => EngineReload.None;

    public byte[]? TakeOut(string path, byte[] edited, MirrorTrace trace) => HostsToml.TakeOut(edited);
}
