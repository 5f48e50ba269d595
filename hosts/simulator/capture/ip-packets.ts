// SPDX-License-Identifier: Apache-2.0
import { isIPv6 } from "node:net";

/** One end of a conversation over IP. */
export interface Endpoint {
	readonly address: string;
	readonly port: number;
}

export const tcpFlag = Object.freeze({ fin: 1, syn: 2, reset: 4, push: 8, acknowledge: 16 });

const protocol = Object.freeze({ tcp: 6, udp: 17 });
const hopLimit = 64;

function octetsOfV4(address: string): Buffer {
	return Buffer.from(address.split(".").map(Number));
}

function octetsOfV6(address: string): Buffer {
	const [head = "", tail] = address.replace(/%.*$/, "").split("::");
	const groups = (text: string): number[] =>
		text === ""
			? []
			: text.split(":").flatMap((group) => {
					if (!group.includes(".")) return [Number.parseInt(group, 16)];
					const v4 = octetsOfV4(group);
					return [v4.readUInt16BE(0), v4.readUInt16BE(2)];
				});
	const front = groups(head);
	const back = tail === undefined ? [] : groups(tail);
	const all = [...front, ...new Array<number>(8 - front.length - back.length).fill(0), ...back];
	const octets = Buffer.alloc(16);
	for (let n = 0; n < 8; n++) octets.writeUInt16BE(all[n] ?? 0, 2 * n);
	return octets;
}

/** Internet checksum (RFC 1071) over the parts, which have even lengths but for the last. */
function checksumOf(...parts: readonly Buffer[]): number {
	let sum = 0;
	for (const part of parts) {
		for (let n = 0; n < part.length; n += 2) sum += n + 1 < part.length ? part.readUInt16BE(n) : part[n]! << 8;
	}
	while (sum > 0xffff) sum = (sum & 0xffff) + Math.floor(sum / 0x1_0000);
	return ~sum & 0xffff;
}

/** IP header in front of `segment`, whose checksum stands at `checksumAt`. */
function packet(from: Endpoint, to: Endpoint, next: number, segment: Buffer, checksumAt: number): Buffer {
	const isV6 = isIPv6(from.address) || isIPv6(to.address);
	const octetsOf = (address: string): Buffer =>
		!isV6 ? octetsOfV4(address) : octetsOfV6(isIPv6(address) ? address : `::ffff:${address}`);
	const source = octetsOf(from.address);
	const destination = octetsOf(to.address);
	const pseudo = Buffer.alloc(8);
	pseudo.writeUInt32BE(segment.length, 0);
	pseudo.writeUInt32BE(next, 4);
	segment.writeUInt16BE(checksumOf(source, destination, pseudo, segment), checksumAt);
	if (isV6) {
		const header = Buffer.alloc(8);
		header[0] = 0x60;
		header.writeUInt16BE(segment.length, 4);
		header[6] = next;
		header[7] = hopLimit;
		return Buffer.concat([header, source, destination, segment]);
	}
	const header = Buffer.alloc(20);
	header[0] = 0x45;
	header.writeUInt16BE(header.length + segment.length, 2);
	header.writeUInt16BE(0x4000, 6); // not to be fragmented
	header[8] = hopLimit;
	header[9] = next;
	header.set(source, 12);
	header.set(destination, 16);
	header.writeUInt16BE(checksumOf(header), 10);
	return Buffer.concat([header, segment]);
}

/** An IPv4 or IPv6 datagram with one TCP segment. @param flags sum of `tcpFlag` */
export function tcpPacket(
	from: Endpoint,
	to: Endpoint,
	sequence: number,
	acknowledgement: number,
	flags: number,
	payload: Uint8Array,
): Buffer {
	const segment = Buffer.alloc(20 + payload.length);
	segment.writeUInt16BE(from.port, 0);
	segment.writeUInt16BE(to.port, 2);
	segment.writeUInt32BE(sequence >>> 0, 4);
	segment.writeUInt32BE(acknowledgement >>> 0, 8);
	segment[12] = 5 << 4;
	segment[13] = flags;
	segment.writeUInt16BE(0xffff, 14);
	segment.set(payload, 20);
	return packet(from, to, protocol.tcp, segment, 16);
}

/** An IPv4 or IPv6 datagram with one UDP datagram. */
export function udpPacket(from: Endpoint, to: Endpoint, payload: Uint8Array): Buffer {
	const segment = Buffer.alloc(8 + payload.length);
	segment.writeUInt16BE(from.port, 0);
	segment.writeUInt16BE(to.port, 2);
	segment.writeUInt16BE(segment.length, 4);
	segment.set(payload, 8);
	return packet(from, to, protocol.udp, segment, 6);
}
