// SPDX-License-Identifier: Apache-2.0
import { deepFreeze } from "../../core/deep-freeze.js";
import { optionBit } from "../../models/model.js";
import { type CaptureColumn, isSameColumn } from "../../profile/capture-column.js";
import { ProfileBuffer } from "../../profile/profile-buffer.js";
import { capturePeriods_s, type ProfileDefinition } from "../../profile/profile-definition.js";
import { isSorted, sortMethod } from "../../profile/sort-method.js";
import { recordKey } from "../../storage/keys.js";
import { access } from "../access.js";
import type { Application } from "../application.js";
import { type DataSpec, data } from "../classes/data.js";
import { changed, clockTime, type ProfileSpec, profileGeneric } from "../classes/profile-generic.js";
import { type RegisterSpec, register } from "../classes/register.js";
import { decodeDoubleLongUnsigned, encodeDoubleLongUnsigned, encodeUnsigned } from "../codec/axdr.js";
import type { Writer } from "../codec/writer.js";
import { parseLogicalName } from "../logical-name.js";
import type { Call, CosemObject } from "../model.js";
import { object, type Presence } from "../object.js";
import { unit } from "../unit.js";
import { readByStaff, writtenByManagement } from "./rights.js";

const profileRights = access({ management: "R*;W3,4,8;A1,2", reader: "R*", technician: "R*", metrology: "R*" });

const shownToConsumer = access({
	management: "R*;W3,4,8;A1,2",
	reader: "R*",
	technician: "R*",
	consumer: "R*",
	metrology: "R*",
});

/** The period comes from scripts and events. */
const billingRights = access({ management: "R*;W3,8;A1,2", reader: "R*", technician: "R*", metrology: "R*" });

/** Places in the table of profiles, and in the store. */
export const profileIndex = Object.freeze({
	load1: 0,
	load2: 1,
	load3: 2,
	load4: 3,
	billing1: 4,
	billing2: 5,
	powerQuality: 6,
	/** + channel - 1 */
	mbus: 7,
});

/** Class and attribute of a column, the rest of its logical name. */
function column(classId: number, name: string, attributeIndex = 2): CaptureColumn {
	return { classId, logicalName: parseLogicalName(`${name}.255`), attributeIndex, dataIndex: 0 };
}

/** Registers `1-0:<c>.<de>` of several value groups C. */
function registers(groups: readonly number[], de: string, classId = 3): CaptureColumn[] {
	return groups.map((c) => column(classId, `1-0:${c}.${de}`));
}

/** Energy of the total and of rates 1..4. */
function rates(c: number): CaptureColumn[] {
	return [0, 1, 2, 3, 4].map((rate) => column(3, `1-0:${c}.8.${rate}`));
}

/** A profile as it is added: one row. */
export interface ProfileRow {
	readonly name: string;
	/** Its status object; left out where it has none. */
	readonly status?: string;
	readonly periods: readonly number[];
	readonly capturePeriod_s: number;
	readonly board: number;
	readonly desktop: number;
	/** Those behind clock and status. */
	readonly columns: readonly CaptureColumn[];
	/** One of `sortMethod`; first in, first out when left out. */
	readonly sortMethod?: number;
	/** For the methods that sort, by what: one of `columns`, or the clock. */
	readonly sortObject?: CaptureColumn;
	/** As of `ProfileDefinition`. */
	readonly markPowerDown?: boolean;
}

function load(
	name: string,
	status: string,
	capturePeriod_s: number,
	board: number,
	desktop: number,
	columns: readonly CaptureColumn[],
): ProfileRow {
	return { name, status, periods: capturePeriods_s, capturePeriod_s, board, desktop, columns };
}

function billing(name: string, columns: readonly CaptureColumn[]): ProfileRow {
	return { name, periods: [], capturePeriod_s: 0, board: 36, desktop: 36, columns };
}

/** In the order of `profileIndex`. Of the columns, a meter has those whose objects it has. */
const rows: readonly ProfileRow[] = [
	load("1-0:99.1.0", "0-0:96.10.1", 900, 8640, 38_016, registers([1, 2, 3, 4], "8.0")),
	load("1-0:99.2.0", "0-0:96.10.2", 86_400, 400, 400, [...rates(1), ...rates(2)]),
	load("1-0:99.1.1", "0-0:96.10.4", 3600, 2160, 2160, [
		...registers([32, 52, 72, 31, 51, 71], "24.0"),
		column(3, "1-0:14.7.0"),
	]),
	load("1-0:99.2.1", "0-0:96.10.5", 900, 4320, 4320, [
		...registers([1, 2], "5.0", 4),
		...registers([5, 6, 7, 8], "8.0"),
	]),
	billing("0-0:98.1.0", [
		column(1, "1-0:0.1.0"),
		...rates(1),
		...rates(2),
		...registers([3, 4, 5, 6, 7, 8], "8.0"),
		column(4, "1-0:1.6.0"),
		column(4, "1-0:1.6.0", 5),
		column(4, "1-0:2.6.0"),
		column(4, "1-0:2.6.0", 5),
		...[1, 2, 3, 4].map((rate) => column(4, `1-0:1.6.${rate}`)),
		column(1, "0-0:97.97.0"),
		column(1, "0-0:96.7.21"),
	]),
	billing("0-0:98.2.0", [
		column(1, "0-0:96.11.1"),
		...registers([1, 2, 3, 4], "8.0"),
		column(4, "1-0:1.6.0"),
		column(4, "1-0:1.6.0", 5),
		column(70, "0-0:96.3.10", 3),
		...[0, 5, 15, 25, 30].map((e) => column(1, `0-0:96.20.${e}`)),
	]),
	{
		name: "1-0:99.14.0",
		status: "0-0:96.10.6",
		periods: [600],
		capturePeriod_s: 600,
		board: 4320,
		desktop: 4320,
		columns: [
			...registers([32, 52, 72], "24.0"),
			...registers([32, 52, 72, 31, 51, 71], "24.124"),
			column(3, "0-0:96.50.20"),
		],
	},
	...[1, 2, 3, 4].map((channel) =>
		load(`0-${channel}:24.3.0`, `0-${channel}:96.10.3`, 3600, 2160, 2160, [
			column(4, `0-${channel}:24.2.1`),
			column(4, `0-${channel}:24.2.1`, 5),
		]),
	),
];

/**
 * @param index place in the table
 * @throws RangeError for a row that asks for what there is not
 */
export function defineProfile(row: ProfileRow, index: number): ProfileDefinition {
	const { name, status, periods, capturePeriod_s, board, desktop } = row;
	const columns = [clockTime, ...(status === undefined ? [] : [column(1, status)]), ...row.columns];
	const method = row.sortMethod ?? sortMethod.firstInFirstOut;
	const sortObject = row.sortObject ?? (isSorted(method) ? undefined : clockTime);
	if (!Object.values<number>(sortMethod).includes(method)) throw new RangeError(`${name}: no sort method ${method}`);
	if (sortObject === undefined || !columns.some((captured) => isSameColumn(captured, sortObject)))
		throw new RangeError(`${name} is sorted by what it does not capture`);
	if (!isSorted(method) && !isSameColumn(sortObject, clockTime))
		throw new RangeError(`${name} is in the order of capture, which is that of the clock`);
	const markPowerDown = row.markPowerDown ?? false;
	if (markPowerDown && periods.length === 0) throw new RangeError(`${name} has no intervals that could be cut`);
	return {
		logicalName: parseLogicalName(`${name}.255`),
		key: index === profileIndex.load1 ? recordKey.loadProfile1 : recordKey.profiles + index,
		statusName: status === undefined ? 0 : parseLogicalName(`${status}.255`),
		periods,
		capturePeriod_s,
		entries: { board, desktop },
		sortMethod: method,
		sortObject,
		markPowerDown,
		columns,
	};
}

export const profileDefinitions: readonly ProfileDefinition[] = deepFreeze(rows.map(defineProfile));

export function profileBuffer({ profiles }: Application, index: number): ProfileBuffer {
	return new ProfileBuffer(profiles, index);
}

function encodeStatus(w: Writer, { application }: Call, index: number): void {
	encodeUnsigned(w, application.profiles.status(index));
}

function profile(index: number, rights = profileRights, presence: Presence = {}): CosemObject {
	const spec: ProfileSpec = { index, profile: profileBuffer };
	return object(profileGeneric, `${rows[index]!.name}.255`, rights, spec, presence);
}

function statusOf(index: number): CosemObject {
	const spec: DataSpec = { index, value: encodeStatus, maximumSize: 2 };
	return object(data, `${rows[index]!.status!}.255`, readByStaff, spec);
}

/** Attribute 4 of a profile as a register. */
function recordingInterval(index: number): RegisterSpec {
	return {
		value: (w, { application }) => encodeDoubleLongUnsigned(w, application.profiles.capturePeriod_s(index)),
		scaler: 0,
		unit: unit.second,
		setValue: (r, call) =>
			changed(call.application.profiles.setCapturePeriod(index, decodeDoubleLongUnsigned(r)), call),
	};
}

const { load1, load2, load3, load4, billing1, billing2, powerQuality } = profileIndex;
const onOrder: Presence = Object.freeze({ options: optionBit.pq });

export const profileObjects: readonly CosemObject[] = Object.freeze([
	profile(load1),
	profile(load2, shownToConsumer),
	profile(load3),
	profile(load4),
	profile(billing1, billingRights),
	profile(billing2, billingRights),
	profile(powerQuality, profileRights, onOrder),
	// that of the power quality profile is there without it: the object model has it with every order
	...[load1, load2, load3, load4, powerQuality].map(statusOf),
	object(register, "1-0:0.8.4.255", writtenByManagement, recordingInterval(load1)),
	object(register, "1-0:0.8.5.255", writtenByManagement, recordingInterval(load2)),
]);
