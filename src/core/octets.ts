// SPDX-License-Identifier: Apache-2.0

/** Numbers of 16 and 32 bits in records, most significant octet first, where a DataView would cost four slots. */
export function get16(bytes: Uint8Array, from: number): number {
	return (bytes[from]! << 8) | bytes[from + 1]!;
}

export function put16(bytes: Uint8Array, from: number, value: number): void {
	bytes[from] = value >> 8;
	bytes[from + 1] = value & 255;
}

export function get32(bytes: Uint8Array, from: number): number {
	return get16(bytes, from) * 0x1_0000 + get16(bytes, from + 2);
}

export function put32(bytes: Uint8Array, from: number, value: number): void {
	put16(bytes, from, Math.floor(value / 0x1_0000));
	put16(bytes, from + 2, value % 0x1_0000);
}
