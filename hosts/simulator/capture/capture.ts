// SPDX-License-Identifier: Apache-2.0
import type { PortKind } from "../../../src/cosem/apdu-handler.js";
import type { Log } from "../../../src/ports/log.js";
import { type Endpoint, tcpFlag, tcpPacket, udpPacket } from "./ip-packets.js";
import { LinePieces } from "./line-pieces.js";
import { direction, linkType, PcapngFile } from "./pcapng-file.js";

/** Watches one connection. Buffers belong to the caller and are read during the call. */
export interface LinkTap {
	/** The meter receives. */
	received(bytes: Uint8Array): void;
	/** The meter sends. */
	sent(bytes: Uint8Array): void;
	/** @param isByPeer the other side has ended it */
	closed(isByPeer?: boolean): void;
}

/** Longest payload of one packet of a synthesised TCP connection: below the 65,535 octets of an IP datagram. */
const longestSegment = 0xf000;

/**
 * Records the traffic of every link in one pcapng file (docs/captures.md): what goes over IP as datagrams whose TCP frame
 * is made up around the octets, what goes over a serial line as its frames, each with its direction. It is what was on the
 * wire: cipher text stays cipher text, and no key is written.
 */
export class Capture {
	readonly #file: PcapngFile;
	readonly #now_us: () => number;
	readonly #log: Log;
	readonly #interfaces = new Map<string, number>();
	#isOpen = true;

	/**
	 * @param now_us time of the packets, microseconds since 1970 UTC
	 * @throws the error of the operating system when the file cannot be made
	 */
	constructor(path: string, application: string, now_us: () => number, log: Log) {
		this.#file = new PcapngFile(path, application);
		this.#now_us = now_us;
		this.#log = log;
	}

	/**
	 * A connection has been made: a TCP connection for what the meter serves over IP, otherwise a line.
	 * @param isOutgoing by the meter
	 */
	connection(port: PortKind, peer: Endpoint, meter: Endpoint, isOutgoing = false): LinkTap {
		return port === "tcp" || port === "udp" ? this.#tcp(peer, meter, isOutgoing) : this.#line(port);
	}

	/** One UDP datagram, to the meter or from it. */
	datagram(peer: Endpoint, meter: Endpoint, isReceived: boolean, payload: Uint8Array): void {
		if (isReceived) this.#write("ip", direction.inbound, udpPacket(peer, meter, payload));
		else this.#write("ip", direction.outbound, udpPacket(meter, peer, payload));
	}

	close(): void {
		if (!this.#isOpen) return;
		this.#isOpen = false;
		this.#file.close();
	}

	#tcp(peer: Endpoint, meter: Endpoint, isOutgoing: boolean): LinkTap {
		// octets each side has sent; the numbers begin at 0, the SYN counts as one
		const sent = { peer: 0, meter: 0 };
		const none = new Uint8Array(0);
		const put = (isByPeer: boolean, flags: number, payload: Uint8Array): void => {
			const counted = payload.length + (flags & (tcpFlag.syn | tcpFlag.fin) ? 1 : 0);
			if (isByPeer) {
				this.#write("ip", direction.inbound, tcpPacket(peer, meter, sent.peer, sent.meter, flags, payload));
				sent.peer += counted;
			} else {
				this.#write("ip", direction.outbound, tcpPacket(meter, peer, sent.meter, sent.peer, flags, payload));
				sent.meter += counted;
			}
		};
		const { syn, fin, push, acknowledge } = tcpFlag;
		put(!isOutgoing, syn, none);
		put(isOutgoing, syn | acknowledge, none);
		put(!isOutgoing, acknowledge, none);
		return {
			received: (bytes) => put(true, push | acknowledge, bytes),
			sent: (bytes) => {
				for (let from = 0; from < bytes.length; from += longestSegment)
					put(false, push | acknowledge, bytes.subarray(from, from + longestSegment));
			},
			closed: (isByPeer = false) => {
				put(isByPeer, fin | acknowledge, none);
				put(!isByPeer, fin | acknowledge, none);
				put(isByPeer, acknowledge, none);
			},
		};
	}

	#line(name: string): LinkTap {
		const received = new LinePieces((piece) => this.#write(name, direction.inbound, piece));
		const sent = new LinePieces((piece) => this.#write(name, direction.outbound, piece));
		return {
			received(bytes) {
				sent.flush();
				received.take(bytes);
			},
			sent(bytes) {
				received.flush();
				sent.take(bytes);
			},
			closed() {
				received.flush();
				sent.flush();
			},
		};
	}

	/** A full disk must not stop the meter: the capture ends there. */
	#write(name: string, way: number, packet: Uint8Array): void {
		if (!this.#isOpen) return;
		try {
			let number = this.#interfaces.get(name);
			if (number === undefined) {
				number =
					name === "ip"
						? this.#file.addInterface(linkType.rawIp, name, "DLMS/COSEM wrapper over TCP and UDP")
						: this.#file.addInterface(linkType.user0, name, `${name} port: HDLC frames and IEC 62056-21 messages`);
				this.#interfaces.set(name, number);
			}
			this.#file.write(number, this.#now_us(), way, packet);
		} catch (error) {
			this.#log.write("error", "capture", `stopped: ${(error as Error).message}`);
			this.close();
		}
	}
}
