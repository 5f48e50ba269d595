// SPDX-License-Identifier: Apache-2.0
// At a release: node --import ./tests/ts-node.mjs tests/storage/released-records/make.ts > tests/data/records/VERSION.json

import { MemoryFlash } from "../../../hosts/simulator/storage/memory-flash.js";
import { st402d } from "../../../src/models/model.js";
import { flashLayout } from "../../../src/storage/layout.js";
import { MeterBench } from "../../events/meter-bench.js";
import type { Data } from "../../support/client/axdr.js";
import { day, everyDay, programCalendar, season, specialDay, week } from "../../support/client/calendar.js";
import type { DlmsClient } from "../../support/client/client.js";
import { data, ref } from "../../support/client/data.js";
import { encodeDateTime, fromUnix_ms } from "../../support/client/date-time.js";
import { type CaptureObject, clockColumn, encodeCaptureObject } from "../../support/client/profile.js";
import { since2000_s } from "../../support/since-2000.js";
import { memoryWith, readRecords, readValue } from "./records.js";

const {
	array,
	boolean,
	doubleLongUnsigned,
	enum: enumeration,
	integer,
	longUnsigned,
	octetString,
	structure,
	unsigned,
} = data;
const octets = (...bytes: number[]): Data => octetString(Uint8Array.from(bytes));
const energy = (c: number): CaptureObject => ({
	classId: 3,
	logicalName: `1-0:${c}.8.0.255`,
	attribute: 2,
	dataIndex: 0,
});
const columns = [clockColumn, ...[1, 2, 3].map(energy)].map(encodeCaptureObject);
const at = octetString(encodeDateTime(fromUnix_ms(Date.parse("2026-12-24T12:00:00Z"), 0, 0)));

/** Parameters that a client gives a value of his own. */
const settings: readonly (readonly [string, Data])[] = [
	["1 0-0:96.1.1.255 2", octetString("inventory")],
	["1 1-0:0.0.0.255 2", octetString("point 17")],
	["3 1-0:0.9.11.255 2", longUnsigned(17)],
	["8 0-0:1.0.0.255 7", integer(30)],
	["7 1-0:99.1.0.255 4", doubleLongUnsigned(300)],
	["7 1-0:99.2.1.255 3", array(...columns)],
	["7 0-0:98.1.0.255 3", array(...columns)],
	["5 1-0:1.4.0.255 8", doubleLongUnsigned(600)],
	["5 1-0:1.24.0.255 8", doubleLongUnsigned(30)],
	["3 0-0:96.7.20.255 2", longUnsigned(100)],
	["3 1-0:12.31.0.255 2", longUnsigned(2000)],
	["3 1-0:12.35.124.255 2", longUnsigned(700)],
	["1 0-0:97.98.11.255 2", doubleLongUnsigned(0x8000_0001)],
	["1 0-0:96.50.1.255 2", data.bitString("1100000000000000")],
	["1 0-0:96.50.2.255 2", data.bitString("0000000001000000")],
	["3 0-0:96.50.4.255 2", longUnsigned(700)],
	["1 0-0:96.50.11.255 2", structure(...[600, 700, 800, 900, 1000, 1100, 1200].map((ms) => longUnsigned(ms)))],
	["1 0-0:96.50.12.255 2", unsigned(7)],
	["1 0-0:96.50.13.255 2", unsigned(99)],
	["3 1-0:0.9.12.255 2", doubleLongUnsigned(30)],
	["71 0-0:17.0.0.255 4", doubleLongUnsigned(11_000)],
	["71 0-0:17.0.0.255 5", doubleLongUnsigned(5000)],
	["71 0-0:17.0.0.255 6", doubleLongUnsigned(61)],
	["71 0-0:17.0.0.255 7", doubleLongUnsigned(62)],
	["71 0-0:17.0.0.255 9", array(longUnsigned(3), longUnsigned(4))],
	["21 1-1:31.4.0.255 2", array(longUnsigned(5000))],
	["1 0-0:96.50.3.255 2", structure(unsigned(4), unsigned(1), boolean(false))],
	["70 0-0:96.3.10.255 4", enumeration(5)],
	["70 0-2:96.3.10.255 4", enumeration(6)],
	["11 0-0:11.0.0.255 2", array(specialDay(1, [255, 255, 12, 25, 255], 2))],
	["20 0-0:13.0.0.255 10", at],
	[
		"1 0-0:96.50.5.255 2",
		structure(enumeration(1), unsigned(0), octetString(new Uint8Array(12).fill(255)), unsigned(2)),
	],
	["22 0-0:15.0.1.255 4", array(structure(octets(9, 30, 0, 0), octets(255, 255, 255, 1, 255)))],
	["22 0-0:15.0.0.255 4", array(structure(octets(1, 0, 0, 0), octets(255, 255, 255, 2, 255)))],
	["40 0-4:25.9.0.255 3", structure(enumeration(0), octetString("10.0.0.7:4059"), enumeration(0))],
	["1 0-0:96.51.1.255 2", structure(enumeration(3), boolean(true), longUnsigned(40), unsigned(20))],
	["1 0-0:96.51.11.255 2", structure(enumeration(3), boolean(true), longUnsigned(0))],
	["3 1-0:0.3.3.255 2", doubleLongUnsigned(500)],
];

/** Beside them: what the meter has counted and done. */
const states = [
	..."1 2 3 4 5 6 7 8 9 10 15".split(" ").map((c) => `3 1-0:${c}.8.0.255 2`),
	..."1 2 3".split(" ").map((e) => `3 1-0:1.8.${e}.255 2`),
	"4 1-0:1.6.0.255 2",
	"4 1-0:1.6.0.255 5",
	"3 1-0:1.2.0.255 2",
	"1 1-0:0.1.0.255 2",
	"1 1-0:0.1.2.255 2",
	"20 0-0:13.0.0.255 2",
	"20 0-0:13.0.0.255 3",
	"20 0-0:13.0.0.255 4",
	"20 0-0:13.0.0.255 5",
	"6 0-0:14.0.1.255 3",
	"9 0-0:10.0.100.255 2",
	"1 0-0:96.14.0.255 2",
	"1 0-0:96.20.0.255 2",
	"1 0-0:96.20.1.255 2",
	"3 0-0:96.20.3.255 2",
	"1 0-0:96.50.6.255 2",
	"1 0-0:97.98.0.255 2",
	"1 0-0:97.97.0.255 2",
	"1 1-0:32.32.0.255 2",
	"3 1-0:32.33.0.255 2",
];

async function set(client: DlmsClient): Promise<void> {
	for (const [attribute, value] of settings) {
		const [classId, name, index] = attribute.split(" ");
		const answer = await client.set(ref(Number(classId), name!), Number(index), value);
		if (answer !== 0) throw new Error(`${attribute}: ${answer}`);
	}
	const scripts = ref(9, "0-0:10.0.100.255");
	await client.set(scripts, 2, await client.read(scripts, 2));
	await client.action(ref(6, "0-0:14.0.1.255"), 3, octetString("8"));
}

const begin_s = since2000_s("2026-03-10T10:00:00Z");
const flash = new MemoryFlash(flashLayout("desktop").sectorCount);
const bench = new MeterBench({ model: st402d, flash, rtc_s: begin_s });
for (const phase of [1, 2, 3] as const) bench.grid.setPhase(phase, { voltage_V: 230, current_A: 10, angle_deg: 30 });
bench.run(3);
await bench.with(async (client) => {
	await programCalendar(
		client,
		[season("s", 1, 1, "w")],
		[week("w", everyDay(1))],
		[
			day(1, [
				[0, 2],
				[682, 3],
			]),
			day(2, [[0, 1]]),
		],
	);
	await client.action(ref(20, "0-0:13.0.0.255"), 1, integer(0));
	await set(client);
});
bench.grid.setPhase(1, { voltage_V: 190 });
bench.simulated.housing.set({ meterCoverOpen: true });
bench.run(1300);
bench.simulated.housing.set({ meterCoverOpen: false });
for (const phase of [1, 2, 3] as const) bench.grid.setPhase(phase, { voltage_V: 230, current_A: 0 });
bench.run(5);
await bench.with(async (client) => {
	await client.action(ref(9, "0-0:10.0.1.255"), 1, longUnsigned(1));
	await client.action(ref(70, "0-0:96.3.10.255"), 1, integer(0));
});
bench.run(100);
const attributes = [...settings.map(([attribute]) => attribute), ...states];
const read = async (from: MeterBench): Promise<Map<string, string>> => {
	const values = new Map<string, string>();
	await from.with(async (client) => {
		for (const attribute of attributes) values.set(attribute, await readValue(client, attribute));
	});
	return values;
};
const values = await read(bench);
bench.simulated.meter.commit();
const records = readRecords(flash);
const copy = new MeterBench({ model: st402d, flash: memoryWith(records), rtc_s: begin_s + 2000, before: bench });
copy.run(3);
for (const [attribute, value] of await read(copy))
	if (values.get(attribute) !== value) console.error(`${attribute}: ${values.get(attribute)} became ${value}`);
console.log(JSON.stringify({ ...records, values: Object.fromEntries(values) }, undefined, "\t"));
