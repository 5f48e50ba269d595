// SPDX-License-Identifier: Apache-2.0
import assert from "node:assert/strict";
import { Ade9000Model } from "../../hosts/simulator/afe/ade9000/ade9000-model.js";
import { FaultyFlash } from "../../hosts/simulator/storage/faulty-flash.js";
import { MemoryFlash } from "../../hosts/simulator/storage/memory-flash.js";
import { eventLog } from "../../src/events/event-sink.js";
import { flashLayout } from "../../src/storage/layout.js";
import { seededRandom } from "../storage/random.js";
import { DlmsClient } from "../support/client/client.js";
import { asNumber, asOctets, data, elementsOf, ref } from "../support/client/data.js";
import { encodeDateTime, fromUnix_ms } from "../support/client/date-time.js";
import { byEntry, byRange, clockColumn } from "../support/client/profile.js";
import { clientSap, testSecurity } from "../support/client/test-client.js";
import { fullyLogged, MeterBench, readEntries } from "./meter-bench.js";

const standardLog = ref(7, "0-0:99.98.0.255");
const clock = ref(8, "0-0:1.0.0.255");
const deviceId = (n: number) => ref(1, `0-0:96.1.${n}.255`);
const success = 0;
const refused = 3;
const otherReason = 250;

const unixOf2000_s = Date.UTC(2000, 0, 1) / 1000;

function clockValue(utc_s: number) {
	return data.octetString(encodeDateTime(fromUnix_ms((utc_s + unixOf2000_s) * 1000, -60, 0)));
}

describe("event logs of a meter", () => {
	it("F107 G5 F113 standard log: power, clock, parameters, profile and errors in the order of occurrence, over hard cuts", async () => {
		const bench = new MeterBench();
		bench.run(600);
		bench.cutPower(3600);
		const start_s = bench.simulated.meter.application.clock.utc_s();
		await bench.with(async (client) => {
			assert.equal(await client.set(clock, 2, clockValue(start_s + 1000)), success);
			assert.equal(await client.set(deviceId(1), 2, data.octetString("north")), success);
			assert.equal((await client.action(ref(7, "1-0:99.1.0.255"), 1, data.integer(0))).result, success);
			assert.equal(await client.set(ref(1, "0-0:97.97.0.255"), 2, data.doubleLongUnsigned(0)), success);
			assert.equal(await client.set(ref(1, "0-0:97.98.0.255"), 2, data.doubleLongUnsigned(0)), success);
		});
		const wanted = [2, 1, 2, 4, 5, 47, 254, 10, 11];
		const entries = await bench.entries(0);
		assert.deepEqual(
			entries.map(({ code }) => code),
			wanted,
		);
		const [first, down, up, from, to] = entries.map(({ unix_s }) => unix_s);
		assert.equal(first, 820_000_000 + unixOf2000_s);
		assert.ok(down! > first! + 540 && down! <= first! + 600, "dated to the minute");
		assert.equal(up, first! + 4200);
		assert.equal(from, start_s + unixOf2000_s);
		assert.equal(to, from! + 1000);
		// stamps are local time with their own deviation (G6): winter of central Europe in December 2025
		assert.equal(entries[0]!.stamp.deviation, -60);
		assert.equal(entries[0]!.stamp.status, 0);
		bench.cutPower(5);
		assert.deepEqual(await bench.codes(0), [...wanted, 1, 2]);
		assert.equal(await bench.read("0-0:96.11.0"), 2);
		assert.equal(await bench.read("0-0:96.15.0"), wanted.length + 2);
	});

	it("F107 daylight saving, a clock without time, a front end and a memory that fail", async () => {
		const flash = new FaultyFlash(new MemoryFlash(flashLayout("desktop").sectorCount), seededRandom(3));
		const beforeSummer_s = Date.UTC(2026, 2, 29, 0, 59, 0) / 1000 - unixOf2000_s;
		const bench = new MeterBench({ flash, rtc_s: beforeSummer_s });
		bench.run(120);
		const { frontEnd } = bench.simulated;
		assert.ok(frontEnd instanceof Ade9000Model);
		frontEnd.setFaults({ deadMiso: 1 });
		bench.run(60);
		assert.equal(await bench.read("0-0:97.97.0"), 1 << 11);
		frontEnd.setFaults({});
		bench.run(60);
		assert.equal(await bench.read("0-0:97.97.0"), 0, "the cause is gone");
		flash.refuses = "program";
		bench.run(200);
		flash.refuses = "nothing";
		bench.run(120);
		assert.equal(await bench.read("0-0:97.97.0"), 1 << 10);
		assert.deepEqual(await bench.codes(0), [2, 3, 16, 14]);
		const lost = new MeterBench({ rtc_s: undefined });
		lost.run(10);
		assert.deepEqual(await lost.codes(0), [2, 6]);
		assert.equal((await lost.entries(0))[1]!.stamp.status & 1, 1);
		assert.equal(await lost.read("0-0:97.98.0"), 1);
		await lost.with((client) => client.set(clock, 2, clockValue(beforeSummer_s)));
		assert.equal(await lost.read("0-0:97.98.0"), 0);
		assert.equal(await lost.read("0-0:97.97.0"), 0);
	});

	it("G4 each request that changes parameters leaves one event 47 and counts its changes; one that changes none leaves nothing", async () => {
		const bench = new MeterBench();
		bench.run(10);
		const changes = () => bench.read("0-0:96.2.0");
		const before = await changes();
		await bench.with(async (client) => {
			const list = [1, 2, 3, 4].map((n) => ({ ref: deviceId(n), attribute: 2 }));
			const values = list.map(({ ref: { logicalName } }) => data.octetString(logicalName));
			assert.deepEqual(await client.setMany(list, values), [success, success, success, success]);
			assert.equal((await readEntries(client, 0)).length, 2);
			for (const [object, attribute, value] of [
				[clock, 3, data.long(-120)],
				[clock, 7, data.integer(30)],
				[clock, 8, data.boolean(false)],
				[ref(3, "1-0:0.9.11.255"), 2, data.longUnsigned(5)],
				[ref(7, "1-0:99.1.0.255"), 4, data.doubleLongUnsigned(300)],
				[ref(1, "0-0:97.98.11.255"), 2, data.doubleLongUnsigned(7)],
			] as const)
				assert.equal(await client.set(object, attribute, value), success);
			for (const [object, attribute, value] of [
				[clock, 3, data.long(1000)],
				[clock, 3, data.unsigned(1)],
				[deviceId(5), 2, data.octetString("x")],
				[ref(1, "0-0:96.1.9.255"), 2, data.octetString("x")],
			] as const)
				assert.notEqual(await client.set(object, attribute, value), success);
		});
		// the change of the profile's period clears it
		assert.deepEqual(await bench.codes(0), [2, 47, 47, 47, 47, 47, 254, 47, 47]);
		assert.equal(await changes(), before + 4 + 6);
		const log8 = await bench.entries(8);
		assert.ok(log8.every(({ code }) => code === 47));
		// TCP, client 1, class 8, 0-0:1.0.0.255, attribute 3
		assert.equal(log8[1]!.third, "010100080000010000ff03");
	});

	it("F108 SEC-log fraud and security log: replay and refused access with port, client and object", async () => {
		const bench = new MeterBench();
		bench.run(10);
		const replayed = await bench.connect("management");
		bench.security(1).counter.next -= 1;
		await assert.rejects(replayed.read(clock, 2));
		bench.security(1).counter.next += 5;
		await replayed.close();
		const technician = await bench.connect("technician", "optical");
		assert.equal(await technician.set(deviceId(1), 2, data.octetString("x")), refused);
		await technician.close();
		assert.deepEqual(await bench.codes(1), [50]);
		const entries = await bench.entries(7);
		assert.deepEqual(
			entries.map(({ code, third }) => [code, third]),
			[
				[50, "0101"],
				// optical port, client 3, class 1, 0-0:96.1.1.255, attribute 2
				[242, "020300010000600101ff02"],
			],
		);
		assert.equal(await bench.read("0-0:97.98.0"), 1 << 13);
		assert.equal(await bench.read("0-0:96.11.7"), 242);
	});

	it("F108 SEC-lock the third wrong secret in a row leaves event 46 with port and client, in both logs", async () => {
		const bench = new MeterBench();
		bench.run(10);
		for (let n = 0; n < 3; n++) {
			const line = bench.duplex("optical");
			const security = testSecurity({ unicastKey: new Uint8Array(16).fill(n + 1), first: 1000 + n });
			const client = DlmsClient.overWrapper(line, { clientSap: clientSap.technician, security });
			await assert.rejects(client.associate());
			await line.close();
		}
		assert.deepEqual(await bench.codes(1), [46]);
		assert.deepEqual(
			(await bench.entries(7)).map(({ code, third }) => [code, third]),
			[[46, "0203"]],
		);
	});

	it("SEC-log session log: begin and end of each association, remote or local, with port and client", async () => {
		const bench = new MeterBench();
		bench.run(10);
		const first = await bench.connect("public", "optical");
		const second = await bench.connect("management");
		await first.close();
		bench.run(5);
		await second.association.link.close(); // the line breaks
		const last = await bench.connect("reader", "rs485");
		const entries = await bench.entries(6);
		assert.deepEqual(
			entries.map(({ code, third }) => [code, third]),
			[
				[28, "0210"],
				[26, "0101"],
				[29, "0210"],
				[27, "0101"],
				[28, "0302"],
				[26, "0101"],
			],
		);
		await last.close();
		const context = await bench.with(async (client) => asOctets(await client.read(ref(1, "0-0:96.50.32.255"), 2)));
		assert.equal(Buffer.from(context).toString("hex"), "0101", "the last event is the reader's own session");
	});

	it("F109 F111 F112 disconnector, M-Bus and power quality logs exist with their option, each with its own events", async () => {
		const bench = new MeterBench({ model: fullyLogged });
		bench.run(10);
		const { events } = bench.simulated.meter.application;
		events.limiterThreshold = () => 4600;
		for (const code of [62, 63, 65, 64, 68]) events.event(eventLog.disconnector, code);
		for (let code = 110; code <= 117; code++) events.event(eventLog.mbus, code);
		events.event(eventLog.mbus, 100);
		for (const code of [77, 86, 90, 230, 242]) events.event(eventLog.powerQuality, code);
		assert.deepEqual(
			(await bench.entries(2)).map(({ code, third }) => [code, third]),
			[62, 63, 65, 64, 68].map((code) => [code, 4600]),
		);
		assert.deepEqual(await bench.codes(3), [110, 111, 112, 113, 114, 115, 116, 117, 100]);
		assert.deepEqual(await bench.codes(3, 2), [110, 111, 112, 113, 114, 115, 116, 117]);
		assert.deepEqual(await bench.codes(3, 1), [100]);
		assert.deepEqual(await bench.codes(3, 3), []);
		assert.deepEqual(await bench.codes(3, 4), []);
		assert.deepEqual(await bench.codes(4), [77, 86, 90, 230, 242]);
		for (const [name, code] of [
			["0-0:96.11.2", 68],
			["0-0:96.11.3", 100],
			["0-2:96.11.3", 117],
			["0-0:96.11.4", 242],
			["0-0:96.15.2", 5],
			["0-0:96.15.3", 9],
			["0-0:96.15.4", 5],
			["0-0:96.15.9", 0],
		] as const)
			assert.equal(await bench.read(name), code, name);
	});

	it("F113 only management clears, leaving 255; fraud and security log stay, for a reader all do", async () => {
		const bench = new MeterBench();
		bench.run(10);
		await bench.with(async (client) => {
			for (const e of [0, 5, 6, 8]) {
				assert.equal((await client.action(ref(7, `0-0:99.98.${e}.255`), 1, data.integer(0))).result, success);
				const [first, ...others] = await readEntries(client, e);
				assert.equal(first!.code, 255);
				assert.equal(others.length, 0);
			}
			for (const e of [1, 7])
				assert.equal((await client.action(ref(7, `0-0:99.98.${e}.255`), 1, data.integer(0))).result, refused);
			assert.equal(await client.set(standardLog, 2, data.array()), refused);
			assert.equal(await client.set(standardLog, 8, data.doubleLongUnsigned(10)), refused);
			assert.equal((await client.action(standardLog, 2, data.integer(0))).result, refused);
		});
		for (const name of ["reader", "technician"] as const) {
			const client = await bench.connect(name, "optical");
			for (const e of [0, 1, 6])
				assert.equal((await client.action(ref(7, `0-0:99.98.${e}.255`), 1, data.integer(0))).result, refused);
			await client.close();
		}
		bench.cutPower(10);
		const [cleared, down, up] = await bench.codes(0);
		assert.deepEqual([cleared, down, up], [255, 1, 2]);
	});

	it("F104 F113 entries are selected by time, by number and by column, over a clock that was set back", async () => {
		const bench = new MeterBench();
		bench.run(3600);
		const utc_s = () => bench.simulated.meter.application.clock.utc_s();
		await bench.with(async (client) => {
			const base_s = utc_s();
			const setClock = (to_s: number) => client.set(clock, 2, clockValue(to_s));
			for (let n = 0; n < 3; n++) {
				await client.set(deviceId(1), 2, data.octetString(`${n}`));
				bench.run(600);
			}
			await setClock(base_s);
			bench.run(300);
			await client.set(deviceId(1), 2, data.octetString("again"));
			const all = await readEntries(client, 0);
			assert.deepEqual(
				all.map(({ code }) => code),
				[2, 47, 47, 47, 4, 5, 47],
			);
			const from = base_s + 100 + unixOf2000_s;
			const to = base_s + 700 + unixOf2000_s;
			const range = await readEntries(
				client,
				0,
				0,
				byRange(fromUnix_ms(from * 1000, -60, 0), fromUnix_ms(to * 1000, -60, 0)),
			);
			assert.deepEqual(
				range,
				all.filter(({ unix_s }) => unix_s >= from && unix_s <= to),
			);
			assert.deepEqual(
				range.map(({ code }) => code),
				[47, 47],
			);
			assert.deepEqual(await readEntries(client, 0, 0, byEntry(5, 6)), all.slice(4, 6));
			const codesOnly = elementsOf(await client.read(standardLog, 2, byEntry(2, 4, 2, 2)));
			assert.deepEqual(
				codesOnly.map((row) => elementsOf(row).map(asNumber)),
				[[47], [47], [47]],
			);
			const eventColumn = { classId: 1, logicalName: "0-0:96.11.0.255", attribute: 2, dataIndex: 0 };
			const begin = fromUnix_ms(0, -60, 0);
			const wide = byRange({ ...begin, year: 2000 }, { ...begin, year: 2099 }, [eventColumn]);
			assert.equal(elementsOf(await client.read(standardLog, 2, wide)).length, all.length);
			const { columns } = await client.readProfile("0-0:99.98.7.255");
			assert.deepEqual(columns, [
				clockColumn,
				{ ...eventColumn, logicalName: "0-0:96.11.7.255" },
				{ ...eventColumn, logicalName: "0-0:96.50.32.255" },
			]);
			assert.equal(asNumber(await client.read(standardLog, 4)), 0);
			assert.equal(asNumber(await client.read(standardLog, 7)), all.length);
			assert.equal(asNumber(await client.read(standardLog, 8)), 500);
		});
	});

	it("F114 events raise alarm bits, filters choose those of the descriptors, clients clear and set none", async () => {
		const bench = new MeterBench();
		bench.run(10);
		bench.cutPower(5);
		await bench.with(async (client) => {
			const alarm = (d: number) => ref(1, `0-0:97.98.${d}.255`);
			const read = async (d: number) => asNumber(await client.read(alarm(d), 2));
			const write = (d: number, value: number) => client.set(alarm(d), 2, data.doubleLongUnsigned(value));
			assert.deepEqual([await read(0), await read(1), await read(2)], [0, 3, 0]);
			assert.deepEqual([await read(20), await read(21)], [0, 0], "filter 2 is closed as delivered");
			assert.equal(await write(11, 2), success);
			assert.equal(await write(1, 0xff), otherReason);
			assert.equal(await write(1, 4), otherReason);
			assert.equal(await read(1), 3);
			assert.equal(await write(1, 1), success);
			assert.equal(await read(1), 1);
			assert.equal(await write(1, 0), success);
			assert.equal(await write(21, 2), otherReason);
		});
		bench.cutPower(5);
		await bench.with(async (client) => {
			const read = async (d: number) => asNumber(await client.read(ref(1, `0-0:97.98.${d}.255`), 2));
			assert.deepEqual([await read(1), await read(21), await read(11)], [3, 2, 2]);
			assert.equal(await client.set(ref(1, "0-0:97.98.21.255"), 2, data.doubleLongUnsigned(0)), success);
			assert.equal(await read(21), 0);
			assert.equal(await client.set(ref(1, "0-0:97.97.0.255"), 2, data.doubleLongUnsigned(1)), otherReason);
			assert.equal(await client.set(ref(1, "0-0:97.98.1.255"), 2, data.longUnsigned(0)), 12, "wrong type");
		});
		assert.deepEqual(await bench.codes(0), [2, 1, 2, 47, 11, 11, 1, 2]);
		const technician = await bench.connect("technician", "optical");
		assert.equal(await technician.set(ref(1, "0-0:97.98.1.255"), 2, data.doubleLongUnsigned(0)), refused);
		await technician.close();
	});

	it("enable masks: one for each log of the meter; a client hides an event, and neither 47 nor 255", async () => {
		const bench = new MeterBench();
		bench.run(10);
		await bench.with(async (client) => {
			const masks = ref(1, "0-0:96.50.30.255");
			const read = async () =>
				elementsOf(await client.read(masks, 2)).map((row) => {
					const [log, bits] = elementsOf(row, 2);
					return [asNumber(log!), bits!.value] as const;
				});
			const open = "1".repeat(256);
			assert.deepEqual(
				await read(),
				[0, 1, 5, 6, 7, 8].map((log) => [log, open]),
			);
			const without = (code: number) => `${open.slice(0, code)}0${open.slice(code + 1)}`;
			const set = (...rows: [number, string][]) =>
				client.set(
					masks,
					2,
					data.array(...rows.map(([log, bits]) => data.structure(data.unsigned(log), data.bitString(bits)))),
				);
			assert.equal(await set([0, without(10)]), success);
			assert.deepEqual((await read())[0], [0, without(10)]);
			assert.deepEqual((await read())[1], [1, open]);
			assert.equal(await client.set(ref(1, "0-0:97.97.0.255"), 2, data.doubleLongUnsigned(0)), success);
			assert.equal(await set([0, without(47)]), otherReason);
			assert.equal(await set([6, without(255)]), otherReason);
			assert.equal(await set([4, open]), otherReason, "no such log");
			assert.equal(await set([9, open]), otherReason);
			assert.equal(await set([5, open], [5, open]), otherReason);
			assert.equal(await set([5, open.slice(1)]), 12);
			assert.deepEqual((await read())[0], [0, without(10)]);
		});
		bench.cutPower(5);
		await bench.with((client) => client.set(ref(1, "0-0:97.97.0.255"), 2, data.doubleLongUnsigned(0)));
		assert.deepEqual(await bench.codes(0), [2, 47, 1, 2]);
	});
});
