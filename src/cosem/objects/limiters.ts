// SPDX-License-Identifier: Apache-2.0
import { optionBit } from "../../models/model.js";
import { access } from "../access.js";
import { demandRegisterClass } from "../class-ids.js";
import { type DataSpec, data } from "../classes/data.js";
import { limiter, limitsOf } from "../classes/limiter.js";
import { type RegisterMonitorSpec, registerMonitor } from "../classes/register-monitor.js";
import {
	decodeBoolean,
	decodeLongUnsigned,
	decodeStructure,
	decodeUnsigned,
	encodeBoolean,
	encodeLongUnsigned,
	encodeStructure,
	encodeUnsigned,
} from "../codec/axdr.js";
import { parseLogicalName } from "../logical-name.js";
import type { CosemObject } from "../model.js";
import { object, onThreePhases, type Presence } from "../object.js";
import { dataAccessResult } from "../result.js";
import { writtenByManagement } from "./rights.js";

const onOrder: Presence = Object.freeze({ options: optionBit.limiter });

/** The pre-established client may begin and end a Code Red, and nothing else. */
const limiterRights = access({
	management: "R*;W2,4,5,6,7,8,9,11",
	preEstablished: "W8",
	reader: "R*",
	technician: "R*",
	metrology: "R*",
});

const monitorRights = access({ management: "R*;W2,4", reader: "R*", technician: "R*", metrology: "R*" });

/** Automatic reconnections a day, how many there were, and whether that is over for today. */
const reconnections: DataSpec = {
	value(w, call) {
		const limits = limitsOf(call);
		encodeStructure(w, 3);
		encodeUnsigned(w, limits.maximumReconnections);
		encodeUnsigned(w, limits.usedReconnections);
		encodeBoolean(w, limits.isLocked);
	},
	setValue(r, call) {
		decodeStructure(r, 3);
		const maximum = decodeUnsigned(r);
		const used = decodeUnsigned(r);
		limitsOf(call).setReconnections(maximum, used, decodeBoolean(r));
		call.application.parameterChanged();
		return dataAccessResult.success;
	},
};

type Supervision = Omit<RegisterMonitorSpec, "index" | "logicalName">;

/** Watches the average current of a phase for its fuse. */
const supervision: Supervision = {
	classId: demandRegisterClass,
	attribute: 3,
	encodeThreshold: (w, call, n) => encodeLongUnsigned(w, limitsOf(call).settings.monitorThreshold(n)),
	setThreshold(r, call, n) {
		limitsOf(call).setMonitorThreshold(n, decodeLongUnsigned(r));
		call.application.parameterChanged();
		return dataAccessResult.success;
	},
	pairs: (call) => limitsOf(call).settings,
	pairAt: (call, n) => limitsOf(call).settings.monitorActions(n),
	keepActions(call, n, { tables, scripts }, client) {
		limitsOf(call).settings.change((settings) => {
			const at = settings.monitorActions(n);
			for (let which = 0; which < 2; which++) settings.setAction(at, which, tables[which]!, scripts[which]!);
			settings.setMonitorClient(n, client);
		});
	},
};

function monitorOf(phase: 1 | 2 | 3): CosemObject {
	const presence = phase === 1 ? onOrder : { ...onThreePhases, ...onOrder };
	const c = 11 + 20 * phase;
	const logicalName = parseLogicalName(`1-0:${c}.4.0.255`);
	const spec = { ...supervision, index: phase - 1, logicalName };
	return object(registerMonitor, `1-1:${c}.4.0.255`, monitorRights, spec, presence);
}

export const limiterObjects: readonly CosemObject[] = Object.freeze([
	object(limiter, "0-0:17.0.0.255", limiterRights, { index: 0 }, onOrder),
	object(limiter, "0-0:17.0.1.255", limiterRights, { index: 1 }, onOrder),
	monitorOf(1),
	monitorOf(2),
	monitorOf(3),
	object(data, "0-0:96.50.3.255", writtenByManagement, reconnections, onOrder),
]);
