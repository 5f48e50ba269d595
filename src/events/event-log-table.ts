// SPDX-License-Identifier: Apache-2.0
import { deepFreeze } from "../core/deep-freeze.js";
import { optionBit } from "../models/model.js";
import type { CaptureColumn } from "../profile/capture-column.js";
import { eventLog } from "./event-sink.js";

/** What a log keeps of an event besides time and code. */
export const thirdColumn = Object.freeze({
	none: 0,
	/** Who caused it: 0-0:96.50.32. */
	context: 1,
	/** Threshold of the limiter in force: 0-0:17.0.0 attribute 3. */
	threshold: 2,
});

/** What is fixed about an event log. */
export interface EventLogDefinition {
	/** Sum of `optionBit`: the log exists with any of them. */
	readonly options: number;
	/** One of `thirdColumn`. */
	readonly third: number;
	/** Capture objects of its profile. */
	readonly columns: readonly CaptureColumn[];
	/**
	 * Entries of one code in a row before they are compressed, and the time that gives one entry back, seconds; the whole
	 * log is held to `logBurst` and `logRefill_s` in the same way.
	 */
	readonly burst: number;
	readonly refill_s: number;
	readonly logBurst: number;
	readonly logRefill_s: number;
}

/** Number of the log of an M-Bus channel 1..4 (0-b:99.98.3), behind those of `eventLog`. */
export function channelLog(channel: number): number {
	return Object.keys(eventLog).length - 1 + channel;
}

/** Value groups A and B of a logical name, packed. */
function name(a: number, b: number, c: number, d: number, e: number): number {
	return a * 2 ** 40 + b * 2 ** 32 + c * 2 ** 24 + d * 2 ** 16 + e * 2 ** 8 + 255;
}

function column(classId: number, logicalName: number, attributeIndex: number): CaptureColumn {
	return { classId, logicalName, attributeIndex, dataIndex: 0 };
}

const clockTime = column(8, name(0, 0, 1, 0, 0), 2);
const thirdColumns: readonly (readonly CaptureColumn[])[] = [
	[],
	[column(1, name(0, 0, 96, 50, 32), 2)],
	[column(71, name(0, 0, 17, 0, 0), 3)],
];

/** @param code logical name of the event object */
function define(options: number, third: number, code: number, isRoomy = false): EventLogDefinition {
	return {
		options,
		third,
		columns: [clockTime, column(1, code, 2), ...thirdColumns[third]!],
		// a commissioning may change 200 parameters in a row; 960 of one kind a day are beyond any honest use
		...(isRoomy ? { burst: 200, refill_s: 90 } : { burst: 20, refill_s: 300 }),
		...(isRoomy ? { logBurst: 250, logRefill_s: 60 } : { logBurst: 60, logRefill_s: 60 }),
	};
}

const { base, disconnector, limiter, mbus, pq } = optionBit;

/** The logs 0-0:99.98.{0..8} in the order of `eventLog`, then 0-{1..4}:99.98.3. */
export const eventLogTable: readonly EventLogDefinition[] = deepFreeze([
	define(base, thirdColumn.none, name(0, 0, 96, 11, 0), true),
	define(base, thirdColumn.none, name(0, 0, 96, 11, 1)),
	define(disconnector | limiter, thirdColumn.threshold, name(0, 0, 96, 11, 2)),
	define(mbus, thirdColumn.none, name(0, 0, 96, 11, 3)),
	define(pq, thirdColumn.none, name(0, 0, 96, 11, 4)),
	define(base, thirdColumn.none, name(0, 0, 96, 11, 5)),
	define(base, thirdColumn.context, name(0, 0, 96, 11, 6)),
	define(base, thirdColumn.context, name(0, 0, 96, 11, 7)),
	define(base, thirdColumn.context, name(0, 0, 96, 11, 8), true),
	...[1, 2, 3, 4].map((channel) => define(mbus, thirdColumn.none, name(0, channel, 96, 11, 3))),
]);
