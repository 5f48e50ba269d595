// SPDX-License-Identifier: Apache-2.0
import { Writer } from "../cosem/codec/writer.js";
import type { LinkSink } from "../ports/link.js";
import { blockCheck, character } from "./characters.js";
import { putLineEnd } from "./messages.js";
import type { ProgrammingHost } from "./programming-session.js";

/** Longest line of a data readout without its CR LF (IEC 62056-21). */
export const longestLine = 76;

/** The content of a data readout. The port adds line ends, frame and check. */
export interface ReadoutSupplier {
	/** Fixes the content of one readout; returns its number of lines. */
	begin(): number;
	/** Writes line `index` (from 0): data sets `address(value*unit)`, at most `longestLine` printable characters. */
	writeLine(w: Writer, index: number): void;
	/** Begins a session in programming mode; undefined where that is refused, as it always is without this method. */
	openProgramming?(): ProgrammingHost | undefined;
}

/**
 * Sends data messages STX … `!` CR LF ETX BCC line by line, so that only one line is held at a time.
 */
export class DataReadout {
	readonly #sink: LinkSink;
	readonly #bytes = new Uint8Array(1 + longestLine + 2);
	/** Behind the place of the STX. */
	readonly #line = new Writer(this.#bytes.subarray(1, 1 + longestLine));

	constructor(sink: LinkSink) {
		this.#sink = sink;
	}

	/** Sends the whole message; returns its length in characters. */
	send(supplier: ReadoutSupplier): number {
		const bytes = this.#bytes;
		const lines = supplier.begin();
		let check = 0;
		let sent = 0;
		for (let n = 0; n <= lines; n++) {
			this.#line.reset();
			if (n < lines) supplier.writeLine(this.#line, n);
			else this.#line.u8(character.exclamation);
			let end = putLineEnd(bytes, 1 + this.#line.position);
			check = blockCheck(bytes, 1, end, check);
			if (n === lines) {
				check ^= character.endOfText;
				bytes[end++] = character.endOfText;
				bytes[end++] = check;
			}
			bytes[0] = character.startOfText;
			const from = n === 0 ? 0 : 1;
			this.#sink.send(bytes.subarray(from, end));
			sent += end - from;
		}
		return sent;
	}
}
