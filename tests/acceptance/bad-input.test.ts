// SPDX-License-Identifier: Apache-2.0
import assert from "node:assert/strict";
import { FaultyFlash } from "../../hosts/simulator/storage/faulty-flash.js";
import { MemoryFlash } from "../../hosts/simulator/storage/memory-flash.js";
import { st402d } from "../../src/models/model.js";
import { flashLayout } from "../../src/storage/layout.js";
import { MeterBench } from "../events/meter-bench.js";
import type { Data } from "../support/client/axdr.js";
import { asNumber, data, elementsOf, ref } from "../support/client/data.js";
import { accessBit, type ListedObject } from "../support/client/object-list.js";
import { result } from "../support/client/services.js";
import { RunningMeter } from "../support/running-meter.js";
import { since2000_s } from "../support/since-2000.js";

const octets = (...bytes: number[]) => data.octetString(Uint8Array.from(bytes));
const energy = ref(3, "1-0:1.8.0.255");
const deviceId = ref(1, "0-0:96.1.1.255");

/** Smallest and greatest number of each type. */
const extremes: { readonly [type: string]: readonly [number, number] } = {
	unsigned: [0, 0xff],
	integer: [-0x80, 0x7f],
	"long-unsigned": [0, 0xffff],
	long: [-0x8000, 0x7fff],
	"double-long-unsigned": [0, 0xffff_ffff],
	"double-long": [-0x8000_0000, 0x7fff_ffff],
	enum: [0, 0xff],
};

/** The value with one part of it at the limits of its type, for each part; strings empty, and longer than any. */
function* distorted(value: Data): Generator<Data> {
	const range = extremes[value.type];
	if (range !== undefined)
		for (const limit of range) if (limit !== value.value) yield { type: value.type, value: limit } as Data;
	if (value.type === "octet-string") {
		yield data.octetString(new Uint8Array(0));
		yield data.octetString(new Uint8Array(129).fill(0x41));
	}
	if (value.type !== "structure" && value.type !== "array") return;
	const parts = value.value as readonly Data[];
	for (const [n, part] of parts.slice(0, 12).entries())
		for (const other of distorted(part))
			yield { type: value.type, value: parts.map((kept, place) => (place === n ? other : kept)) } as Data;
}

/** What is written there means something else than "be so": a register is cleared, a group is called, entries are asked for. */
const commands: readonly string[] = [
	"0-0:97.98.0.255 2",
	"0-0:97.98.1.255 2",
	"0-0:97.98.2.255 2",
	"0-0:17.0.0.255 8",
	"0-0:17.0.1.255 8",
];

/** Clock, associations, security and links: writing them on purpose changes who may ask, and where. */
const apart: readonly number[] = [8, 15, 17, 19, 23, 40, 64];

describe("bad input", () => {
	it("G3: every parameter with every part of its value at its limits is stored as written, or refused and unchanged", async () => {
		const meter = await RunningMeter.start("ST402D", { speed: 0 });
		try {
			await meter.with("management", async (client) => {
				const wrong: string[] = [];
				let tried = 0;
				const check = async (listed: ListedObject, id: number): Promise<void> => {
					const before = await client.read(listed, id);
					const what = `${listed.logicalName} attribute ${id}`;
					for (const value of distorted(before)) {
						tried++;
						const code = await client.set(listed, id, value);
						const after = await client.read(listed, id);
						const text = JSON.stringify(value.value).slice(0, 60);
						try {
							assert.deepEqual(after, code === result.success ? value : before);
						} catch {
							wrong.push(`${what} ${text}: ${code}, then ${JSON.stringify(after.value).slice(0, 60)}`);
						}
						if (code === result.success && (await client.set(listed, id, before)) !== result.success) {
							// what cannot be had again without it, such as the entries of a buffer, is another matter
							wrong.push(`${what} ${text}: no way back`);
							return;
						}
					}
				};
				for (const listed of await client.readObjectList()) {
					if (apart.includes(listed.classId)) continue;
					for (const [id, mode] of listed.attributes)
						if (
							(mode & accessBit.write) !== 0 &&
							(mode & accessBit.read) !== 0 &&
							!commands.includes(`${listed.logicalName} ${id}`)
						)
							await check(listed, id);
				}
				assert.deepEqual(wrong, []);
				assert.ok(tried > 300, `${tried}`);
			});
		} finally {
			await meter.close();
		}
	}).timeout(120_000);

	it("F89 F94: a schedule in the past is kept and does nothing, neither at once nor after a restart", async () => {
		const bench = new MeterBench({ model: st402d, rtc_s: since2000_s(Date.UTC(2026, 2, 10, 10)) });
		bench.run(5);
		const past = data.array(data.structure(octets(9, 0, 0, 0), octets(0x07, 0xea, 3, 10, 0xff)));
		await bench.with(async (client) => {
			const of106 = octets(0, 0, 10, 0, 106, 255);
			const schedule = ref(22, "0-0:15.0.1.255");
			assert.equal(await client.set(schedule, 2, data.structure(of106, data.longUnsigned(1))), result.success);
			assert.equal(await client.set(schedule, 4, past), result.success);
			assert.equal(await client.set(ref(22, "0-0:15.0.0.255"), 4, past), result.success);
		});
		bench.run(3600);
		bench.cutPower(600);
		bench.run(60);
		await bench.with(async (client) => {
			assert.equal(asNumber(await client.read(ref(70, "0-0:96.3.10.255"), 3)), 1);
			assert.equal(asNumber(await client.read(ref(7, "0-0:98.1.0.255"), 7)), 0);
		});
	});

	it("F107 G13: a full log keeps the newest of its entries, in order, and goes on", async () => {
		const bench = new MeterBench();
		for (let n = 0; n < 255; n++) {
			bench.cutPower(600);
			bench.run(1);
		}
		bench.run(1);
		const entries = await bench.entries(0);
		assert.equal(entries.length, 500);
		assert.ok(entries.every(({ unix_s }, n) => n === 0 || unix_s >= entries[n - 1]!.unix_s));
		assert.equal(entries.at(-1)!.code, 2);
		const before_s = entries.at(-1)!.unix_s;
		bench.cutPower(600);
		bench.run(1);
		const after = await bench.entries(0);
		assert.equal(after.length, 500);
		assert.ok(after.at(-1)!.unix_s > before_s);
		assert.deepEqual(after.slice(0, 498), entries.slice(2));
	});

	it("G3 G5: flash at its end of life refuses each write in words, changes nothing, and energy goes on; nothing is told that a restart would take back", async () => {
		const flash = new FaultyFlash(new MemoryFlash(flashLayout("desktop").sectorCount), () => 0.5);
		const bench = new MeterBench({ model: st402d, flash });
		bench.grid.setPhase(1, { voltage_V: 230, current_A: 20, angle_deg: 0 });
		bench.run(120);
		const client = await bench.connect("management");
		const first_Wh = asNumber(await client.read(energy, 2));
		const before = await client.read(deviceId, 2);
		const mode = await client.read(ref(70, "0-0:96.3.10.255"), 4);
		flash.refuses = "program";
		const refused = [
			[deviceId, 2, data.octetString("new")],
			[ref(70, "0-0:96.3.10.255"), 4, data.enum(1)],
			[ref(71, "0-0:17.0.0.255"), 4, data.doubleLongUnsigned(5000)],
			[
				ref(1, "0-0:96.51.1.255"),
				2,
				data.structure(data.enum(3), data.boolean(false), data.longUnsigned(20), data.unsigned(20)),
			],
			[ref(70, "0-1:96.3.10.255"), 4, data.enum(1)],
		] as const;
		for (const [object, id, value] of refused) {
			const code = await client.set(object, id, value).catch((error: Error) => error.name);
			assert.notEqual(code, result.success, `${object.logicalName}`);
		}
		assert.notEqual(
			(await client.action(ref(70, "0-1:96.3.10.255"), 1, data.integer(0)).catch(() => ({ result: -1 }))).result,
			0,
		);
		bench.run(600);
		flash.refuses = "nothing";
		const again = await bench.connect("management", "optical");
		assert.deepEqual(await again.read(deviceId, 2), before);
		assert.deepEqual(await again.read(ref(70, "0-0:96.3.10.255"), 4), mode);
		assert.equal(asNumber(await again.read(ref(70, "0-1:96.3.10.255"), 3)), 1);
		const grown_Wh = asNumber(await again.read(energy, 2)) - first_Wh;
		assert.ok(grown_Wh > 740 && grown_Wh < 800, `${grown_Wh} Wh`);
		assert.equal((asNumber(await again.read(ref(1, "0-0:97.97.0.255"), 2)) >>> 10) & 1, 1, "memory error");
		bench.cutPower(30);
		bench.run(5);
		await bench.with(async (after) => {
			assert.ok(asNumber(await after.read(energy, 2)) >= first_Wh + grown_Wh);
			assert.deepEqual(await after.read(deviceId, 2), before);
		});
	});

	it("F130: a fraud while the memory takes nothing is in its log afterwards, with the time it began; error and event 14 tell", async () => {
		const flash = new FaultyFlash(new MemoryFlash(flashLayout("desktop").sectorCount), () => 0.5);
		const began_s = Date.UTC(2026, 2, 10, 10) / 1000 + 70;
		const rtc_s = since2000_s(Date.UTC(2026, 2, 10, 10));
		const bench = new MeterBench({ model: st402d, flash, rtc_s });
		bench.run(60);
		flash.refuses = "program";
		bench.run(10);
		bench.simulated.housing.set({ meterCoverOpen: true });
		bench.run(120);
		flash.refuses = "nothing";
		bench.run(120);
		const frauds = await bench.entries(1);
		assert.deepEqual(
			frauds.map(({ code }) => code),
			[44],
		);
		assert.ok(Math.abs(frauds[0]!.unix_s - began_s) <= 2, `${frauds[0]!.unix_s - began_s} s`);
		assert.ok((await bench.codes(0)).includes(14));
		assert.equal(((await bench.read("0-0:97.97.0")) >>> 10) & 1, 1);
		bench.cutPower(30);
		bench.run(3);
		assert.deepEqual(await bench.entries(1), frauds);
	});

	it("G3 G4: two clients that write the same parameter at the same time leave what one of them wrote, whole, and both are logged", async () => {
		const bench = new MeterBench({ model: st402d });
		bench.run(2);
		const calendar = ref(20, "0-0:13.0.0.255");
		const days = (script: number) =>
			data.array(
				...Array.from({ length: 24 }, (_, day) =>
					data.structure(
						data.unsigned(day + 1),
						data.array(
							...Array.from({ length: 12 }, (__, n) =>
								data.structure(octets(n, script, 0, 0), octets(0, 0, 10, 0, 100, 255), data.longUnsigned(script)),
							),
						),
					),
				),
			);
		const one = await bench.connect("management");
		const other = await bench.connect("management", "optical");
		const wanted = [days(1), days(2)];
		for (let round = 0; round < 3; round++) {
			const codes = await Promise.all([one.set(calendar, 9, wanted[0]!), other.set(calendar, 9, wanted[1]!)]);
			assert.ok(codes.includes(result.success), `${codes}`);
			const left = await one.read(calendar, 9);
			const winner = wanted.findIndex((value) => JSON.stringify(value) === JSON.stringify(left));
			assert.ok(winner >= 0, "a mixture");
			assert.equal(codes[winner], result.success);
		}
		const limit = ref(71, "0-0:17.0.0.255");
		const [first, second] = await Promise.all([
			one.set(limit, 4, data.doubleLongUnsigned(4000)),
			other.set(limit, 4, data.doubleLongUnsigned(3000)),
		]);
		assert.deepEqual([first, second], [result.success, result.success]);
		assert.ok([3000, 4000].includes(asNumber(await one.read(limit, 3))));
		const { rows } = await one.readProfile("0-0:99.98.2.255");
		assert.deepEqual(
			rows.map((row) => asNumber(row[1]!)),
			[67, 67],
		);
	});

	it("F138: a script that sets a limit while a client does: the later one counts, and both are events", async () => {
		const meter = await RunningMeter.start("ST402D", { speed: 0 });
		try {
			meter.simulator.pacer.step(2000);
			await meter.with("management", async (client) => {
				const limit = ref(71, "0-0:17.0.0.255");
				const table = ref(9, "0-0:10.0.103.255");
				const action = data.structure(
					data.enum(1),
					data.longUnsigned(71),
					octets(0, 0, 17, 0, 0, 255),
					data.integer(4),
					data.doubleLongUnsigned(2000),
				);
				const script = data.structure(data.longUnsigned(1), data.array(action));
				assert.equal(await client.set(table, 2, data.array(script)), result.success);
				assert.equal(await client.set(limit, 4, data.doubleLongUnsigned(5000)), result.success);
				assert.equal(await client.set(limit, 5, data.doubleLongUnsigned(4000)), result.success);
				assert.equal((await client.action(table, 1, data.longUnsigned(1))).result, result.success);
				assert.equal(asNumber(await client.read(limit, 4)), 2000);
				assert.equal(asNumber(await client.read(limit, 5)), 4000, "kept; the lower of the two is in force (F141)");
				assert.equal(await client.set(limit, 4, data.doubleLongUnsigned(6000)), result.success);
				assert.equal(asNumber(await client.read(limit, 4)), 6000);
				const log = elementsOf(await client.read(ref(7, "0-0:99.98.2.255"), 2));
				assert.equal(log.filter((row) => asNumber(elementsOf(row)[1]!) === 67).length, 4);
			});
		} finally {
			await meter.close();
		}
	});
});
