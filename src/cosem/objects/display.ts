// SPDX-License-Identifier: Apache-2.0
import { type displaySetting, displaySettings, isDisplaySettingGood } from "../../display/display-options.js";
import { standardEvent } from "../../events/event-codes.js";
import { eventLog } from "../../events/event-sink.js";
import type { CaptureColumn } from "../../profile/capture-column.js";
import { access } from "../access.js";
import { type DataSpec, data } from "../classes/data.js";
import { liveListProfile } from "../classes/live-list-profile.js";
import { clockTime } from "../classes/profile-generic.js";
import { decodeOctetString, encodeOctetString } from "../codec/axdr.js";
import { longestConsumerMessage } from "../consumer-messages.js";
import { parseLogicalName } from "../logical-name.js";
import type { CosemObject } from "../model.js";
import { object } from "../object.js";
import { dataAccessResult } from "../result.js";
import { readByStaff, writtenByManagement, writtenByManagementShownToConsumer } from "./rights.js";

const listRights = access({ management: "R*;W3", reader: "R*", technician: "R*", metrology: "R*" });

function column(name: string, classId: number, attributeIndex = 2): CaptureColumn {
	return Object.freeze({ classId, logicalName: parseLogicalName(`${name}.255`), attributeIndex, dataIndex: 0 });
}

function registers(...names: string[]): CaptureColumn[] {
	return names.map((name) => column(name, 3));
}

function values(...names: string[]): CaptureColumn[] {
	return names.map((name) => column(name, 1));
}

const automatic: readonly CaptureColumn[] = Object.freeze([
	...registers("1-0:1.8.0", "1-0:2.8.0", "1-0:1.8.1", "1-0:1.8.2", "1-0:1.8.3", "1-0:1.8.4"),
	...values("0-0:96.14.0"),
	clockTime,
	column("0-0:96.3.10", 70, 3),
	...values("0-0:96.13.1"),
]);

const manual: readonly CaptureColumn[] = Object.freeze([
	...registers("1-0:15.8.0", "1-0:3.8.0", "1-0:4.8.0", "1-0:5.8.0", "1-0:6.8.0", "1-0:7.8.0", "1-0:8.8.0"),
	column("1-0:1.6.0", 4),
	column("1-0:2.6.0", 4),
	...registers("1-0:16.7.0", "1-0:32.7.0", "1-0:52.7.0", "1-0:72.7.0", "1-0:31.7.0", "1-0:51.7.0", "1-0:71.7.0"),
	...registers("1-0:13.7.0", "1-0:14.7.0"),
	...values("0-0:96.1.0", "1-0:0.2.0", "1-0:0.2.8", "1-1:0.2.0", "1-1:0.2.8"),
	...values("1-0:0.4.2", "1-0:0.4.5", "1-0:0.4.3", "1-0:0.4.6", "1-0:0.9.1", "1-0:0.9.2"),
]);

const service: readonly CaptureColumn[] = Object.freeze([
	...values("0-0:97.97.0", "0-0:97.98.0", "0-0:97.98.1", "0-0:97.98.2"),
	...registers("1-0:81.7.1", "1-0:81.7.2", "1-0:81.7.4", "1-0:81.7.5", "1-0:81.7.6", "0-0:96.6.3", "0-0:96.6.1"),
	...values("0-0:96.7.21", "0-0:96.2.0"),
]);

/** Parameters of the utility that a person at the meter or a head-end wants to see together. */
const configurable: readonly CaptureColumn[] = Object.freeze([
	...values("1-0:0.0.0", "0-0:96.1.10", "1-0:0.2.1", "1-0:0.2.2"),
	...registers(
		"1-0:0.8.0",
		"1-0:0.8.2",
		"1-0:0.8.4",
		"1-0:0.8.5",
		"1-0:0.3.0",
		"1-0:0.3.1",
		"1-0:0.9.11",
		"1-0:0.9.12",
	),
	...values("1-0:0.4.2", "1-0:0.4.5", "1-0:0.4.3", "1-0:0.4.6", "0-0:96.52.0"),
]);

/** The lists 0-0:21.0.1 to .4 as from the factory; what a model has not got is left out when it is read. */
export const factoryDisplayLists: readonly (readonly CaptureColumn[])[] = Object.freeze([
	automatic,
	manual,
	service,
	configurable,
]);

function list(e: number, rights: CosemObject["access"]): CosemObject {
	return object(liveListProfile, `0-0:21.0.${e}.255`, rights, {
		list: (application, n) => application.displayList(n),
		index: e,
	});
}

/** Index: one of `displaySetting`. */
const setting: DataSpec = {
	value: (w, { application }, which) => displaySettings(application).write(which, w),
	setValue(r, { application }, which) {
		const from = r.position;
		if (!isDisplaySettingGood(which, r)) return dataAccessResult.otherReason;
		r.expectEnd();
		if (!displaySettings(application).change(which, r.bytes.subarray(from, r.position)))
			return dataAccessResult.otherReason;
		application.parameterChanged();
		return dataAccessResult.success;
	},
};

function settingObject(e: (typeof displaySetting)[keyof typeof displaySetting]): CosemObject {
	return object(data, `0-0:96.56.${e}.255`, writtenByManagement, { ...setting, index: e });
}

const message: DataSpec = {
	maximumSize: 4 + longestConsumerMessage,
	value(w, { application }, n) {
		encodeOctetString(w, application.consumerMessages().read(n));
	},
	setValue(r, { application }, n) {
		const text = decodeOctetString(r);
		const messages = application.consumerMessages();
		if (text.length > longestConsumerMessage) return dataAccessResult.otherReason;
		if (messages.write(n, text)) application.events.event(eventLog.standard, standardEvent.consumerMessage);
		application.parameterChanged();
		return dataAccessResult.success;
	},
};

/** What the display shows, how, and what the utility tells the customer (F46, F161). */
export const displayObjects: readonly CosemObject[] = Object.freeze([
	list(1, listRights),
	list(2, listRights),
	list(3, listRights),
	list(4, readByStaff),
	object(data, "0-0:96.13.0.255", writtenByManagementShownToConsumer, { ...message, index: 0 }),
	object(data, "0-0:96.13.1.255", writtenByManagementShownToConsumer, { ...message, index: 1 }),
	settingObject(0),
	settingObject(1),
	settingObject(2),
]);
