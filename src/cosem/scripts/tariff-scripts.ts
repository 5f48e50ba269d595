// SPDX-License-Identifier: Apache-2.0
import { deepFreeze } from "../../core/deep-freeze.js";
import { numberOfRates } from "../../metrology/rate-registers.js";
import { recordKey } from "../../storage/keys.js";
import { longestName } from "../../tariff/calendar-head.js";
import { activationGroup } from "../../tariff/register-activation.js";
import type { Application } from "../application.js";
import { registerActivationClass } from "../class-ids.js";
import { dataTag } from "../codec/data-tag.js";
import type { Writer } from "../codec/writer.js";
import { parseLogicalName } from "../logical-name.js";
import type { Call } from "../model.js";
import type { Pieces } from "../pieces.js";
import { dataAccessResult } from "../result.js";
import { readScripts, type ScriptRecordShape, writeScripts } from "./script-record.js";
import { type Script, type ScriptAction, scriptService } from "./scripts.js";

/**
 * Scripts of the tariff table 0-0:10.0.100. All they can do is to activate masks of the register activation objects, energy
 * and demand together or apart (F39).
 */
const activeMask = 4;
const groups: readonly number[] = Object.freeze([
	parseLogicalName("0-0:14.0.1.255"),
	parseLogicalName("0-0:14.0.2.255"),
]);
const nameOffset = 2;

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
	const octets = parameter instanceof Uint8Array ? parameter : Uint8Array.from(parameter);
	return octets.subarray(nameOffset);
}

/** Does one action: the rights to it are those to the table. */
export function activateMask(action: ScriptAction, { tariff }: Application): number {
	const group = groups.indexOf(action.logicalName);
	const name = nameOf(action);
	if (group >= 0 && name !== undefined && tariff.activate(group, name)) return dataAccessResult.success;
	return dataAccessResult.otherReason;
}

/** @param names of the masks of the groups, as texts */
function isSound(action: ScriptAction, names: readonly (readonly string[])[]): boolean {
	const group = groups.indexOf(action.logicalName);
	const isWrite = action.service === scriptService.write && action.classId === registerActivationClass;
	const name = group >= 0 && isWrite && action.index === activeMask ? nameOf(action) : undefined;
	return name !== undefined && names[group]!.includes(name.join());
}

/** An action: group, length of the name, name. */
const record: ScriptRecordShape = deepFreeze({
	key: recordKey.tariffScripts,
	maximumScripts: 32,
	maximumActions: 2,
	longestAction: nameOffset + longestName,
	encode(action: ScriptAction, w: Writer) {
		const name = nameOf(action)!;
		w.u8(groups.indexOf(action.logicalName));
		w.u8(name.length);
		w.octets(name);
	},
	decode(bytes: Uint8Array, at: number, take: (action: ScriptAction) => void) {
		const name = at + nameOffset;
		const end = name + bytes[at + 1]!;
		take({
			...activates(bytes[at]!, 0),
			parameter: [dataTag.octetString, end - name, ...bytes.subarray(name, end)],
		});
		return end;
	},
});

/** @throws DeviceError, unchanged */
export function writeTariffScripts(scripts: readonly Script[], { application }: Call): Pieces {
	const { activation, parameters } = application.tariff;
	const names = groups.map((_, group) => activation.masks(group).map(({ name }) => name.join()));
	const changed = (): void => application.tariffSchemeChanged();
	return writeScripts(record, parameters, scripts, (action) => isSound(action, names), changed);
}

/** What clients have written; undefined for what comes from the factory. */
export function readTariffScripts({ tariff }: Application): readonly Script[] | undefined {
	return readScripts(record, tariff.parameters);
}
