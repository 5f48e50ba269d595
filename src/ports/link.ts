// SPDX-License-Identifier: Apache-2.0

/**
 * The host's end of a byte link. `bytes` is valid only during the call: the host sends or copies it.
 */
export interface LinkSink {
	send(bytes: Uint8Array): void;
	/** Asks the host to close the connection (TCP) or is ignored (a wire). Octets sent before are still delivered. */
	disconnect(): void;
}

/**
 * A protocol session over one link, without I/O of its own: bytes and the time in; bytes through the sink and the next
 * deadline out. The host calls `advance` when `nextDeadline_ms` is reached, and `close` when the link is gone.
 */
export interface LinkSession {
	/** Takes all of `bytes` (any cut of the stream). `now_ms` is the monotonic time. */
	receive(bytes: Uint8Array, now_ms: number): void;
	advance(now_ms: number): void;
	/** Monotonic time of the next time-out, `Infinity` when none runs. */
	readonly nextDeadline_ms: number;
	close(): void;
}
