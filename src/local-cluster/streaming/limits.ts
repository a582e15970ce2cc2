// The bounds of a streaming connection, each with where it comes from.

/** A message of a web socket: `DefaultMaxPayloadBytes` of golang.org/x/net/websocket, which kube-apiserver 1.36.3 reads with. */
export const MAX_MESSAGE_BYTES: number = 32 * 1024 * 1024

/** A control frame of SPDY with its compressed headers: kubectl's have less than 200 bytes. */
export const MAX_CONTROL_FRAME_BYTES: number = 64 * 1024

/** Headers of a SPDY stream, unpacked. */
export const MAX_STREAM_HEADER_BYTES: number = 256 * 1024

/** A data frame of SPDY: clients of Go copy 32 KiB at a time. The length field could say 16 MiB. */
export const MAX_DATA_FRAME_BYTES: number = 1024 * 1024

/** Streams open at a time in one SPDY connection: two a forwarded connection. */
export const MAX_STREAMS = 256

/** Unread bytes of one stream after which its connection is read no further. */
export const MAX_UNREAD_BYTES: number = 256 * 1024

/** Sessions of exec, attach and port-forward at a time in one pod; a kubelet's streaming server takes 1,000 in all. */
export const MAX_POD_SESSIONS = 64

/** `--streaming-connection-idle-timeout` of a kubelet: 4 hours. */
export const IDLE_TIMEOUT_MS: number = 4 * 3_600_000

/** `DefaultStreamCreationTimeout` of a kubelet's streaming server: how long a client has to open the streams it announced. */
export const STREAM_CREATION_TIMEOUT_MS = 30_000

/** How long a connection that has said goodbye waits for the client to do the same. */
export const LINGER_MS = 5_000
