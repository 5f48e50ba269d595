// SPDX-License-Identifier: Apache-2.0

/** For the reference library, which wants one of a browser and encodes names of ASCII characters only. */
class AsciiEncoder {
	encode(text: string): Uint8Array {
		const octets = new Uint8Array(text.length);
		for (let n = 0; n < text.length; n++) octets[n] = text.charCodeAt(n);
		return octets;
	}
}

const world = globalThis as { TextEncoder?: typeof AsciiEncoder };
world.TextEncoder ??= AsciiEncoder;
