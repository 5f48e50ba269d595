// SPDX-License-Identifier: Apache-2.0
import assert from "node:assert/strict";
import { st402d } from "../../src/models/model.js";
import { MeterBench } from "../events/meter-bench.js";
import type { Data } from "../support/client/axdr.js";
import { asNumber, data, elementsOf, encodeLogicalName, ref } from "../support/client/data.js";
import { result } from "../support/client/services.js";

const schedule = ref(10, "0-0:12.0.0.255");
const relays = "0-0:10.0.103.255";
const epoch_s = Date.UTC(2000, 0, 1) / 1000;
const everyDay = "1111111";
const anyDate = [0xff, 0xff, 0xff, 0xff, 0xff];

interface Wanted {
	script: number;
	/** Local time. */
	at: string;
	isEnabled?: boolean;
	window_min?: number;
	weekdays?: string;
	days?: string;
	begin?: number[];
	end?: number[];
	table?: string;
}

function entry(index: number, wanted: Wanted): Data {
	const { script, at, isEnabled = true, window_min = 0, weekdays = everyDay, days = "", table = relays } = wanted;
	return data.structure(
		data.longUnsigned(index),
		data.boolean(isEnabled),
		data.octetString(encodeLogicalName(table)),
		data.longUnsigned(script),
		data.octetString(Uint8Array.from([...at.split(":").map(Number), 0, 0].slice(0, 4))),
		data.longUnsigned(window_min),
		data.bitString(weekdays),
		data.bitString(days),
		data.octetString(Uint8Array.from(wanted.begin ?? anyDate)),
		data.octetString(Uint8Array.from(wanted.end ?? anyDate)),
	);
}

describe("schedule 0-0:12.0.0, from outside", () => {
	let bench: MeterBench;

	/** @param time UTC; local time is an hour ahead in winter */
	function start(time = "2026-03-09T10:00:00Z"): void {
		bench = new MeterBench({ model: st402d, rtc_s: Date.parse(time) / 1000 - epoch_s });
		bench.run(15);
	}

	const set = (...entries: Data[]): Promise<number> =>
		bench.with((client) => client.set(schedule, 2, data.array(...entries)));
	const act = (method: number, parameter: Data): Promise<number> =>
		bench.with(async (client) => (await client.action(schedule, method, parameter)).result);
	const isOn = (relay = 1) => bench.simulated.io!.state().relays[relay - 1]!.isClosed;
	const entries = () => bench.with((client) => client.read(schedule, 2));
	const minute_s = 60;
	const hour_s = 3600;
	const day_s = 86_400;

	it("runs each enabled entry at its time of day, and comes back as it was written", async () => {
		start("2026-03-09T10:04:30Z");
		const written = [
			entry(3, { script: 1, at: "11:05:00" }),
			entry(7, { script: 2, at: "11:10:00", days: "101", window_min: 5 }),
			entry(9, { script: 3, at: "11:05:00", isEnabled: false }),
		];
		assert.equal(await set(...written), result.success);
		assert.deepEqual(await entries(), data.array(...written));
		assert.ok(isOn());
		bench.run(20);
		assert.deepEqual([isOn(1), isOn(2)], [false, true]);
		bench.run(5 * minute_s);
		assert.ok(isOn());
		bench.cutPower(day_s - 7 * minute_s);
		bench.run(3 * minute_s);
		assert.ok(!isOn(), "the next day too");
	});

	it("keeps to weekdays, first and last day, and on a special day to its day_id", async () => {
		start("2026-03-09T10:59:30Z"); // a Monday
		const special = data.structure(
			data.longUnsigned(1),
			data.octetString(Uint8Array.of(0xff, 0xff, 3, 11, 0xff)),
			data.unsigned(2),
		);
		await bench.with((client) => client.set(ref(11, "0-0:11.0.0.255"), 2, data.array(special)));
		const tuesday = "0100000";
		const none = "0000000";
		const first = [0x07, 0xea, 3, 12, 0xff];
		assert.equal(
			await set(
				entry(1, { script: 1, at: "12:00:00", weekdays: tuesday }),
				entry(2, { script: 3, at: "12:00:00", weekdays: none, days: "001" }),
				entry(3, { script: 5, at: "12:00:00", begin: first, end: first }),
			),
			result.success,
		);
		const off: string[] = [];
		for (let day = 9; day <= 13; day++) {
			bench.run(minute_s);
			off.push([1, 2, 3].filter((relay) => !isOn(relay)).join());
			bench.cutPower(day_s - 2 * minute_s);
			bench.run(minute_s);
		}
		assert.deepEqual(off, ["", "1", "1,2", "1,2,3", "1,2,3"]);
	});

	it("makes up for what a power failure left out while its validity window lasts, once", async () => {
		start();
		const table = "0-0:10.0.1.255";
		assert.equal(
			await set(
				entry(1, { table, at: "11:30:00", window_min: 20, script: 1 }),
				entry(2, { table, at: "11:30:00", window_min: 60, script: 2 }),
				entry(3, { table, at: "11:20:00", window_min: 0xffff, script: 2, weekdays: "0111111" }),
			),
			result.success,
		);
		const counts = async () => [await bench.read("1-0:0.1.0"), await bench.read("1-0:0.1.3")];
		const before = await counts();
		bench.cutPower(hour_s + 15 * minute_s);
		bench.run(15);
		assert.deepEqual(await counts(), [before[0], before[1]! + 1], "45 minutes late; not on a Monday");
		bench.cutPower(minute_s);
		bench.run(15);
		assert.deepEqual(await counts(), [before[0], before[1]! + 1], "not twice");
		bench.cutPower(day_s - minute_s);
		bench.run(15);
		assert.deepEqual(await counts(), [before[0], before[1]! + 3], "both, a day later");
	});

	it("runs again what it has run when the clock is set back by more than a day, and not for less", async () => {
		start("2026-03-09T10:04:30Z");
		assert.equal(await set(entry(1, { script: 1, at: "11:05:00", weekdays: "1000000" })), result.success);
		const close = () => bench.with((client) => client.action(ref(9, relays), 1, data.longUnsigned(2)));
		const setTo = (day: number, hour: number) =>
			bench.with((client) => {
				const octets = Uint8Array.of(0x07, 0xea, 3, day, 0xff, hour, 0, 0, 0xff, 0x80, 0, 0xff);
				return client.set(ref(8, "0-0:1.0.0.255"), 2, data.octetString(octets));
			});
		bench.run(minute_s);
		assert.ok(!isOn());
		assert.equal((await close()).result, result.success);
		assert.equal(await setTo(9, 10), result.success);
		bench.run(hour_s + 10 * minute_s);
		assert.ok(isOn(), "an hour back");
		bench.run(23 * hour_s);
		assert.equal(await setTo(9, 10), result.success);
		bench.run(hour_s + 10 * minute_s);
		assert.ok(!isOn(), "a day back");
	});

	it("F45 runs nothing while the time is lost, and makes up for nothing of it", async () => {
		start();
		await set(entry(1, { script: 1, at: "11:30:00", window_min: 0xffff }));
		bench.simulated.rtc.change({ isStopped: true });
		bench.run(2 * hour_s);
		assert.ok(isOn());
		bench.simulated.rtc.change({ isStopped: false });
		const time = await bench.with((client) => client.read(ref(8, "0-0:1.0.0.255"), 2));
		assert.equal(await bench.with((client) => client.set(ref(8, "0-0:1.0.0.255"), 2, time)), result.success);
		bench.run(minute_s);
		assert.ok(isOn());
	});

	it("inserts, replaces, deletes, disables and enables by index", async () => {
		start();
		const indexes = async () =>
			elementsOf(await entries()).map((found) => {
				const [index, isEnabled] = elementsOf(found, 10);
				return `${asNumber(index!)}${isEnabled!.value === true ? "+" : "-"}`;
			});
		for (const index of [5, 2, 9]) assert.equal(await act(2, entry(index, { script: 1, at: "3:0:0" })), result.success);
		assert.deepEqual(await indexes(), ["2+", "5+", "9+"]);
		assert.equal(await act(2, entry(5, { script: 2, at: "4:0:0" })), result.success);
		const range = (...values: number[]) => data.structure(...values.map((value) => data.longUnsigned(value)));
		assert.equal(await act(1, range(1, 9, 9, 9)), result.success);
		assert.deepEqual(await indexes(), ["2-", "5-", "9+"]);
		assert.equal(await act(3, range(3, 8)), result.success);
		assert.deepEqual(await indexes(), ["2-", "9+"]);
		assert.equal(await act(3, range(3, 8)), result.otherReason);
		assert.equal(await act(1, range(9, 1, 1, 1)), result.otherReason);
		assert.deepEqual(await indexes(), ["2-", "9+"]);
	});

	it("G3 refuses what can not be, all of it, and keeps what was; an event 47 for each change", async () => {
		start();
		const good = entry(1, { script: 1, at: "3:0:0" });
		assert.equal(await set(good), result.success);
		const wrong: Wanted[] = [
			{ script: 1, at: "24:0:0" },
			{ script: 1, at: "255:0:0" },
			{ script: 99, at: "3:0:0" },
			{ script: 1, at: "3:0:0", table: "0-0:1.0.0.255" },
			{ script: 1, at: "3:0:0", begin: [0x07, 0xea, 13, 1, 0xff] },
			{ script: 1, at: "3:0:0", end: [0x07, 0xea, 0xff, 1, 0xff] },
		];
		for (const one of wrong) assert.equal(await set(good, entry(2, one)), result.otherReason, JSON.stringify(one));
		assert.equal(await set(good, good), result.otherReason, "an index twice");
		assert.equal(await set(entry(0, { script: 1, at: "3:0:0" })), result.otherReason);
		const many = Array.from({ length: 17 }, (_, n) => entry(n + 1, { script: 1, at: "3:0:0" }));
		assert.equal(await set(...many), result.otherReason);
		assert.equal(await set(...many.slice(1)), result.success);
		assert.equal(await act(2, entry(1, { script: 1, at: "3:0:0" })), result.otherReason, "full");
		assert.equal(await set(entry(1, { script: 1, at: "3:0:0", weekdays: "11" })), result.typeUnmatched);
		assert.equal(elementsOf(await entries()).length, 16);
		assert.equal((await bench.codes(0)).filter((code) => code === 47).length, 2);
	});
});
