// SPDX-License-Identifier: Apache-2.0
import {
	decodeBoolean,
	decodeDoubleLong,
	decodeDoubleLongUnsigned,
	decodeEnum,
	decodeInteger,
	decodeLong,
	decodeLong64,
	decodeLong64Unsigned,
	decodeLongUnsigned,
	decodeUnsigned,
} from "./axdr.js";
import { dataTag } from "./data-tag.js";
import type { Reader } from "./reader.js";

/** Any integer, an enumeration or a boolean; undefined, with nothing read, for null-data and what is no number. */
export function decodeNumber(r: Reader): number | undefined {
	switch (r.peek()) {
		case dataTag.doubleLong:
			return decodeDoubleLong(r);
		case dataTag.doubleLongUnsigned:
			return decodeDoubleLongUnsigned(r);
		case dataTag.integer:
			return decodeInteger(r);
		case dataTag.long:
			return decodeLong(r);
		case dataTag.unsigned:
			return decodeUnsigned(r);
		case dataTag.longUnsigned:
			return decodeLongUnsigned(r);
		case dataTag.long64:
			return decodeLong64(r);
		case dataTag.long64Unsigned:
			return decodeLong64Unsigned(r);
		case dataTag.enum:
			return decodeEnum(r);
		case dataTag.boolean:
			return decodeBoolean(r) ? 1 : 0;
		default:
			return undefined;
	}
}
