// SPDX-License-Identifier: Apache-2.0

/** The octets of all parts, one behind the other, in an array of their own. */
export function concat(...parts: readonly Uint8Array[]): Uint8Array {
	let length = 0;
	for (const part of parts) length += part.length;
	const whole = new Uint8Array(length);
	let at = 0;
	for (const part of parts) {
		whole.set(part, at);
		at += part.length;
	}
	return whole;
}
