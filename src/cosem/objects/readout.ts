// SPDX-License-Identifier: Apache-2.0
import type { CaptureColumn } from "../../profile/capture-column.js";
import { access } from "../access.js";
import { liveListProfile } from "../classes/live-list-profile.js";
import { clockTime } from "../classes/profile-generic.js";
import { parseLogicalName } from "../logical-name.js";
import type { CosemObject } from "../model.js";
import { object } from "../object.js";

const listRights = access({
	management: "R*;W3",
	reader: "R*",
	technician: "R*",
	consumer: "R*",
	metrology: "R*",
});

/** General local port readout list: what mode C of the optical port reads out (object model, section 8). */
export const readoutObjects: readonly CosemObject[] = Object.freeze([
	object(liveListProfile, "0-0:21.0.0.255", listRights, { list: (application) => application.readoutList }),
]);

function value(name: string, classId: number): CaptureColumn {
	return Object.freeze({ classId, logicalName: parseLogicalName(`${name}.255`), attributeIndex: 2, dataIndex: 0 });
}

/** The list as from the factory; what a model or a release has not got is left out when it is read. */
export const factoryReadoutList: readonly CaptureColumn[] = Object.freeze([
	value("0-0:96.1.0", 1),
	clockTime,
	...[1, 2].flatMap((c) => [0, 1, 2, 3, 4].map((rate) => value(`1-0:${c}.8.${rate}`, 3))),
	value("1-0:3.8.0", 3),
	value("1-0:4.8.0", 3),
	value("1-0:1.6.0", 4),
	value("0-0:97.97.0", 1),
]);
