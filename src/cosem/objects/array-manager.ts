// SPDX-License-Identifier: Apache-2.0
import { deepFreeze } from "../../core/deep-freeze.js";
import { access } from "../access.js";
import { profileClass } from "../class-ids.js";
import { arrayManager, type ManagedArray } from "../classes/array-manager.js";
import { parseLogicalName } from "../logical-name.js";
import type { CosemObject } from "../model.js";
import { object } from "../object.js";

const buffer = 2;

/** Numbers stay what they are: what comes later goes to the end, and a meter without one of them has a gap. */
function managed(name: string, index: number): ManagedArray {
	return { id: index + 1, classId: profileClass, logicalName: parseLogicalName(`${name}.255`), attributeId: buffer };
}

const eventLogs = [0, 1, 2, 3, 4, 5, 6, 7, 8].map((log) => `0-0:99.98.${log}`);
const otherLogs = ["1-0:99.97.0", "1-0:99.99.0", "0-0:99.16.0", "1-0:99.10.1", "1-0:99.10.2", "1-0:99.10.3"];

const arrays: readonly ManagedArray[] = deepFreeze(["1-0:99.1.0", ...eventLogs, ...otherLogs].map(managed));

/** Whoever may read the arrays reads the list of them. */
const rights = access({ management: "R*;A1,2,3,4,5", reader: "R*", technician: "R*", metrology: "R*" });

export const arrayManagerObjects: readonly CosemObject[] = Object.freeze([
	object(arrayManager, "0-0:18.0.0.255", rights, { arrays }),
]);
