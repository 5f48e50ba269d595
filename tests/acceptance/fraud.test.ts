// SPDX-License-Identifier: Apache-2.0
import assert from "node:assert/strict";
import { asNumber, asOctets, data, elementsOf, ref } from "../support/client/data.js";
import { result } from "../support/client/services.js";
import { RunningMeter } from "../support/running-meter.js";
import { since2000_s } from "../support/since-2000.js";
import type { ModelName } from "../support/specified-meter.js";

const fraudLog = ref(7, "0-0:99.98.1.255");
const minute = 60;

describe("fraud, from outside", () => {
	let meter: RunningMeter;
	const start = async (model: ModelName) => {
		meter = await RunningMeter.start(model, { speed: 0, clock_s: 850_000_000 });
		step_s(30);
	};
	afterEach(() => meter.close());

	const step_s = (seconds: number) => meter.simulator.pacer.step(seconds * 1000);
	const housing = () => meter.simulator.simulated.housing;
	const grid = () => {
		const { terminals } = meter.simulator.simulated;
		assert.ok(!terminals.isRecording && "setPhase" in terminals);
		return terminals;
	};
	/** Codes of the fraud log since the meter was made. */
	const codes = () =>
		meter.with("management", async (client) =>
			elementsOf(await client.read(fraudLog, 2)).map((row) => asNumber(elementsOf(row)[1]!)),
		);
	const value = (classId: number, name: string) =>
		meter.with("management", async (client) => asNumber(await client.read(ref(classId, `${name}.255`), 2)));

	it("F124 F125 F127 F128: covers, magnet and field begin and end an event each, counted and timed", async () => {
		await start("ST402D");
		for (const setting of [
			{ meterCoverOpen: true },
			{ terminalCoverOpen: true },
			{ magneticField: true },
			{ fieldStrength: 200 },
		]) {
			housing().set(setting);
			step_s(10);
		}
		assert.deepEqual(await codes(), [44, 40, 42, 230]);
		housing().set({ meterCoverOpen: false, terminalCoverOpen: false, magneticField: false, fieldStrength: 110 });
		step_s(10);
		assert.deepEqual((await codes()).slice(4).sort(), [41, 43, 45], "the field is above three quarters of its level");
		housing().set({ fieldStrength: 90 });
		step_s(10);
		assert.equal((await codes()).at(-1), 231);
		assert.equal(await value(1, "0-0:96.20.0"), 1);
		assert.equal(await value(1, "0-0:96.20.5"), 1);
		assert.equal(await value(1, "0-0:96.20.15"), 1);
		assert.equal(await value(1, "0-0:96.20.25"), 1);
		const duration_s = await value(3, "0-0:96.20.2");
		assert.ok(Math.abs(duration_s - 40) <= 2, `${duration_s} s`);
		assert.equal(await value(3, "0-0:96.20.3"), duration_s);
	});

	it("F124: an event comes within a second, a bounce gives none, a chattering contact one pair a minute", async () => {
		await start("SM402D");
		housing().set({ meterCoverOpen: true });
		step_s(0.4);
		housing().set({ meterCoverOpen: false });
		step_s(5);
		assert.deepEqual(await codes(), []);
		housing().set({ meterCoverOpen: true });
		step_s(1);
		assert.deepEqual(await codes(), [44]);
		for (let n = 0; n < 25; n++) {
			housing().set({ meterCoverOpen: n % 2 === 1 });
			step_s(2);
		}
		assert.deepEqual(await codes(), [44, 45]);
		assert.equal(await value(1, "0-0:96.20.0"), 1);
	});

	/** Code and local time (hour, minute) of the fraud log's rows. */
	const timed = () =>
		meter.with("management", async (client) =>
			elementsOf(await client.read(fraudLog, 2)).map((row) => {
				const [time, code] = elementsOf(row);
				const at = asOctets(time!);
				return `${asNumber(code!)} ${at[5]}:${String(at[6]).padStart(2, "0")}`;
			}),
		);

	it("F124 F125 F130 F132 SEC-tamper: covers opened and closed during an outage of 2 h are told at power up, with their times", async () => {
		meter = await RunningMeter.start("ST402D", {
			speed: 0,
			clock_s: since2000_s(Date.UTC(2026, 2, 10, 10)),
		});
		step_s(30);
		const { simulated } = meter.simulator;
		simulated.cutPower();
		step_s(30 * minute);
		housing().set({ meterCoverOpen: true });
		step_s(10 * minute);
		housing().set({ terminalCoverOpen: true });
		housing().set({ terminalCoverOpen: false });
		housing().set({ terminalCoverOpen: true });
		step_s(20 * minute);
		housing().set({ meterCoverOpen: false });
		step_s(60 * minute);
		simulated.restorePower();
		step_s(10);
		assert.deepEqual(await timed(), ["44 11:30", "45 12:00", "40 11:40"]);
		assert.equal(await value(1, "0-0:96.20.0"), 1);
		assert.equal(await value(3, "0-0:96.20.3"), 30 * minute);
		assert.equal(await value(1, "0-0:96.20.5"), 1);
		const running_s = await value(3, "0-0:96.20.7");
		assert.ok(Math.abs(running_s - 80 * minute) < 60, `${running_s} s`);
		await meter.with("management", async (client) => {
			assert.equal(asNumber(await client.read(ref(7, "0-0:98.2.0.255"), 7)), 2, "one entry for each cover");
		});
		housing().set({ terminalCoverOpen: false });
		step_s(3);
		assert.equal((await codes()).at(-1), 41);
		simulated.cutPower();
		step_s(5 * minute);
		simulated.restorePower();
		step_s(10);
		assert.equal((await codes()).length, 4, "nothing happened: nothing new");
	});

	it("F132: a backup supply that was used up leaves from when to when nobody watched", async () => {
		meter = await RunningMeter.start("ST402D", {
			speed: 0,
			clock_s: since2000_s(Date.UTC(2026, 2, 10, 10)),
		});
		step_s(3 * minute);
		const { simulated } = meter.simulator;
		simulated.cutPower();
		step_s(30 * minute);
		simulated.exhaustBackup();
		housing().set({ meterCoverOpen: true });
		step_s(30 * minute);
		simulated.restorePower();
		step_s(3);
		const rows = await timed();
		assert.equal(rows[0], "234 11:33", "from");
		assert.deepEqual(
			rows.map((row) => row.split(" ")[0]),
			["234", "234", "44"],
		);
	});

	it("F124 F132 SEC-tamper: a cover that stays open over a cut is no new event", async () => {
		await start("ST402D");
		const { simulated } = meter.simulator;
		housing().set({ meterCoverOpen: true });
		step_s(3);
		simulated.cutPower();
		step_s(10 * minute);
		simulated.restorePower();
		step_s(10);
		assert.deepEqual(await codes(), [44]);
	});

	it("F108 F131: voltage behind the open switch is a tamper: counted, timed, unexpected consumption in the standard log", async () => {
		await start("ST402D");
		const mainSwitch = ref(70, "0-0:96.3.10.255");
		await meter.with("management", async (client) => {
			assert.equal((await client.action(mainSwitch, 1, data.integer(0))).result, result.success);
		});
		step_s(15);
		assert.equal(await value(1, "0-0:96.20.20"), 0);
		meter.simulator.simulated.supplySwitch!.setPole(2, { isBackFed: true });
		step_s(4);
		assert.equal(await value(1, "0-0:96.20.20"), 0);
		step_s(30);
		assert.equal(await value(1, "0-0:96.20.20"), 1);
		await meter.with("management", async (client) => {
			const standard = elementsOf(await client.read(ref(7, "0-0:99.98.0.255"), 2)).map((row) =>
				asNumber(elementsOf(row)[1]!),
			);
			assert.equal(standard.at(-1), 52);
			assert.equal(asNumber(await client.read(ref(1, "0-0:97.98.1.255"), 2)) & (1 << 12), 1 << 12);
			assert.equal(
				(await client.action(mainSwitch, 2, data.integer(0))).result,
				result.temporaryFailure,
				"two sources",
			);
		});
		meter.simulator.simulated.supplySwitch!.setPole(2, { isBackFed: false });
		step_s(20);
		const lasted_s = await value(3, "0-0:96.20.23");
		assert.ok(Math.abs(lasted_s - 33) <= 3, `${lasted_s} s`);
		assert.equal(await value(3, "0-0:96.20.22"), lasted_s);
	});

	it("F127 F128: a field shorter than its debounce time is none; one that never goes is told once", async () => {
		await start("SM402D");
		housing().set({ magneticField: true });
		step_s(4);
		housing().set({ magneticField: false, fieldStrength: 200 });
		step_s(2);
		housing().set({ fieldStrength: 0 });
		step_s(10);
		assert.deepEqual(await codes(), []);
		housing().set({ magneticField: true, fieldStrength: 255 });
		step_s(2 * 3600);
		assert.deepEqual((await codes()).sort(), [230, 42].sort());
		assert.equal(await value(1, "0-0:96.20.15"), 1);
	});

	it("F129: a lost neutral of an unbalanced load is found after its 10 s; a balanced one and a dip are none", async () => {
		await start("ST402D");
		const mains = grid();
		mains.change(() => {
			for (const phase of [1, 2, 3] as const) {
				mains.setLoad(phase, "test", { kind: "impedance", resistance_ohm: phase === 1 ? 10 : 100, inductance_H: 0 });
			}
		});
		step_s(60);
		mains.setPhase(1, { voltage_V: 120 });
		step_s(20);
		mains.setPhase(1, { voltage_V: 230 });
		step_s(60);
		assert.deepEqual(await codes(), []);
		mains.setNeutralConnected(false);
		step_s(12);
		assert.deepEqual(await codes(), [89]);
		mains.setNeutralConnected(true);
		step_s(20);
		assert.deepEqual(await codes(), [89, 232]);
	});

	it("F129: a single-phase meter finds current that does not come back through the neutral", async () => {
		await start("SM402D");
		const mains = grid();
		mains.setPhase(1, { current_A: 10, powerFactor: 1 });
		step_s(20);
		assert.deepEqual(await codes(), []);
		mains.setBypass("neutral", 1);
		step_s(12);
		assert.deepEqual(await codes(), [89]);
	});

	it("F130: current without voltage, and a reversed phase, are frauds with begin and end", async () => {
		await start("ST402D");
		const mains = grid();
		meter.simulator.simulated.household = undefined;
		for (const phase of [1, 2, 3] as const) mains.setPhase(phase, { current_A: 10, powerFactor: 1 });
		step_s(20);
		mains.setReversed(2, true);
		step_s(12);
		mains.setReversed(2, false);
		step_s(12);
		assert.deepEqual(await codes(), [91, 237]);
		mains.setPhase(3, { voltage_V: 10 });
		step_s(12);
		mains.setPhase(3, { voltage_V: 230 });
		step_s(12);
		assert.deepEqual(await codes(), [91, 237, 235, 236]);
	});

	it("F02 F27 F130: a house with a generator on one phase has its one pair of events for it, however often the sun comes and goes", async () => {
		meter = await RunningMeter.start("ST402D", {
			speed: 0,
			clock_s: since2000_s(Date.UTC(2026, 5, 10, 6)),
		});
		step_s(14 * 3600);
		assert.deepEqual(await codes(), [91, 237]);
		const exported = await value(3, "1-0:62.8.0");
		assert.ok(exported > 3000, `${exported} Wh`);
	}).timeout(60_000);

	it("F97 F130 F133: writes an entry of billing profile 2 where its mask says so, and leaves the maxima alone", async () => {
		await start("ST402D");
		const billing2 = ref(7, "0-0:98.2.0.255");
		await meter.with("management", async (client) => {
			const inUse = async () => asNumber(await client.read(billing2, 7));
			assert.equal(await inUse(), 0);
			const maximum = await client.read(ref(4, "1-0:1.6.0.255"), 2);
			housing().set({ meterCoverOpen: true });
			step_s(3);
			assert.equal(await inUse(), 1);
			assert.deepEqual(await client.read(ref(4, "1-0:1.6.0.255"), 2), maximum);
			housing().set({ meterCoverOpen: false });
			step_s(70);
			housing().set({ meterCoverOpen: true });
			step_s(3);
			assert.equal(await inUse(), 1, "not again within the hold time");
		});
	});

	it("F97: a cover that is opened at 13:07 makes a record of 13:07 with code 44; one that chatters makes one in a quarter of an hour", async () => {
		meter = await RunningMeter.start("ST402D", {
			speed: 0,
			clock_s: since2000_s(Date.UTC(2026, 2, 10, 11, 30)),
		});
		meter.simulator.simulated.household = undefined;
		for (const phase of [1, 2, 3] as const) grid().setPhase(phase, { current_A: 30, angle_deg: 0 });
		step_s(37 * minute);
		housing().set({ meterCoverOpen: true });
		step_s(5);
		const records = () =>
			meter.with("management", async (client) => {
				const { columns, rows } = await client.readProfile("0-0:98.2.0.255");
				const place = (name: string, attribute = 2) =>
					columns.findIndex((column) => column.logicalName === `${name}.255` && column.attribute === attribute);
				return rows.map((row) => {
					const at = asOctets(row[0]!);
					return [
						`${at[5]}:${String(at[6]).padStart(2, "0")}`,
						asNumber(row[place("0-0:96.11.1")]!),
						asNumber(row[place("1-0:1.6.0")]!),
					];
				});
			});
		const maximum = await value(4, "1-0:1.6.0");
		assert.ok(maximum > 0, `${maximum} W`);
		assert.deepEqual(await records(), [["13:07", 44, maximum]]);
		for (let n = 0; n < 14; n++) {
			housing().set({ meterCoverOpen: n % 2 === 1 });
			step_s(minute);
		}
		assert.equal((await records()).length, 1);
		for (let n = 0; n < 4; n++) {
			housing().set({ meterCoverOpen: n % 2 === 1 });
			step_s(minute);
		}
		assert.equal((await records()).length, 2);
		await meter.with("management", async (client) => {
			const billing2 = ref(7, "0-0:98.2.0.255");
			assert.equal(asNumber(await client.read(billing2, 8)), 36);
			const script = ref(9, "0-0:10.0.1.255");
			for (let n = 0; n < 40; n++)
				assert.equal((await client.action(script, 1, data.longUnsigned(2))).result, result.success);
			assert.equal(asNumber(await client.read(billing2, 7)), 36, "F98: the last of them are left");
		});
		assert.ok((await value(4, "1-0:1.6.0")) >= maximum);
	});

	it("F131: opens the switch where it is told to, so that only a client closes it again", async () => {
		await start("ST402D");
		const mainSwitch = ref(70, "0-0:96.3.10.255");
		await meter.with("management", async (client) => {
			housing().set({ terminalCoverOpen: true });
			step_s(15);
			assert.equal(asNumber(await client.read(mainSwitch, 3)), 1, "off as from the factory");
			housing().set({ terminalCoverOpen: false });
			const mask = data.bitString("0100000000000000");
			assert.equal(await client.set(ref(1, "0-0:96.50.2.255"), 2, mask), result.success);
			housing().set({ meterCoverOpen: true });
			step_s(15);
			assert.equal(asNumber(await client.read(mainSwitch, 3)), 0);
		});
		assert.ok((await codes()).includes(233));
	});

	it("F124: debounce times and level are parameters; what is out of range changes nothing", async () => {
		await start("ST402D");
		const times = ref(1, "0-0:96.50.11.255");
		await meter.with("management", async (client) => {
			const before = await client.read(times, 2);
			assert.notEqual(await client.set(times, 2, data.structure(data.longUnsigned(1))), result.success);
			assert.deepEqual(await client.read(times, 2), before);
			const wanted = data.structure(...[500, 500, 500, 500, 1000, 1000, 1000].map((ms) => data.longUnsigned(ms)));
			assert.equal(await client.set(times, 2, wanted), result.success);
			assert.deepEqual(await client.read(times, 2), wanted);
			const level = ref(1, "0-0:96.50.13.255");
			assert.equal(await client.set(level, 2, data.unsigned(0)), result.otherReason);
			assert.equal(await client.set(level, 2, data.unsigned(50)), result.success);
		});
		housing().set({ fieldStrength: 60 });
		step_s(2);
		assert.deepEqual(await codes(), [230]);
	});
});
