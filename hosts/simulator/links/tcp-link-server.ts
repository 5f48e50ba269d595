// SPDX-License-Identifier: Apache-2.0
import type { ApduHandler, LinkInfo } from "../../../src/cosem/apdu-handler.js";
import type { TcpUdpSetup } from "../../../src/cosem/wrapper/tcp-udp-setup.js";
import { type WrapperOptions, WrapperSession } from "../../../src/cosem/wrapper/wrapper-session.js";
import type { LinkSink } from "../../../src/ports/link.js";
import { type Connection, StreamServer, type StreamServerOptions } from "./stream-server.js";

export interface TcpLinkServerOptions extends StreamServerOptions {
	readonly handler: ApduHandler;
	/** Asked for again for each new connection. */
	readonly setup: TcpUdpSetup;
	readonly wrapper: WrapperOptions;
	/**
	 * True when some association on the link has been authenticated. Without it every link that has carried a whole
	 * APDU is spared when room is needed.
	 */
	isAuthenticated?(link: number): boolean;
}

/** Of a connection that the meter made for a message: the receiver may begin an association at once, or never. */
const outgoingSetup: TcpUdpSetup = Object.freeze({ simultaneousConnections: 1, inactivityTimeout_s: 60 });

/** A connection is left in peace for so long: time enough for the first request, or between two. */
const grace_ms = 2000;

/**
 * DLMS over TCP with the wrapper (IEC 62056-47).
 *
 * As many connections as the TCP-UDP setup says, one for each remote address but for this machine's own. When all are
 * taken, a new one displaces the oldest that has not sent a whole APDU, then the oldest idle one without
 * authentication; if there is none, it is refused (SEC-conn).
 */
export class TcpLinkServer extends StreamServer<WrapperSession> {
	readonly #tcp: TcpLinkServerOptions;

	constructor(options: TcpLinkServerOptions) {
		super("tcp", options);
		this.#tcp = options;
	}

	protected override createSession(
		sink: LinkSink,
		info: LinkInfo,
		now_ms: number,
		isOutgoing: boolean,
	): WrapperSession {
		const { handler, wrapper } = this.#tcp;
		return new WrapperSession(sink, handler, info, isOutgoing ? outgoingSetup : this.#tcp.setup, wrapper, now_ms);
	}

	protected override hasRoom(count: number, sameAddress: number, remoteAddress: string): boolean {
		if (sameAddress > 0 && !isLoopback(remoteAddress)) return false;
		return count < this.#tcp.setup.simultaneousConnections;
	}

	protected override evictionRank(connection: Connection<WrapperSession>, now_ms: number): number | undefined {
		const { session, openedAt_ms, lastReceived_ms } = connection;
		if (session.unitCount === 0) return now_ms - openedAt_ms >= grace_ms ? 0 : undefined;
		if (this.#tcp.isAuthenticated === undefined || this.#tcp.isAuthenticated(session.link)) return undefined;
		return now_ms - lastReceived_ms >= grace_ms ? 1 : undefined;
	}
}

/** IPv4 127/8, also mapped into IPv6, and ::1. */
export function isLoopback(address: string): boolean {
	return address === "::1" || /^(::ffff:)?127\./.test(address);
}
