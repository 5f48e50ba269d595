// SPDX-License-Identifier: Apache-2.0

import { CodecError } from "./codec-error.js";
import { dataTag } from "./data-tag.js";
import { decodeLength } from "./length.js";
import type { Reader } from "./reader.js";

/** A date (5 octets) or time (4) with wildcards, sent as octet-string or as the type itself; copied as it is. */
export function decodePattern(r: Reader, into: Uint8Array, at: number, length: 4 | 5): void {
	const start = r.position;
	const tag = r.u8();
	const own = length === 5 ? dataTag.date : dataTag.time;
	if (tag === dataTag.octetString ? decodeLength(r) !== length : tag !== own) throw new CodecError("type", start);
	const from = r.skip(length);
	for (let n = 0; n < length; n++) into[at + n] = r.bytes[from + n]!;
}
