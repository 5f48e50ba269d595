// SPDX-License-Identifier: Apache-2.0

/** Tables are built at module level: on the board that is at build time, and they stay in flash. */
function reflectedTable(polynomial: number, into: Uint16Array | Uint32Array): void {
	for (let n = 0; n < 256; n++) {
		let c = n;
		for (let k = 0; k < 8; k++) c = c & 1 ? (c >>> 1) ^ polynomial : c >>> 1;
		into[n] = c;
	}
}

const x25Table = new Uint16Array(256);
reflectedTable(0x8408, x25Table);

const crc32Table = new Uint32Array(256);
reflectedTable(0xedb88320, crc32Table);

const ccittTable = new Uint16Array(256);
for (let n = 0; n < 256; n++) {
	let c = n << 8;
	for (let k = 0; k < 8; k++) c = c & 0x8000 ? (c << 1) ^ 0x1021 : c << 1;
	ccittTable[n] = c;
}

/** What the first of two octets does to the result behind the second: two octets are taken at once. */
const ccittPairTable = new Uint16Array(256);
for (let n = 0; n < 256; n++) {
	const c = ccittTable[n]!;
	ccittPairTable[n] = (c << 8) ^ ccittTable[c >>> 8]!;
}

/** CRC-16/X.25 (HDLC FCS and HCS): check value of "123456789" is 0x906E. Low octet goes first on the line. */
export function crc16X25(bytes: Uint8Array, from: number, to: number): number {
	let c = 0xffff;
	for (let n = from; n < to; n++) c = (c >>> 8) ^ x25Table[(c ^ bytes[n]!) & 255]!;
	return c ^ 0xffff;
}

/** CRC-16/CCITT-FALSE (ADE9000 SPI): check value of "123456789" is 0x29B1. */
export function crc16Ccitt(bytes: Uint8Array, from: number, to: number): number {
	let c = 0xffff;
	let n = from;
	for (const last = to - 1; n < last; n += 2)
		c = ccittPairTable[(c >>> 8) ^ bytes[n]!]! ^ ccittTable[(c & 255) ^ bytes[n + 1]!]!;
	return n < to ? ((c << 8) & 0xffff) ^ ccittTable[(c >>> 8) ^ bytes[n]!]! : c;
}

/**
 * CRC-32 (IEEE 802.3): check value of "123456789" is 0xCBF43926. To continue over a second piece pass the result of
 * the first as `seed`.
 */
export function crc32(bytes: Uint8Array, from: number, to: number, seed = 0): number {
	let c = ~seed;
	for (let n = from; n < to; n++) c = (c >>> 8) ^ crc32Table[(c ^ bytes[n]!) & 255]!;
	return ~c >>> 0;
}
