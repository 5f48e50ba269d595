// SPDX-License-Identifier: Apache-2.0
import type { Cipher } from "../../ports/cipher.js";

/** Last arc of the algorithm identifiers 2.16.756.5.8.3.n. */
const algorithm = Object.freeze({ aesGcm128: 0, aesGcm256: 1, aesWrap128: 2, aesWrap256: 3 });
const algorithmPrefix = Object.freeze([0x60, 0x85, 0x74, 0x05, 0x08, 0x03]);
const longestDigest = 48;

/**
 * A symmetric key out of an agreed secret: the one-step derivation of NIST SP 800-56A with the hash of the suite,
 * hash(00000001 || Z || AlgorithmID || party U || party V), of which the leftmost octets are the key.
 *
 * @param partyU system title of who began, with whatever else the scheme puts there; `partyV` that of the other
 * @param isWrapping the key wraps keys; otherwise it ciphers APDUs
 */
export function deriveKey(
	cipher: Cipher,
	suite: number,
	z: Uint8Array,
	partyU: Uint8Array,
	partyV: Uint8Array,
	isWrapping: boolean,
): Uint8Array {
	const length = suite === 2 ? 32 : 16;
	const input = new Uint8Array(4 + z.length + algorithmPrefix.length + 1 + partyU.length + partyV.length);
	input[3] = 1;
	let at = 4;
	input.set(z, at);
	at += z.length;
	input.set(algorithmPrefix, at);
	at += algorithmPrefix.length;
	if (isWrapping) input[at++] = length === 32 ? algorithm.aesWrap256 : algorithm.aesWrap128;
	else input[at++] = length === 32 ? algorithm.aesGcm256 : algorithm.aesGcm128;
	input.set(partyU, at);
	input.set(partyV, at + partyU.length);
	const digest = new Uint8Array(longestDigest);
	if (suite === 2) cipher.digest("sha384", input, digest);
	else cipher.sha256(input, digest.subarray(0, 32));
	const key = digest.slice(0, length);
	input.fill(0);
	digest.fill(0);
	return key;
}
