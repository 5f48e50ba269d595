// SPDX-License-Identifier: Apache-2.0
import { readFileSync } from "node:fs";

/** One packet as a reader of pcapng files sees it. */
export interface CapturedPacket {
	readonly interfaceName: string;
	readonly linkType: number;
	readonly isInbound: boolean;
	/** Since 1970 UTC. */
	readonly time_us: number;
	readonly bytes: Buffer;
}

function optionsOf(block: Buffer, from: number): Map<number, Buffer> {
	const options = new Map<number, Buffer>();
	for (let at = from; at + 4 <= block.length - 4; ) {
		const code = block.readUInt16LE(at);
		const length = block.readUInt16LE(at + 2);
		if (code === 0) break;
		options.set(code, block.subarray(at + 4, at + 4 + length));
		at += 4 + Math.ceil(length / 4) * 4;
	}
	return options;
}

/** Reads a file of one section in little-endian order. @throws Error where the structure is broken */
export function readPcapng(path: string): CapturedPacket[] {
	const file = readFileSync(path);
	const interfaces: { name: string; linkType: number }[] = [];
	const packets: CapturedPacket[] = [];
	for (let at = 0; at < file.length; ) {
		const length = file.readUInt32LE(at + 4);
		const block = file.subarray(at, at + length);
		if (length % 4 !== 0 || block.length !== length || block.readUInt32LE(length - 4) !== length)
			throw new Error(`block at ${at} is broken`);
		const type = block.readUInt32LE(0);
		if (at === 0 && (type !== 0x0a0d0d0a || block.readUInt32LE(8) !== 0x1a2b3c4d)) throw new Error("no section header");
		if (type === 1) {
			const options = optionsOf(block, 16);
			if (options.get(9)?.[0] !== 6) throw new Error("resolution is not a microsecond");
			interfaces.push({ name: options.get(2)?.toString() ?? "", linkType: block.readUInt16LE(8) });
		} else if (type === 6) {
			const from = interfaces[block.readUInt32LE(8)];
			const size = block.readUInt32LE(20);
			if (from === undefined || size !== block.readUInt32LE(24)) throw new Error(`packet at ${at} is broken`);
			const flags =
				optionsOf(block, 28 + Math.ceil(size / 4) * 4)
					.get(2)
					?.readUInt32LE(0) ?? 0;
			packets.push({
				interfaceName: from.name,
				linkType: from.linkType,
				isInbound: (flags & 3) === 1,
				time_us: block.readUInt32LE(12) * 0x1_0000_0000 + block.readUInt32LE(16),
				bytes: Buffer.from(block.subarray(28, 28 + size)),
			});
		}
		at += length;
	}
	return packets;
}
