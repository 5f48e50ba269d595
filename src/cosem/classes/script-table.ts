// SPDX-License-Identifier: Apache-2.0
import type { Application } from "../application.js";
import { scriptTableClass } from "../class-ids.js";
import {
	decodeArray,
	decodeEnum,
	decodeInteger,
	decodeLogicalName,
	decodeLongUnsigned,
	decodeStructure,
	encodeArray,
	encodeEnum,
	encodeInteger,
	encodeLogicalName,
	encodeLongUnsigned,
	encodeStructure,
} from "../codec/axdr.js";
import type { Reader } from "../codec/reader.js";
import { skipValue } from "../codec/skip-value.js";
import type { Writer } from "../codec/writer.js";
import { type Call, defineClass, type ElementSource } from "../model.js";
import { inPieces, type Pieces, pause } from "../pieces.js";
import { dataAccessResult } from "../result.js";
import { isThere, type Script, type ScriptAction, type ScriptTableSpec, scriptsOf } from "../scripts/scripts.js";

class ScriptSource implements ElementSource {
	readonly #scripts: readonly Script[];
	readonly #application: Application;

	constructor(spec: ScriptTableSpec, { application }: Call) {
		this.#scripts = scriptsOf(spec, application);
		this.#application = application;
	}

	get count(): number {
		return this.#scripts.length;
	}

	encodeElement(w: Writer, index: number): void {
		const script = this.#scripts[index]!;
		const actions = script.actions.filter((action) => isThere(action, this.#application));
		encodeStructure(w, 2);
		encodeLongUnsigned(w, script.id);
		encodeArray(w, actions.length);
		for (let n = 0; n < actions.length; n++) {
			const { service, classId, logicalName, index: target, parameter } = actions[n]!;
			encodeStructure(w, 5);
			encodeEnum(w, service);
			encodeLongUnsigned(w, classId);
			encodeLogicalName(w, logicalName);
			encodeInteger(w, target);
			for (let octet = 0; octet < parameter.length; octet++) w.u8(parameter[octet]!);
		}
	}
}

function decodeScript(r: Reader): Script {
	decodeStructure(r, 2);
	const id = decodeLongUnsigned(r);
	const actions: ScriptAction[] = [];
	for (let m = decodeArray(r); m > 0; m--) actions.push(decodeAction(r));
	return { id, actions };
}

function decodeAction(r: Reader): ScriptAction {
	decodeStructure(r, 5);
	const service = decodeEnum(r);
	const classId = decodeLongUnsigned(r);
	const logicalName = decodeLogicalName(r);
	const index = decodeInteger(r);
	const from = r.position;
	skipValue(r);
	return { service, classId, logicalName, index, parameter: r.bytes.subarray(from, r.position) };
}

/** Script table, class_id 9, version 0 (Blue Book 4.5.2). */
export const scriptTable = defineClass<ScriptTableSpec>({
	classId: scriptTableClass,
	version: 0,
	attributes: [
		{
			id: 2,
			name: "scripts",
			elements: (call, spec) => new ScriptSource(spec, call),
			set: inPieces(function* (r: Reader, call: Call, spec: ScriptTableSpec): Pieces {
				const scripts: Script[] = [];
				for (let n = decodeArray(r); n > 0; n--) {
					scripts.push(decodeScript(r));
					yield pause.whenSpent;
				}
				return spec.write === undefined ? dataAccessResult.readWriteDenied : yield* spec.write(scripts, call);
			}),
		},
	],
	methods: [
		{
			id: 1,
			name: "execute",
			invoke: (r, _w, call, spec) => call.application.scripts.executeFor(call, spec, decodeLongUnsigned(r)),
		},
	],
});
