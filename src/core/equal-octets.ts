// SPDX-License-Identifier: Apache-2.0

/** Whether two arrays hold the same octets, in a time that depends on their lengths alone (SEC-ct). */
export function areEqual(a: Uint8Array, b: Uint8Array): boolean {
	if (a.length !== b.length) return false;
	let difference = 0;
	for (let n = 0; n < a.length; n++) difference |= a[n]! ^ b[n]!;
	return difference === 0;
}

/** The same for what somebody offers as a secret, in a time that depends on the length of the offered one alone. */
export function isSecret(offered: Uint8Array, secret: Uint8Array): boolean {
	// beyond its end the last octet again: to stop there, or to look for what is not there, would tell its length
	const last = secret.length - 1;
	let difference = offered.length ^ secret.length;
	for (let n = 0; n < offered.length; n++) difference |= offered[n]! ^ secret[Math.min(n, last)]!;
	return difference === 0;
}
