// SPDX-License-Identifier: Apache-2.0
import { deepFreeze } from "../core/deep-freeze.js";
import type { CaptureColumn } from "./capture-column.js";
import { ProfileRow } from "./profile-row.js";

/** Logs whose rows come with events and have columns of their own; index in `rowLogTable`. */
export const rowLog = Object.freeze({
	dips: 0,
	swells: 1,
	interruptions: 2,
	longOutages: 3,
	/** Changes of legally relevant parameters. */
	certification: 4,
	/** Changes of the parameters that are watched. */
	parameters: 5,
});

/** What is fixed about a log. */
export interface RowLogDefinition {
	/** Capture objects of its profile. */
	readonly columns: readonly CaptureColumn[];
	/** Octets of the longest row: what the layout of the part has room for. */
	readonly longestRow: number;
	/** Rows behind those that it states to have: where changes that did not come into effect are taken back in a full log. */
	readonly reserve: number;
}

/** Value groups A and B of a logical name, packed. */
function name(a: number, b: number, c: number, d: number, e: number): number {
	return a * 2 ** 40 + b * 2 ** 32 + c * 2 ** 24 + d * 2 ** 16 + e * 2 ** 8 + 255;
}

function column(classId: number, logicalName: number): CaptureColumn {
	return { classId, logicalName, attributeIndex: 2, dataIndex: 0 };
}

const clockTime = column(8, name(0, 0, 1, 0, 0));
/** Tag, length and 12 octets. */
export const clockColumnSize = 14;
const lastEvent = [
	clockTime,
	column(3, name(0, 0, 96, 50, 40)),
	column(3, name(0, 0, 96, 50, 41)),
	column(1, name(0, 0, 96, 50, 42)),
];

/** @param size most octets of the columns behind the clock */
function define(columns: readonly CaptureColumn[], size: number, reserve = 0): RowLogDefinition {
	return { columns, longestRow: ProfileRow.headerSize + clockColumnSize + size, reserve };
}

/** Longest encoded value of a legally relevant parameter: an octet string of 48 octets. */
export const longestParameterValue = 50;
/** Structure of class, logical name and attribute in front of a value. */
const identifierSize = 2 + 3 + 8 + 2;

/** In the order of `rowLog`; places in the store, so new logs come last. */
export const rowLogTable: readonly RowLogDefinition[] = deepFreeze([
	define(lastEvent, 5 + 3 + 2),
	define(lastEvent, 5 + 3 + 2),
	define(lastEvent, 5 + 3 + 2),
	define([clockTime, column(3, name(0, 0, 96, 7, 19))], 5),
	define(
		[clockTime, column(65, name(0, 0, 16, 2, 0)), column(1, name(0, 0, 96, 50, 31))],
		identifierSize + 2 * longestParameterValue,
		4,
	),
	define([clockTime, column(65, name(0, 0, 16, 2, 0))], identifierSize + longestParameterValue),
]);
