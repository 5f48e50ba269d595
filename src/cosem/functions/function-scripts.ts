// SPDX-License-Identifier: Apache-2.0
import type { Application } from "../application.js";
import { functionControlClass } from "../class-ids.js";
import { dataTag } from "../codec/data-tag.js";
import { parseLogicalName } from "../logical-name.js";
import { type Script, scriptService } from "../scripts/scripts.js";
import type { MeterFunction } from "./function-list.js";

export const functionControlName = "0-0:44.1.0.255";
const logicalName = parseLogicalName(functionControlName);
const setFunctionStatus = 1;

/** Scripts 2k - 1 and 2k of 0-0:10.0.111 switch function k off and on. */
export function functionScripts(application: Application): readonly Script[] {
	const scripts: Script[] = [];
	const { functions } = application.functions();
	for (let n = 0; n < functions.length; n++)
		scripts.push(switching(2 * n + 1, functions[n]!, 0), switching(2 * n + 2, functions[n]!, 1));
	return scripts;
}

/** @param status boolean as an octet */
function switching(id: number, { name }: MeterFunction, status: number): Script {
	const { array, structure, octetString, boolean } = dataTag;
	const parameter = [array, 1, structure, 2, octetString, name.length, ...name, boolean, status];
	const action = { service: scriptService.execute, classId: functionControlClass, logicalName, parameter };
	return { id, actions: [{ ...action, index: setFunctionStatus }] };
}
