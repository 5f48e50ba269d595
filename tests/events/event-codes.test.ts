// SPDX-License-Identifier: Apache-2.0
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { alarmBit, condition, logCleared, unlistedEvent } from "../../src/events/event-codes.js";
import { eventLogTable } from "../../src/events/event-log-table.js";
import { eventLog } from "../../src/events/event-sink.js";
import { conditionBeginnings, eventDefinitions, findEvent, mbusChannelOf } from "../../src/events/event-table.js";
import { eventLogEntries } from "../../src/storage/layout.js";
import { specifiedObjects } from "../support/object-model.js";

type Row = readonly [log: number, code: number, alarm: string | null];

const specified: readonly Row[] = JSON.parse(
	readFileSync(new URL("../data/events/event-codes.json", import.meta.url), "utf8"),
).events;

describe("event codes", () => {
	it("F107 F108 F109 F111 F112 are those of the specification, with their alarm bits", () => {
		for (const [log, code, alarm] of specified) {
			const found = findEvent(log, code);
			assert.ok(found, `log ${log} does not know event ${code}`);
			const expected = alarm === null ? -1 : alarmBit(Number(alarm[0]), Number(alarm.slice(2)));
			// an event of two logs has one alarm, named in one of them
			if (alarm !== null || found.logs[0] === log) assert.equal(found.alarm, expected, `log ${log} event ${code}`);
		}
	});

	it("adds to the specification only what the configuration log keeps with its author, the seal and overcurrent", () => {
		const known = new Set(specified.map(([log, code]) => `${log}/${code}`));
		const added = eventDefinitions.flatMap(({ code, logs }) =>
			logs
				.filter((log) => !known.has(`${log}/${code}`) && code !== logCleared && code !== unlistedEvent)
				.map((log) => [log, code]),
		);
		assert.deepEqual(added, [
			...[4, 5, 30, 31, 32, 47, 51].map((code) => [eventLog.configuration, code]),
			...[237, 238, 240, 241].map((code) => [eventLog.standard, code]),
			...[62, 63, 224, 227, 225, 228, 226, 229].map((code) => [eventLog.configuration, code]),
		]);
	});

	it("are unique in each log and between 1 and 255, with a name", () => {
		const seen = new Set<string>();
		for (const { code, logs, name } of eventDefinitions) {
			assert.ok(code >= 1 && code <= 255 && name !== "");
			for (const log of logs) {
				assert.ok(!seen.has(`${log}/${code}`), `${log}/${code}`);
				seen.add(`${log}/${code}`);
			}
		}
	});

	it("F114 share the error object's bits with alarm register 1 up to bit 19", () => {
		for (const { alarm, error, code } of eventDefinitions) {
			if (alarm >= 0 && alarm <= 19) assert.equal(error, alarm);
			else assert.ok([-1, 2, 3, 14].includes(error), `event ${code}`);
		}
	});

	it("have one beginning for each condition, and an end for those that end by an event", () => {
		assert.equal(conditionBeginnings.length, condition.mbusSilent + 4);
		for (const [n, event] of conditionBeginnings.entries()) assert.equal(event.begins, n);
		const endings = eventDefinitions.filter(({ ends }) => ends >= 0).map(({ ends }) => ends);
		assert.equal(new Set(endings).size, endings.length);
	});

	it("F111 name the M-Bus channel by their number", () => {
		for (let channel = 1; channel <= 4; channel++) {
			for (let code = 90 + 10 * channel; code < 100 + 10 * channel; code++) assert.equal(mbusChannelOf(code), channel);
			for (const first of [208, 214, 220, 246]) assert.equal(mbusChannelOf(first + channel - 1), channel);
		}
		for (const code of [99, 140, 207, 212, 213, 218, 224, 254, 255]) assert.equal(mbusChannelOf(code), 0);
	});
});

describe("event logs of the object model", () => {
	const rows = specifiedObjects.filter(({ obis }) => /^0-\d:99\.98\.\d\.255$/.test(obis!));

	it("F107 F108 F109 F111 F112 have the entries that are specified, and name their columns", () => {
		assert.equal(rows.length, eventLogTable.length);
		for (const row of rows) {
			const [, b, e] = /^0-(\d):99\.98\.(\d)/.exec(row["obis"]!)!;
			const log = b === "0" ? Number(e) : eventLog.configuration + Number(b);
			assert.equal(eventLogEntries[log], Number.parseInt(row["default"]!, 10), row["obis"]);
			const { columns } = eventLogTable[log]!;
			const text = columns.map(({ classId, logicalName, attributeIndex }) => {
				const octets = new Uint8Array(8);
				new DataView(octets.buffer).setBigUint64(0, BigInt(logicalName));
				const [a, g, c, d, last, f] = octets.subarray(2);
				return `${classId} ${a}-${g}:${c}.${d}.${last}.${f} ${attributeIndex}`;
			});
			assert.deepEqual(text.slice(0, 2), ["8 0-0:1.0.0.255 2", `1 0-${b}:96.11.${e}.255 2`]);
			const third = row["note"]!.includes("0-0:96.50.32")
				? ["1 0-0:96.50.32.255 2"]
				: row["note"]!.includes("0-0:17.0.0 attribute 3")
					? ["71 0-0:17.0.0.255 3"]
					: [];
			assert.deepEqual(text.slice(2), third);
		}
	});
});
