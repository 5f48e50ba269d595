// SPDX-License-Identifier: Apache-2.0
import type { CaptureColumn } from "../../profile/capture-column.js";
import { access } from "../access.js";
import { compactData } from "../classes/compact-data.js";
import { clockTime } from "../classes/profile-generic.js";
import { parseLogicalName } from "../logical-name.js";
import type { CosemObject } from "../model.js";
import { object } from "../object.js";

const rights = access({ management: "R*;W3,4,6;A1,2", reader: "R*", technician: "R*", metrology: "R*" });

function value(classId: number, name: string): CaptureColumn {
	return { classId, logicalName: parseLogicalName(`${name}.255`), attributeIndex: 2, dataIndex: 0 };
}

const dailyBilling = [
	clockTime,
	...["1.8.0", "1.8.1", "1.8.2", "1.8.3", "1.8.4", "2.8.0", "3.8.0", "4.8.0"].map((name) => value(3, `1-0:${name}`)),
];

const diagnostics = [
	clockTime,
	...["0-0:97.97.0", "0-0:97.98.0", "0-0:97.98.1", "0-0:97.98.2", "0-0:97.98.20", "0-0:97.98.21", "0-0:97.98.22"].map(
		(name) => value(1, name),
	),
];

function compact(index: number, columns: readonly CaptureColumn[]): CosemObject {
	const name = `0-0:66.0.${index}.255`;
	return object(compactData, name, rights, { logicalName: parseLogicalName(name), index, columns });
}

/** Values without their types, for links where each octet counts: the day's billing values, alarms. */
export const compactObjects: readonly CosemObject[] = Object.freeze([
	compact(0, dailyBilling),
	compact(1, diagnostics),
]);
