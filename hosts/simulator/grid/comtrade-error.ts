// SPDX-License-Identifier: Apache-2.0

export type ComtradeErrorCode =
	| "truncated" // a line, a field or samples are missing
	| "notNumeric"
	| "outOfRange" // a number that the format forbids
	| "unsupported" // a revision or file type that is not known
	| "counts" // numbers that contradict each other
	| "sampleNumber"
	| "timeStamp"
	| "noChannels"; // nothing that belongs on the terminals of a meter

/** Where in a recording something is wrong: a line (from 1) of the configuration or a byte offset of the data. */
export interface ComtradePlace {
	readonly file: string;
	readonly line?: number;
	readonly offset?: number;
}

/** A COMTRADE recording cannot be used. */
export class ComtradeError extends Error {
	override readonly name = "ComtradeError";
	readonly code: ComtradeErrorCode;
	readonly file: string;
	readonly line: number | undefined;
	readonly offset: number | undefined;
	readonly reason: string;

	constructor(code: ComtradeErrorCode, place: ComtradePlace, reason: string) {
		let where = place.file;
		if (place.line !== undefined) where += `, line ${place.line}`;
		if (place.offset !== undefined) where += `, byte ${place.offset}`;
		super(`${where}: ${reason}`);
		this.code = code;
		this.file = place.file;
		this.line = place.line;
		this.offset = place.offset;
		this.reason = reason;
	}
}
