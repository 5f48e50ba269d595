// SPDX-License-Identifier: Apache-2.0
import { deepFreeze } from "../core/deep-freeze.js";
import { DeviceError } from "../core/device-error.js";
import { numberOfRates } from "../metrology/rate-registers.js";
import { recordKey } from "../storage/keys.js";
import { longestName } from "../tariff/calendar-head.js";
import { activationGroup } from "../tariff/register-activation.js";
import type { Application } from "./application.js";
import { dataTag } from "./codec/axdr.js";
import { parseLogicalName } from "./logical-name.js";
import type { Call } from "./model.js";
import { dataAccessResult } from "./result.js";
import { type Script, type ScriptAction, scriptService } from "./scripts.js";

/**
 * Scripts of the tariff table 0-0:10.0.100. All they can do is to activate masks of the register activation objects, energy
 * and demand together or apart (F39).
 */
const registerActivationClass = 6;
const activeMask = 4;
const groups: readonly number[] = Object.freeze([
	parseLogicalName("0-0:14.0.1.255"),
	parseLogicalName("0-0:14.0.2.255"),
]);
const maximumScripts = 32;
const maximumActions = 2;
const layoutVersion = 1;
const nameOffset = 2;
const longestRecord = 2 + maximumScripts * (3 + maximumActions * (nameOffset + longestName));

function activates(group: number, rate: number): ScriptAction {
	return {
		service: scriptService.write,
		classId: registerActivationClass,
		logicalName: groups[group]!,
		index: activeMask,
		parameter: [dataTag.octetString, 1, 0x30 + rate],
	};
}

const rates = Array.from({ length: numberOfRates }, (_, n) => n + 1);

/** As from the factory: n for both, 10 + n for energy, 20 + n for demand. */
export const tariffScripts: readonly Script[] = deepFreeze([
	...rates.map((n) => ({
		id: n,
		actions: [activates(activationGroup.energy, n), activates(activationGroup.demand, n)],
	})),
	...rates.map((n) => ({ id: 10 + n, actions: [activates(activationGroup.energy, n)] })),
	...rates.map((n) => ({ id: 20 + n, actions: [activates(activationGroup.demand, n)] })),
]);

/** Name of a mask out of its A-XDR octets; undefined for anything else. */
function nameOf({ parameter }: ScriptAction): Uint8Array | undefined {
	if (parameter[0] !== dataTag.octetString || parameter.length !== nameOffset + parameter[1]!) return undefined;
	return Uint8Array.from(parameter.slice(nameOffset));
}

/** Does one action: the rights to it are those to the table. */
export function activateMask(action: ScriptAction, { tariff }: Application): number {
	const group = groups.indexOf(action.logicalName);
	const name = nameOf(action);
	if (group >= 0 && name !== undefined && tariff.activate(group, name)) return dataAccessResult.success;
	return dataAccessResult.otherReason;
}

function isSound(action: ScriptAction, { tariff }: Application): boolean {
	const group = groups.indexOf(action.logicalName);
	const name = nameOf(action);
	if (group < 0 || name === undefined) return false;
	const isWrite = action.service === scriptService.write && action.classId === registerActivationClass;
	return isWrite && action.index === activeMask && tariff.activation.hasMask(group, name);
}

/** version 1 · number of scripts · per script: id (2), number of actions, per action group, length of the name, name */
export function writeTariffScripts(scripts: readonly Script[], { application }: Call): number {
	const bytes: number[] = [layoutVersion, scripts.length];
	const ids: number[] = [];
	if (scripts.length > maximumScripts) return dataAccessResult.otherReason;
	for (let n = 0; n < scripts.length; n++) {
		const { id, actions } = scripts[n]!;
		if (id === 0 || ids.includes(id) || actions.length > maximumActions) return dataAccessResult.otherReason;
		if (!actions.every((action) => isSound(action, application))) return dataAccessResult.otherReason;
		ids.push(id);
		bytes.push(id >> 8, id & 255, actions.length);
		for (let m = 0; m < actions.length; m++) {
			const name = nameOf(actions[m]!)!;
			bytes.push(groups.indexOf(actions[m]!.logicalName), name.length, ...name);
		}
	}
	application.tariff.parameters.write(recordKey.tariffScripts, Uint8Array.from(bytes));
	application.tariffSchemeChanged();
	return dataAccessResult.success;
}

/** What clients have written; undefined for what comes from the factory. */
export function readTariffScripts({ tariff }: Application): readonly Script[] | undefined {
	const bytes = new Uint8Array(longestRecord);
	let length = -1;
	try {
		length = tariff.parameters.read(recordKey.tariffScripts, bytes);
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
		for (at += 3; count > 0; count--) {
			const name = at + nameOffset;
			const end = name + bytes[at + 1]!;
			actions.push({
				...activates(bytes[at]!, 0),
				parameter: [dataTag.octetString, end - name, ...bytes.subarray(name, end)],
			});
			at = end;
		}
		scripts.push({ id, actions });
	}
	return scripts;
}
