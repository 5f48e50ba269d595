// SPDX-License-Identifier: Apache-2.0
import {
	decodeLogicalName,
	decodeLongUnsigned,
	decodeStructure,
	encodeLogicalName,
	encodeLongUnsigned,
	encodeStructure,
} from "../codec/axdr.js";
import type { Reader } from "../codec/reader.js";
import type { Writer } from "../codec/writer.js";
import type { Call } from "../model.js";
import { dataAccessResult } from "../result.js";

/** Where action pairs are kept: script references 0 ("over", "up") and 1 ("under", "down") of the pair at `at`. */
export interface ActionPairs {
	/** Packed logical name of the script table. */
	table(at: number, which: number): number;
	script(at: number, which: number): number;
}

/** A pair as a client has sent it. */
export interface ActionPair {
	readonly tables: readonly number[];
	readonly scripts: readonly number[];
}

/** The two script references that limiters and monitors have (Blue Book 4.5.7, 4.5.9). */
export function encodeActionPair(w: Writer, pairs: ActionPairs, at: number): void {
	encodeStructure(w, 2);
	for (let which = 0; which < 2; which++) {
		encodeStructure(w, 2);
		encodeLogicalName(w, pairs.table(at, which));
		encodeLongUnsigned(w, pairs.script(at, which));
	}
}

/**
 * Decodes a pair and has it kept, if the client may have both scripts executed later (SEC-deputy).
 * @param keep stores it with the `clientIndex` whose rights the scripts have. @throws DeviceError, unchanged
 * @returns a `dataAccessResult`
 */
export function decodeActionPair(r: Reader, call: Call, keep: (pair: ActionPair, client: number) => void): number {
	const { application, association } = call;
	const tables: number[] = [];
	const scripts: number[] = [];
	decodeStructure(r, 2);
	for (let which = 0; which < 2; which++) {
		decodeStructure(r, 2);
		tables.push(decodeLogicalName(r));
		scripts.push(decodeLongUnsigned(r));
	}
	// a script has no client whose rights could be noted
	const client = (association as Call["association"] | undefined)?.client.index;
	if (client === undefined) return dataAccessResult.readWriteDenied;
	for (let which = 0; which < 2; which++) {
		const script = scripts[which]!;
		if (script !== 0 && !application.scripts.mayConfigure(tables[which]!, script, client))
			return dataAccessResult.otherReason;
	}
	keep({ tables, scripts }, client);
	application.parameterChanged();
	return dataAccessResult.success;
}
