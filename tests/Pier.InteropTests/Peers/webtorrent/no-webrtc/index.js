// In place of webrtc-polyfill, whose native half is downloaded by its installer: without it WebTorrent has TCP alone.
export const RTCPeerConnection = undefined
export const RTCSessionDescription = undefined
export const RTCIceCandidate = undefined
