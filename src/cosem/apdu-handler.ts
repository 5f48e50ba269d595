// SPDX-License-Identifier: Apache-2.0
import type { Writer } from "./codec/writer.js";

export type PortKind = "tcp" | "udp" | "optical" | "rs485";

export interface LinkInfo {
	readonly port: PortKind;
	/** For logs, unique among the links that are open. */
	readonly name: string;
}

/** Server SAP of "all stations" as the link layers hand it over, whatever its length on the wire. Never answered. */
export const allStationsSap = 0xffff;

/** A link that can send an answer after `handle` has returned. */
export interface LateAnswer {
	/** The request takes longer; `handle` returns false, and its octets and its response are in use until `ends`. */
	begins(): void;
	/** @param hasAnswer as `handle` would have returned */
	ends(hasAnswer: boolean): void;
}

/**
 * What a link layer needs of the server: APDUs in, APDUs out.
 *
 * A link has a handle from `open` to `close`. On it any number of clients (SAPs) may speak in turn.
 */
export interface ApduHandler {
	/** Handle of the link, -1 when there is no room for another. */
	open(link: LinkInfo): number;
	/**
	 * Answers one APDU. Octets `from` … `to` of `bytes` belong to the call and may be deciphered in place.
	 *
	 * @param response reset by the callee; its octets up to `position` are sent when the result is true
	 * @param late where the answer may come later; never told anything of a link that was aborted or closed meanwhile
	 * @returns true when `response` holds an answer to send
	 */
	handle(
		link: number,
		clientSap: number,
		serverSap: number,
		bytes: Uint8Array,
		from: number,
		to: number,
		response: Writer,
		late?: LateAnswer,
	): boolean;
	/** Ends at once what is still being worked on for this link; to be called before its next request is taken up. */
	finish?(link: number): void;
	/**
	 * Asked after each answer that has gone out, and again while the result is true: an answer in general blocks has
	 * several APDUs. Parameters as of `handle`.
	 */
	handleMore?(link: number, clientSap: number, serverSap: number, response: Writer): boolean;
	/**
	 * False where nothing is ever answered: another logical device, a client that needs no association, a port that is off.
	 * A client that is not known is heard: its AARQ is refused like a wrong password (SEC-err).
	 */
	isHeard(link: number, clientSap: number, serverSap: number): boolean;
	/** True if a client with this SAP may be associated on this port, with the seal as it is. */
	isKnown(link: number, clientSap: number, serverSap: number): boolean;
	/** The lower layer disconnected: one client (HDLC DISC or SNRM) or, without `clientSap`, the whole link. */
	abort(link: number, clientSap?: number): void;
	close(link: number): void;
}
