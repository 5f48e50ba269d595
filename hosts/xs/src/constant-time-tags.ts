// SPDX-License-Identifier: Apache-2.0
import { NobleCipher } from "./support/noble-cipher.js";
import { changedAt, checkAlike, costs } from "./support/same-cost.js";

/** Byte codes of opening with a wrong tag in the reference cipher, for each octet of the tag that can be the first wrong one. */
export default function run(): void {
	const cipher = new NobleCipher();
	const key = Uint8Array.from({ length: 16 }, (_, n) => n);
	const iv = Uint8Array.from({ length: 12 }, (_, n) => 7 * n);
	const aad = Uint8Array.from({ length: 17 }, (_, n) => 0xd0 + n);
	const sealed = Uint8Array.from({ length: 13 }, (_, n) => 0xc0 ^ n);
	const tag = new Uint8Array(12);
	cipher.gcmSeal(key, iv, aad, sealed, tag);
	let opened = 0;
	const places = Array.from({ length: tag.length }, (_, n) => n);
	const tags = places.map((place) => changedAt(tag, place));
	const all = costs(tags, (wrong) => {
		if (cipher.gcmOpen(key, iv, aad, sealed.slice(), wrong)) opened++;
	});
	check("SEC-ct: none of them opens", opened === 0 && cipher.gcmOpen(key, iv, aad, sealed.slice(), tag));
	checkAlike("SEC-ct: a wrong tag costs the same wherever it begins to differ", all);
}
