// SPDX-License-Identifier: Apache-2.0
import assert from "node:assert/strict";
import { DeviceError } from "../../src/core/device-error.js";
import { channelLog, eventLogTable } from "../../src/events/event-log-table.js";
import { eventLog } from "../../src/events/event-sink.js";
import { optionBit } from "../../src/models/model.js";
import { ProfileRow } from "../../src/profile/profile-row.js";
import { RowRange } from "../../src/profile/row-range.js";
import { eventLogEntries } from "../../src/storage/layout.js";
import { since2000_s as utc } from "../support/since-2000.js";
import { EventBench } from "./bench.js";

const { standard, fraud, disconnector, mbus, powerQuality, session, security, configuration } = eventLog;

describe("event logs", () => {
	it("F107 keep the order of occurrence, also within one second, with local time, deviation and status (G6)", () => {
		const bench = new EventBench("2024-06-01T10:00Z");
		for (const code of [9, 19, 99, 56, 9]) bench.logs.event(standard, code);
		bench.run(1);
		bench.logs.event(standard, 21);
		assert.deepEqual(bench.codes(standard), [9, 19, 99, 56, 9, 21]);
		const [first] = bench.entries(standard);
		// 2024-06-01, a Saturday, 12:00:00 summer time: -120 minutes, bit 7
		assert.equal(first!.stamp, "090c07e80601060c000000ff8880");
		assert.equal(first!.utc_s, utc("2024-06-01T10:00Z"));
		bench.clock.isValid = false;
		bench.clock.setUtc_s(utc("2024-12-01T10:00Z"));
		bench.logs.event(standard, 6);
		assert.equal(bench.entries(standard).at(-1)!.stamp, "090c07e80c01070b000000ffc401");
	});

	it("F107 F108 F109 F111 F112 G13 keep the stated number of entries, the newest of them, over a restart", () => {
		const bench = new EventBench();
		for (const log of [standard, fraud, disconnector, powerQuality, mbus, channelLog(2)]) {
			const entries = eventLogEntries[log]!;
			const wanted: number[] = [];
			const codes = { 0: [9, 19, 56], 1: [40, 41, 42], 2: [60, 61, 62], 3: [110, 111, 112], 4: [76, 77, 78] }[log] ?? [
				110,
			];
			// at a pace at which nothing is compressed
			for (let n = 0; n < entries + 130; n++) {
				const code = codes[n % codes.length]!;
				bench.logs.event(log > configuration ? mbus : log, code);
				wanted.push(code);
				bench.run(301);
				if (n % 97 === 0) bench.restart();
			}
			assert.deepEqual(bench.codes(log), wanted.slice(-entries), `log ${log}`);
			assert.equal(bench.buffer(log).entriesInUse, entries);
			assert.equal(bench.buffer(log).profileEntries, entries);
			assert.ok(entries >= 256 || log > configuration);
		}
	});

	it("write an event of several logs to each of them, and of an M-Bus channel to its own log and no other's (F111)", () => {
		const bench = new EventBench();
		bench.logs.event(standard, 48);
		bench.logs.event(fraud, 50);
		bench.logs.event(fraud, 89);
		assert.deepEqual(bench.codes(standard), [48, 89]);
		assert.deepEqual(bench.codes(fraud), [50, 89]);
		assert.deepEqual(bench.codes(security), [48, 50]);
		for (let code = 110; code <= 117; code++) bench.logs.event(mbus, code);
		bench.logs.event(mbus, 223);
		assert.deepEqual(bench.codes(channelLog(2)), [110, 111, 112, 113, 114, 115, 116, 117]);
		assert.deepEqual(bench.codes(channelLog(4)), [223]);
		assert.deepEqual(bench.codes(channelLog(1)), []);
		assert.deepEqual(bench.codes(channelLog(3)), []);
		const merged = bench.entries(mbus);
		assert.deepEqual(
			merged.map(({ code }) => code),
			[110, 111, 112, 113, 114, 115, 116, 117, 223],
		);
		assert.deepEqual(bench.entries(channelLog(2))[3], merged[3]);
	});

	it("F107 write an event that they do not know as 253, and drop none", () => {
		const bench = new EventBench();
		bench.logs.event(standard, 200);
		bench.logs.event(disconnector, 47);
		assert.deepEqual(bench.codes(standard), [253]);
		assert.deepEqual(bench.codes(disconnector), [253]);
	});

	it("count, and tell the last code and the last context, over restarts and an overwritten ring", () => {
		const bench = new EventBench();
		for (let log = 0; log < eventLogTable.length; log++)
			assert.deepEqual([bench.logs.store.count(log), bench.logs.store.lastCode(log)], [0, 0]);
		for (let n = 0; n < 700; n++) {
			bench.logs.event(standard, n % 2 ? 9 : 19);
			bench.run(100);
		}
		bench.logs.event(security, 242, { port: 2, clientSap: 3, classId: 3, logicalName: 0x0100_0108_00ff, index: 2 });
		for (let n = 0; n < 2; n++) {
			const { store } = bench.logs;
			assert.deepEqual([store.count(standard), store.lastCode(standard)], [700, 9]);
			assert.deepEqual([store.count(security), store.lastCode(security)], [1, 242]);
			assert.deepEqual([store.count(fraud), store.lastCode(fraud)], [0, 0]);
			const context = new Uint8Array(48);
			assert.equal(bench.logs.store.copyNewestContext(context), 11);
			assert.equal(Buffer.from(context.subarray(0, 11)).toString("hex"), "020300030100010800ff02");
			bench.restart();
		}
		bench.logs.event(standard, 9);
		assert.equal(bench.logs.store.copyNewestContext(new Uint8Array(48)), 0);
	});

	it("SEC-log keep port, client and object as the third column, as the context stood at the event", () => {
		const bench = new EventBench();
		bench.logs.event(session, 26, { port: 1, clientSap: 16 });
		bench.logs.current = { port: 3, clientSap: 1, classId: 64, logicalName: 0x0000_2b00_01ff, index: 2 };
		bench.logs.event(standard, 48);
		bench.logs.current = undefined;
		bench.logs.event(security, 240);
		assert.deepEqual(
			bench.entries(session).map(({ third }) => third),
			["09020110"],
		);
		assert.deepEqual(
			bench.entries(security).map(({ third }) => third),
			["090b0301004000002b0001ff02", "0900"],
		);
		assert.deepEqual(
			bench.entries(standard).map(({ third }) => third),
			[""],
		);
	});

	it("F109 keep the limiter's threshold in force as the third column of the disconnector log", () => {
		const bench = new EventBench();
		bench.logs.event(disconnector, 62);
		bench.logs.limiterThreshold = () => 4600;
		bench.logs.event(disconnector, 65);
		assert.deepEqual(
			bench.entries(disconnector).map(({ code, third }) => [code, third]),
			[
				[62, "06ffffffff"],
				[65, "06000011f8"],
			],
		);
	});

	it("G10 do not exist without their option, and use no room", () => {
		const bench = new EventBench("2024-06-01T10:00Z", optionBit.base);
		const erased = bench.part.statistics.erases;
		for (const [log, code] of [
			[disconnector, 62],
			[mbus, 110],
			[powerQuality, 76],
		] as const) {
			bench.logs.event(log, code);
			assert.equal(bench.logs.hasLog(log), false);
		}
		assert.equal(bench.part.statistics.erases, erased);
	});

	it("hide the events whose mask bit is 0, and no clearing and no parameter change", () => {
		const bench = new EventBench();
		const masks = new Uint8Array(288);
		bench.logs.masks.copy(masks);
		assert.ok(masks.every((octet) => octet === 0xff));
		masks[Math.floor(9 / 8)]! &= ~(0x80 >> 1); // log 0 event 9
		masks[mbus * 32 + Math.floor(110 / 8)]! &= ~(0x80 >> (110 % 8));
		assert.equal(bench.logs.masks.replace(masks), true);
		for (let n = 0; n < 2; n++) {
			bench.logs.event(standard, 9);
			bench.logs.event(standard, 19);
			bench.logs.event(mbus, 110);
			bench.restart();
		}
		assert.deepEqual(bench.codes(standard), [19, 19]);
		assert.deepEqual(bench.codes(mbus), []);
		assert.deepEqual(bench.codes(channelLog(2)), []);
		assert.equal(bench.logs.alarms.register(1), 1 << 17, "the alarm does not depend on the mask");
		for (const [log, code] of [
			[standard, 47],
			[standard, 255],
			[session, 255],
		] as const) {
			const refused = new Uint8Array(288).fill(0xff);
			refused[log * 32 + (code >> 3)]! &= ~(0x80 >> (code & 7));
			assert.equal(bench.logs.masks.replace(refused), false);
		}
		assert.equal(bench.logs.masks.isEnabled(standard, 9), false, "unchanged");
	});

	it("F113 are cleared at once to an entry 255, which no cut can separate from the clearing", () => {
		for (let cut = 1; ; cut++) {
			const bench = new EventBench();
			for (const code of [9, 19, 56]) bench.logs.event(standard, code);
			bench.flash.cutAfter(cut);
			let isDone = true;
			try {
				bench.buffer(standard).reset();
			} catch (error) {
				if (!bench.flash.isCut) throw error;
				isDone = false;
			}
			bench.restart();
			const codes = bench.codes(standard);
			assert.ok(codes.join() === "255" || (!isDone && codes.join() === "9,19,56"), `cut ${cut}: ${codes}`);
			assert.equal(bench.logs.store.count(standard), codes.length === 1 ? 4 : 3);
			if (isDone) break;
		}
	});

	it("F113 keep their entries when the medium refuses to clear them", () => {
		const bench = new EventBench();
		for (const code of [9, 19]) bench.logs.event(standard, code);
		bench.flash.refuses = "erase";
		assert.throws(() => bench.buffer(standard).reset(), DeviceError);
		bench.flash.refuses = "nothing";
		assert.deepEqual(bench.codes(standard), [9, 19]);
		assert.equal(bench.logs.store.count(standard), 2);
		bench.buffer(standard).reset();
		assert.deepEqual(bench.codes(standard), [255]);
	});

	it("F113 lose at most the block that is damaged, and reorder nothing", () => {
		const bench = new EventBench();
		const codes = [9, 19, 56, 57, 58, 97, 98, 99];
		const wanted: string[] = [];
		for (let n = 0; n < 400; n++) {
			bench.logs.event(standard, codes[n % codes.length]!);
			wanted.push(`${bench.clock.utc_s()} ${codes[n % codes.length]}`);
			bench.run(100);
		}
		const { firstSector } = bench.partitions[standard]!;
		for (let octet = 0; octet < 4096; octet += 3) bench.flash.flip((firstSector + 2) * 4096 + octet, octet % 8);
		bench.restart();
		const found = bench.entries(standard).map(({ utc_s, code }) => `${utc_s} ${code}`);
		assert.ok(found.length >= 400 - 104 && found.length < 400, `${found.length}`);
		let at = -1;
		for (const entry of found) {
			const next = wanted.indexOf(entry, at + 1);
			assert.ok(next > at, entry);
			at = next;
		}
		assert.equal(at, 399);
	});

	it("G5 show each event that was acknowledged, whole and in order, whatever write power fails in", () => {
		for (let seed = 1; seed <= 12; seed++) {
			const bench = new EventBench("2024-06-01T10:00Z", optionBit.base, seed);
			const acknowledged: string[] = [];
			let pending = "";
			for (let life = 0; life < 25; life++) {
				bench.flash.cutAfter(1 + ((seed * 7919 + life * 104_729) % 23));
				try {
					for (let n = 0; ; n++) {
						const code = [9, 19, 56, 97, 98, 99, 230, 232][(life + n) % 8]!;
						pending = `${bench.clock.utc_s()} ${code}`;
						bench.logs.event(standard, code);
						acknowledged.push(pending);
						pending = "";
						bench.run(90);
					}
				} catch (error) {
					if (!bench.flash.isCut) throw error;
				}
				for (let attempts = 0; ; attempts++) {
					try {
						if (attempts < 2 && life % 3 === 0) bench.flash.restore();
						if (attempts < 2 && life % 3 === 0) bench.flash.cutAfter(1 + attempts);
						else bench.flash.restore();
						bench.clock.offset_ms += bench.clock.monotonic + 1000;
						bench.clock.monotonic = 0;
						bench.start();
						break;
					} catch (error) {
						if (!bench.flash.isCut) throw error;
					}
				}
				bench.flash.restore();
				const found = bench.entries(standard).map(({ utc_s, code }) => `${utc_s} ${code}`);
				// an event that was cut may be there or not; from then on it is as it was found
				if (pending !== "" && found.at(-1) === pending) acknowledged.push(pending);
				assert.deepEqual(found, acknowledged.slice(-500), `seed ${seed} life ${life}`);
				assert.equal(bench.logs.store.count(standard), acknowledged.length);
			}
		}
	});

	it("F113 select by time over steps of the clock: every entry whose stamp is in the range, in the order of occurrence", () => {
		const bench = new EventBench("2024-10-27T00:20Z");
		const stamps: number[] = [];
		const log = (count: number) => {
			for (let n = 0; n < count; n++) {
				bench.logs.event(standard, 9 + (n % 2) * 10);
				stamps.push(bench.clock.utc_s());
				bench.run(300);
			}
		};
		log(12); // over the end of summer time: local time repeats an hour
		bench.clock.setUtc_s(bench.clock.utc_s() - 7200);
		log(20);
		bench.clock.setUtc_s(bench.clock.utc_s() + 86_400);
		log(5);
		bench.clock.setUtc_s(utc("2024-10-27T00:45Z"));
		bench.restart();
		log(8);
		const row = new ProfileRow();
		const buffer = bench.buffer(standard);
		const local = (utc_s: number) => utc_s - bench.clock.deviation_min(utc_s) * 60;
		for (const base of ["utc", "local"] as const) {
			const of = base === "utc" ? (utc_s: number) => utc_s : local;
			for (const [from, to] of [
				["2024-10-27T00:30Z", "2024-10-27T01:30Z"],
				["2024-10-27T01:00Z", "2024-10-27T01:00Z"],
				["2024-10-26T00:00Z", "2024-10-29T00:00Z"],
				["2024-10-28T00:00Z", "2024-10-28T23:00Z"],
				["2025-01-01T00:00Z", "2025-01-02T00:00Z"],
			] as const) {
				const [from_s, to_s] = [of(utc(from)), of(utc(to))];
				const wanted = stamps.filter((utc_s) => of(utc_s) >= from_s && of(utc_s) <= to_s);
				const range = new RowRange(buffer, row, from_s, to_s, base);
				const found: number[] = [];
				for (let n = 0; n < range.count; n++) {
					assert.ok(buffer.readRow(range.numberAt(n), row));
					found.push(row.utc_s);
				}
				assert.deepEqual(found, wanted, `${base} ${from} ${to}`);
			}
		}
	});
});
