// SPDX-License-Identifier: Apache-2.0

import type { ProfileSettings } from "../../profile/profile-configuration.js";
import { access } from "../access.js";
import { data } from "../classes/data.js";
import { clockTime, profileGeneric } from "../classes/profile-generic.js";
import { encodeUnsigned } from "../codec/axdr.js";
import { parseLogicalName } from "../logical-name.js";
import type { CosemObject } from "../model.js";
import { object } from "../object.js";
import { readByStaff } from "./rights.js";

const profileRights = access({
	management: "R*;W3,4,8;A1,2",
	reader: "R*",
	technician: "R*",
	metrology: "R*",
});

export const profileObjects: readonly CosemObject[] = Object.freeze([
	object(profileGeneric, "1-0:99.1.0.255", profileRights, { profile: (application) => application.loadProfile1 }),
	object(data, "0-0:96.10.1.255", readByStaff, {
		value: (w, { application }) => encodeUnsigned(w, application.loadProfile1.status),
		maximumSize: 2,
	}),
]);

function value(name: string, classId: number): ProfileSettings["columns"][number] {
	return Object.freeze({ classId, logicalName: parseLogicalName(name), attributeIndex: 2, dataIndex: 0 });
}

/** Load profile 1 as from the factory: 15 minutes, clock, status and the four totals. */
export function loadProfile1Settings(entries: number): ProfileSettings {
	return { capturePeriod_s: 900, entries, columns: loadProfile1Columns };
}

const loadProfile1Columns: ProfileSettings["columns"] = Object.freeze([
	clockTime,
	value("0-0:96.10.1.255", 1),
	value("1-0:1.8.0.255", 3),
	value("1-0:2.8.0.255", 3),
	value("1-0:3.8.0.255", 3),
	value("1-0:4.8.0.255", 3),
]);
