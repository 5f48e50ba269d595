// SPDX-License-Identifier: Apache-2.0
import { billingScript } from "../../billing/billing.js";
import { deepFreeze } from "../../core/deep-freeze.js";
import { optionBit } from "../../models/model.js";
import { missedOccurrence, type ScheduleDefinition } from "../../schedule/schedule-record.js";
import { access } from "../access.js";
import { schedule } from "../classes/schedule.js";
import { singleActionSchedule } from "../classes/single-action-schedule.js";
import { parseLogicalName } from "../logical-name.js";
import type { CosemObject } from "../model.js";
import { object, type Presence } from "../object.js";
import { withSwitch } from "./supply.js";

/** Single action schedules of the utility. */
const scheduleRights = access({ management: "R*;W2,3,4", reader: "R*", technician: "R*", metrology: "R*" });

/** Places in the records (`ScheduleDefinition.slot`), also of schedules that this release does not have yet. */
export const scheduleSlot = Object.freeze({
	billing1: 0,
	billing2: 1,
	disconnector: 2,
	imageActivation: 3,
	outputs: 4,
	functionControl: 5,
	/** Intervals 1..3 of the push. */
	push: 6,
	pushConsumer: 9,
	pushAlarm: 10,
	pushInstallation: 11,
	/** + M-Bus channel - 1 */
	mbus: 12,
});

interface ScheduleRow {
	readonly name: string;
	/** One of `scheduleSlot`. */
	readonly slot: number;
	/** One of `missedOccurrence`. */
	readonly missed: number;
	/** Script table. */
	readonly table: string;
	readonly script: number;
	readonly type?: number;
	/** Execution times as from the factory, time (4 octets) and date (5) each. */
	readonly times?: readonly number[];
	readonly presence?: Presence;
}

/** 00:00:00 on day 1 of every month. */
const firstOfMonth: readonly number[] = [0, 0, 0, 0, 0xff, 0xff, 0xff, 1, 0xff];

/** The schedule of a push: its script has the same number. */
function pushRow(push: number, slot: number, times: readonly number[] = []): ScheduleRow {
	return {
		name: `0-${push}:15.0.4.255`,
		slot,
		missed: missedOccurrence.dropped,
		table: "0-0:10.0.108.255",
		script: push,
		times,
		presence: { options: optionBit.ip | optionBit.han },
	};
}

/**
 * One row for each schedule, in the order in which they run when they are due together. `missed`: end of billing is made up for
 * always, switches, outputs and functions with their latest occurrence, images too, pushes are dropped.
 */
const rows: readonly ScheduleRow[] = [
	{
		name: "0-0:15.0.0.255",
		slot: scheduleSlot.billing1,
		missed: missedOccurrence.latestAlways,
		table: "0-0:10.0.1.255",
		script: billingScript.endOfPeriod,
		times: firstOfMonth,
	},
	{
		name: "0-0:15.1.0.255",
		slot: scheduleSlot.billing2,
		missed: missedOccurrence.latestAlways,
		table: "0-0:10.0.1.255",
		script: billingScript.fraud,
	},
	{
		name: "0-0:15.0.1.255",
		slot: scheduleSlot.disconnector,
		missed: missedOccurrence.latest,
		table: "0-0:10.0.106.255",
		script: 0,
		presence: withSwitch,
	},
	{
		name: "0-0:15.0.3.255",
		slot: scheduleSlot.outputs,
		missed: missedOccurrence.latest,
		table: "0-0:10.0.103.255",
		script: 0,
		presence: { options: optionBit.io },
	},
	{
		name: "0-0:15.0.7.255",
		slot: scheduleSlot.functionControl,
		missed: missedOccurrence.latest,
		table: "0-0:10.0.111.255",
		script: 0,
	},
	pushRow(1, scheduleSlot.push, [0, 5, 0, 0, 0xff, 0xff, 0xff, 0xff, 0xff]),
	pushRow(2, scheduleSlot.push + 1),
	pushRow(3, scheduleSlot.push + 2),
	pushRow(6, scheduleSlot.pushConsumer),
	pushRow(4, scheduleSlot.pushAlarm),
	pushRow(7, scheduleSlot.pushInstallation),
];

export const scheduleDefinitions: readonly ScheduleDefinition[] = deepFreeze(
	rows.map(({ name, slot, missed, table, script, type, times }) => ({
		logicalName: parseLogicalName(name),
		slot,
		missed,
		table: parseLogicalName(table),
		script,
		type: type ?? 1,
		times: times ?? [],
	})),
);

const entriesRights = access({ management: "R*;W2;A1,2,3", reader: "R*", technician: "R*", metrology: "R*" });

export const scheduleObjects: readonly CosemObject[] = Object.freeze([
	object(schedule, "0-0:12.0.0.255", entriesRights, null),
	...rows.map(({ name, presence }, n) =>
		object(singleActionSchedule, name, scheduleRights, scheduleDefinitions[n]!, presence),
	),
]);
