// SPDX-License-Identifier: Apache-2.0
import { DeviceError } from "../../core/device-error.js";
import type { RecordStore } from "../../storage/record-store.js";
import { Writer } from "../codec/writer.js";
import { inPieces, type Pieces, pause } from "../pieces.js";
import { dataAccessResult } from "../result.js";
import type { Script, ScriptAction } from "./scripts.js";

const layoutVersion = 1;
/** Octets before the actions of a script: id (2), number of actions. */
const scriptHead = 3;

/** How the scripts of one table lie in their record, where clients may write them. */
export interface ScriptRecordShape {
	readonly key: number;
	readonly maximumScripts: number;
	/** Of one script. */
	readonly maximumActions: number;
	/** Octets. */
	readonly longestAction: number;
	/** Writes an action that is sound. */
	encode(action: ScriptAction, w: Writer): void;
	/** Hands over the action at `at`, whose parameter may stay where it is. @returns the position behind it */
	decode(bytes: Uint8Array, at: number, take: (action: ScriptAction) => void): number;
}

/**
 * Record: version 1 · number of scripts · per script: id (2), number of actions, the actions as the table has them.
 * @param isSound whether the table takes an action, of this client
 * @param changed told when they are written
 * @returns pieces that end in other-reason, and nothing is written, for more than the record holds, an id of 0 or twice, or
 * an action that is not sound
 * @throws DeviceError when the store refuses
 */
export const writeScripts = inPieces(function* (
	shape: ScriptRecordShape,
	store: RecordStore,
	scripts: readonly Script[],
	isSound: (action: ScriptAction) => boolean,
	changed: () => void,
): Pieces {
	if (scripts.length > shape.maximumScripts) return dataAccessResult.otherReason;
	const w = new Writer(longestRecord(shape));
	w.u8(layoutVersion);
	w.u8(scripts.length);
	const ids: number[] = [];
	for (let n = 0; n < scripts.length; n++) {
		const { id, actions } = scripts[n]!;
		const count = actions.length;
		if (id === 0 || ids.includes(id) || count > shape.maximumActions) return dataAccessResult.otherReason;
		ids.push(id);
		w.u16(id);
		w.u8(count);
		for (let m = 0; m < count; m++) {
			const action = actions[m]!;
			if (!isSound(action)) return dataAccessResult.otherReason;
			shape.encode(action, w);
		}
		yield pause.whenSpent;
	}
	yield pause.always;
	store.write(shape.key, w.bytes, w.position);
	changed();
	return dataAccessResult.success;
});

function longestRecord({ maximumScripts, maximumActions, longestAction }: ScriptRecordShape): number {
	return 2 + maximumScripts * (scriptHead + maximumActions * longestAction);
}

/** What clients have written; undefined for what comes from the factory. */
export function readScripts(shape: ScriptRecordShape, store: RecordStore): readonly Script[] | undefined {
	const bytes = new Uint8Array(longestRecord(shape));
	let length = -1;
	try {
		length = store.read(shape.key, bytes);
	} catch (error) {
		if (!(error instanceof DeviceError)) throw error;
	}
	if (length < 2 || bytes[0] !== layoutVersion) return undefined;
	const scripts: Script[] = [];
	let at = 2;
	for (let n = bytes[1]!; n > 0; n--) {
		const id = bytes[at]! * 256 + bytes[at + 1]!;
		const actions: ScriptAction[] = [];
		let count = bytes[at + 2]!;
		for (at += scriptHead; count > 0; count--) at = shape.decode(bytes, at, (action) => actions.push(action));
		scripts.push({ id, actions });
	}
	return scripts;
}
