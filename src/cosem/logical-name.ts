// SPDX-License-Identifier: Apache-2.0

const twoTo32 = 0x1_0000_0000;

/**
 * "A-B:C.D.E.F" as one number, six octets, A first: `1-0:1.8.0.255` = 0x0100010800FF.
 * @throws RangeError when the text is not six groups of 0..255
 */
export function parseLogicalName(text: string): number {
	let value = 0;
	let group = -1;
	let groups = 0;
	for (let n = 0; n <= text.length; n++) {
		const c = n < text.length ? text.charCodeAt(n) : 0x2e;
		if (c >= 0x30 && c <= 0x39) {
			group = (group < 0 ? 0 : group * 10) + (c - 0x30);
			if (group > 255) break;
			continue;
		}
		const separator = groups === 0 ? 0x2d : groups === 1 ? 0x3a : 0x2e; // - : . . . end
		if (group < 0 || c !== separator || groups === 6) break;
		value = value * 256 + group;
		group = -1;
		groups++;
		if (groups === 6 && n === text.length) return value;
	}
	throw new RangeError(`not a logical name: ${text}`);
}

export function formatLogicalName(logicalName: number): string {
	const high = Math.floor(logicalName / twoTo32);
	const low = logicalName - high * twoTo32;
	return `${high >>> 8}-${high & 255}:${low >>> 24}.${(low >>> 16) & 255}.${(low >>> 8) & 255}.${low & 255}`;
}

/** Value group B (channel) of a logical name. */
export function valueGroupB(logicalName: number): number {
	return Math.floor(logicalName / twoTo32) & 255;
}

/** Value group E of a logical name. */
export function valueGroupE(logicalName: number): number {
	return Math.floor(logicalName / 256) & 255;
}
