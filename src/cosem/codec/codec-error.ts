// SPDX-License-Identifier: Apache-2.0

/**
 * - `truncated` the octets end inside a value
 * - `overflow`  the value does not fit the buffer or the field it is written to
 * - `type`      another data type than the one expected (answered as type-unmatched where a value is set)
 * - `length`    a length that the standard or the field forbids
 * - `value`     octets that mean nothing here
 * - `limit`     nesting or number of elements beyond what the meter takes
 */
export type CodecErrorCode = "truncated" | "overflow" | "type" | "length" | "value" | "limit";

/** The peer's octets are wrong (or an answer outgrew its buffer): answer or drop, never retry. */
export class CodecError extends Error {
	override readonly name = "CodecError";
	readonly code: CodecErrorCode;
	/** Where in the buffer, octets from its start. */
	readonly offset: number;

	constructor(code: CodecErrorCode, offset: number) {
		super(`${code} at ${offset}`);
		this.code = code;
		this.offset = offset;
	}
}
