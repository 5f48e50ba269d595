// SPDX-License-Identifier: Apache-2.0

/** What bounds memory and time of the server. */
export interface ServerLimits {
	/** Associations open at a time, over all links. */
	readonly associations: number;
	readonly links: number;
	/** server-max-receive-pdu-size, octets, 64..65535. */
	readonly receivePduSize: number;
	/** Longest APDU sent, whatever the client could take: what one turn of the event loop can encode. */
	readonly sendPduSize: number;
	/** Octets of a value that comes or leaves in blocks. A long array that is streamed is not bounded by it. */
	readonly longTransfer: number;
	/**
	 * Longest APDU that leaves in general blocks, octets: it is protected as one, so it is whole in memory. A value that
	 * is longer leaves in blocks of its service, each of this size.
	 */
	readonly generalPduSize: number;
	/** Blocks of a general block transfer that are taken without an acknowledgement, 1..63. */
	readonly generalWindow: number;
	/** Items of a request with list. */
	readonly listItems: number;
}

export const boardLimits: ServerLimits = Object.freeze({
	associations: 8,
	links: 8,
	receivePduSize: 1024,
	sendPduSize: 376,
	longTransfer: 8192,
	generalPduSize: 1600,
	generalWindow: 4,
	listItems: 16,
});

export const desktopLimits: ServerLimits = Object.freeze({
	associations: 128,
	links: 128,
	receivePduSize: 4096,
	sendPduSize: 65_535,
	longTransfer: 65_536,
	generalPduSize: 65_535,
	generalWindow: 16,
	listItems: 64,
});

/** Pass 4 of the HLS handshake must be reached within this time after the association response. */
export const handshakeTimeout_ms = 30_000;

/** A block transfer without a request of its own for so long is dropped. */
export const transferTimeout_ms = 120_000;
