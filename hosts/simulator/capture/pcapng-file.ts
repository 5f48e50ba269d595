// SPDX-License-Identifier: Apache-2.0
import { closeSync, openSync, writeSync } from "node:fs";

/** Types of the blocks that are written (pcapng, IETF opsawg draft). */
const blockType = Object.freeze({ section: 0x0a0d_0d0a, interface: 1, packet: 6 });
const option = Object.freeze({ end: 0, interfaceName: 2, interfaceDescription: 3, userApplication: 4, resolution: 9 });
const packetFlags = 2;

/** What the packets of an interface are (tcpdump.org, link-layer header types). */
export const linkType = Object.freeze({
	/** An IPv4 or IPv6 datagram without anything in front. */
	rawIp: 101,
	/** User-defined 0: here octets of a serial line, one HDLC frame or one piece of text a packet. */
	user0: 147,
});

/** As seen from the meter; the values of the packet flags. */
export const direction = Object.freeze({ inbound: 1, outbound: 2 });

function padded(bytes: Uint8Array): Buffer {
	const result = Buffer.alloc(Math.ceil(bytes.length / 4) * 4);
	result.set(bytes);
	return result;
}

function encodeOption(code: number, value: Uint8Array): Buffer {
	const head = Buffer.alloc(4);
	head.writeUInt16LE(code, 0);
	head.writeUInt16LE(value.length, 2);
	return Buffer.concat([head, padded(value)]);
}

function encodeBlock(type: number, ...parts: readonly Uint8Array[]): Buffer {
	const body = Buffer.concat(parts);
	const block = Buffer.alloc(12 + body.length);
	block.writeUInt32LE(type, 0);
	block.writeUInt32LE(block.length, 4);
	block.set(body, 8);
	block.writeUInt32LE(block.length, block.length - 4);
	return block;
}

/**
 * A capture file that is written as it grows: each block leaves in one write, so that a program that ends at any instant
 * leaves a file which can be opened.
 */
export class PcapngFile {
	readonly #file: number;
	#interfaces = 0;

	/** @throws the error of the operating system when the file cannot be made */
	constructor(path: string, application: string) {
		this.#file = openSync(path, "w");
		const head = Buffer.alloc(16);
		head.writeUInt32LE(0x1a2b_3c4d, 0); // byte order
		head.writeUInt16LE(1, 4);
		head.writeBigInt64LE(-1n, 8); // length of the section is not known
		const end = encodeOption(option.end, Buffer.alloc(0));
		writeSync(
			this.#file,
			encodeBlock(blockType.section, head, encodeOption(option.userApplication, Buffer.from(application)), end),
		);
	}

	/** Announces an interface; returns its number for `write`. @param type one of `linkType` */
	addInterface(type: number, name: string, description: string): number {
		const head = Buffer.alloc(8);
		head.writeUInt16LE(type, 0);
		writeSync(
			this.#file,
			encodeBlock(
				blockType.interface,
				head, // without a limit of packet length
				encodeOption(option.interfaceName, Buffer.from(name)),
				encodeOption(option.interfaceDescription, Buffer.from(description)),
				encodeOption(option.resolution, Buffer.of(6)), // microseconds
				encodeOption(option.end, Buffer.alloc(0)),
			),
		);
		return this.#interfaces++;
	}

	/**
	 * @param time_us since 1970 UTC
	 * @param way one of `direction`
	 */
	write(interfaceNumber: number, time_us: number, way: number, packet: Uint8Array): void {
		const head = Buffer.alloc(20);
		head.writeUInt32LE(interfaceNumber, 0);
		head.writeUInt32LE(Math.floor(time_us / 0x1_0000_0000), 4);
		head.writeUInt32LE(time_us % 0x1_0000_0000, 8);
		head.writeUInt32LE(packet.length, 12);
		head.writeUInt32LE(packet.length, 16);
		const flags = Buffer.alloc(4);
		flags.writeUInt32LE(way, 0);
		writeSync(
			this.#file,
			encodeBlock(
				blockType.packet,
				head,
				padded(packet),
				encodeOption(packetFlags, flags),
				encodeOption(option.end, Buffer.alloc(0)),
			),
		);
	}

	close(): void {
		closeSync(this.#file);
	}
}
