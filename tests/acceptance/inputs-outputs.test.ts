// SPDX-License-Identifier: Apache-2.0
import assert from "node:assert/strict";
import { parseCommandLine } from "../../hosts/simulator/options.js";
import type { Data } from "../support/client/axdr.js";
import { asNumber, asOctets, data, ref } from "../support/client/data.js";
import { result } from "../support/client/services.js";
import { RunningMeter } from "../support/running-meter.js";
import { since2000_s } from "../support/since-2000.js";
import type { ModelName } from "../support/specified-meter.js";

const zero = data.integer(0);
const relay = (n: number) => ref(70, `0-${n}:96.3.10.255`);
const input = (n: number) => ref(1, `0-0:96.51.${n}.255`);
const output = (n: number) => ref(1, `0-0:96.51.${10 + n}.255`);
const counter = (n: number) => ref(3, `0-0:96.51.${20 + n}.255`);
const table = ref(9, "0-0:10.0.103.255");
const tableName = data.octetString(Uint8Array.of(0, 0, 10, 0, 103, 255));
const activeConstant = ref(3, "1-0:0.3.3.255");

const asInput = (wanted: number, inverted = false, debounce_ms = 20, event = 20) =>
	data.structure(data.enum(wanted), data.boolean(inverted), data.longUnsigned(debounce_ms), data.unsigned(event));
const asOutput = (wanted: number, inverted = false, pulse_ms = 0) =>
	data.structure(data.enum(wanted), data.boolean(inverted), data.longUnsigned(pulse_ms));

describe("inputs, outputs and relays, from outside", () => {
	let meter: RunningMeter;
	afterEach(() => meter.close());

	async function start(model: ModelName = "ST402D", options: Parameters<typeof RunningMeter.start>[1] = {}) {
		const clock_s = since2000_s("2026-03-10T10:00:00Z");
		meter = await RunningMeter.start(model, { clock_s, speed: 0, seed: 7, ...options });
		const { household } = meter.simulator.simulated;
		const { grid } = meter;
		for (const phase of [1, 2, 3].slice(0, grid.phases) as (1 | 2 | 3)[]) {
			household?.setActive(phase, false);
			grid.setPhase(phase, { voltage_V: 230, current_A: 0, angle_deg: 0 });
		}
		step(3);
	}

	const step = (seconds: number) => meter.simulator.pacer.step(seconds * 1000);
	const load = (current_A: number, angle_deg = 0) => {
		const { grid } = meter;
		for (const phase of [1, 2, 3].slice(0, grid.phases) as (1 | 2 | 3)[])
			grid.setPhase(phase, { current_A, angle_deg });
	};
	const write = (object: ReturnType<typeof ref>, value: Data, attribute = 2) =>
		meter.with("management", (client) => client.set(object, attribute, value));
	const value = (object: ReturnType<typeof ref>, attribute = 2) =>
		meter.with("management", (client) => client.read(object, attribute));
	const act = (object: ReturnType<typeof ref>, method: number, parameter: Data = zero) =>
		meter.with("management", async (client) => (await client.action(object, method, parameter)).result);
	const set = (n: number, isEnergised: boolean) => meter.simulator.simulated.setInput(n, isEnergised);
	const io = () => meter.simulator.simulated.io!.state();
	const closed = () => io().relays.map(({ isClosed }) => isClosed);
	const on = () => io().outputs.map(({ isOn }) => isOn);
	const restart = (pause_s: number) => {
		const { simulated } = meter.simulator;
		simulated.cutPower();
		simulated.runTo(simulated.monotonic_ms() + pause_s * 1000);
		simulated.restorePower();
		step(3);
	};
	const codes = (log: number) =>
		meter.with("management", async (client) =>
			(await client.readProfile(`0-0:99.98.${log}.255`)).rows.map((row) => asNumber(row[1]!)),
		);

	it("F67: the relays follow remote commands, scripts, the schedule and the calendar; every move is logged", async () => {
		await start();
		assert.deepEqual(closed(), [true, true, true]);
		assert.equal(await act(relay(1), 1), result.success);
		assert.equal(await act(relay(1), 2), result.temporaryFailure, "it rests");
		step(1);
		assert.deepEqual(closed(), [false, true, true]);
		assert.equal((await value(relay(1), 2)).value, false);
		assert.equal(asNumber(await value(relay(1), 3)), 0);
		step(10);
		assert.equal(await act(relay(1), 2), result.success);
		assert.equal(await act(table, 1, data.longUnsigned(3)), result.success);
		step(1);
		assert.deepEqual(closed(), [true, false, true]);
		assert.equal(await act(table, 1, data.longUnsigned(7)), result.otherReason);
		const schedule = ref(22, "0-0:15.0.3.255");
		assert.equal(await write(schedule, data.structure(tableName, data.longUnsigned(5))), result.success);
		const at = data.structure(
			data.octetString(Uint8Array.of(11, 5, 0, 0)),
			data.octetString(Uint8Array.of(0x07, 0xea, 3, 10, 0xff)),
		);
		assert.equal(await write(schedule, data.array(at), 4), result.success);
		step(300);
		assert.deepEqual(closed(), [true, false, false]);
		assert.deepEqual(await codes(2), [224, 227, 225, 226]);
	});

	it("F67: the calendar of load management opens and closes a relay by the time of day, events 98 and 97", async () => {
		await start();
		const calendar = ref(20, "0-2:13.0.0.255");
		const any = new Uint8Array(12).fill(0xff);
		any[9] = 0x80;
		any[10] = 0;
		const octets = (...bytes: number[]) => data.octetString(Uint8Array.from(bytes));
		const day = (hour: number, minute: number, script: number) =>
			data.structure(octets(hour, minute, 0, 0), tableName, data.longUnsigned(script));
		await meter.with("management", async (client) => {
			const week = data.structure(octets(0x77), ...Array.from({ length: 7 }, () => data.unsigned(1)));
			const season = data.structure(octets(0x73), octets(0xff, 0xff, 1, 1, 0xff, 0, 0, 0, 0, 0x80, 0, 0), octets(0x77));
			const days = data.array(
				data.structure(data.unsigned(1), data.array(day(0, 0, 4), day(11, 10, 3), day(11, 20, 4))),
			);
			assert.equal(await client.set(calendar, 9, days), result.success);
			assert.equal(await client.set(calendar, 8, data.array(week)), result.success);
			assert.equal(await client.set(calendar, 7, data.array(season)), result.success);
			assert.equal((await client.action(calendar, 1, zero)).result, result.success);
		});
		step(9 * 60);
		assert.deepEqual(closed(), [true, true, true]);
		step(2 * 60);
		assert.deepEqual(closed(), [true, false, true]);
		step(10 * 60);
		assert.deepEqual(closed(), [true, true, true]);
		assert.deepEqual(await codes(2), [225, 228]);
		const standard = await codes(0);
		assert.ok(standard.includes(98) && standard.includes(97));
	});

	it("F67: modes are those of class 70: in mode 1 a reconnection is left to the button", async () => {
		await start("ST402C");
		assert.equal(await write(relay(2), data.enum(1), 4), result.success);
		assert.equal(await write(relay(2), data.enum(8), 4), result.otherReason);
		assert.equal(await act(relay(2), 1), result.success);
		step(15);
		assert.equal(await act(relay(2), 2), result.success);
		step(15);
		assert.equal(asNumber(await value(relay(2), 3)), 2);
		assert.deepEqual(closed(), [true, false, true]);
		meter.simulator.simulated.housing.set({ serviceButton: true });
		step(4);
		meter.simulator.simulated.housing.set({ serviceButton: false });
		step(2);
		assert.deepEqual(closed(), [true, true, true]);
		assert.deepEqual(await codes(2), [225, 234]);
	});

	it("F67: a reader may look and not switch", async () => {
		await start();
		await meter.with("reader", async (client) => {
			assert.equal((await client.action(relay(1), 1, zero)).result, result.readWriteDenied);
			assert.equal(asNumber(await client.read(relay(1), 3)), 1);
		});
		assert.deepEqual(closed(), [true, true, true]);
	});

	it("F67: a relay that does not follow is tried once more, and is one event; its state stays as it was", async () => {
		await start();
		meter.simulator.simulated.io!.setRelay(1, { fault: "welded" });
		assert.equal(await act(relay(1), 1), result.success);
		step(60);
		assert.deepEqual(await codes(2), [244]);
		assert.equal((await value(relay(1), 2)).value, true, "output_state is what the contact says");
		meter.simulator.simulated.io!.setRelay(1, { fault: "none" });
		meter.simulator.simulated.io!.setRelay(2, { fault: "stuck" });
		assert.equal(await act(relay(2), 1), result.success);
		step(15);
		assert.equal(await act(relay(2), 2), result.success);
		step(60);
		assert.deepEqual(await codes(2), [244, 225, 245]);
		assert.equal(asNumber(await value(relay(2), 3)), 0, "a failed reconnection has not been one");
	});

	it("F67: state over a power cut is as ordered: last, open or closed", async () => {
		await start("ST402D", {
			relays: parseCommandLine(["--relay", "2=load/open", "--relay", "3=load/closed"])!.relays!,
		});
		assert.deepEqual(closed(), [true, false, true]);
		assert.equal(await act(relay(1), 1), result.success);
		assert.equal(await act(relay(2), 2), result.success);
		assert.equal(await act(relay(3), 1), result.success);
		step(2);
		assert.deepEqual(closed(), [false, true, false]);
		restart(60);
		assert.deepEqual(closed(), [false, false, true]);
		for (const [n, state] of [0, 0, 1].entries()) assert.equal(asNumber(await value(relay(n + 1), 3)), state);
	});

	it("F67 F70: a relay of tariff, alarm or warning follows that and no client; one that was not ordered is not there", async () => {
		const line = ["--relay", "1=tariff", "--relay", "2=alarm", "--option", "relay_3=off"];
		const { relays, withoutOptions } = parseCommandLine(line)!;
		await start("ST402D", { relays, withoutOptions });
		assert.deepEqual(closed().length, 2);
		await meter.with("management", async (client) => {
			assert.equal((await client.get(relay(3), 3)).result, result.objectUndefined);
			assert.equal((await client.action(relay(1), 2, zero)).result, result.otherReason);
			assert.equal(await client.set(relay(1), 4, data.enum(1)), result.otherReason);
			const tables = (await client.read(table, 2)).value as Data[];
			assert.equal(tables.length, 4, "no script for what is not there");
			// nothing raises an alarm now
			for (const register of ["0-0:97.98.0.255", "0-0:97.98.1.255", "0-0:97.98.2.255"])
				await client.set(ref(1, register), 2, data.doubleLongUnsigned(0));
		});
		step(15);
		assert.deepEqual(closed(), [false, false]);
		const override = (rate: number) =>
			data.structure(
				data.enum(1),
				data.unsigned(rate),
				data.octetString(Uint8Array.of(0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x80, 0, 0xff)),
				data.unsigned(1),
			);
		assert.equal(await write(ref(1, "0-0:96.50.5.255"), override(3)), result.success);
		meter.simulator.simulated.housing.set({ meterCoverOpen: true });
		step(3);
		assert.deepEqual(closed(), [true, true]);
		assert.equal(asNumber(await value(relay(1), 3)), 1);
		assert.equal(await write(ref(1, "0-0:96.50.5.255"), override(0)), result.success);
		step(3);
		assert.deepEqual(closed()[0], true, "shortest time on");
		step(10);
		assert.deepEqual(closed()[0], false);
	});

	it("F70: an order that claims a relay twice is refused with both uses", () => {
		meter = { close: async () => undefined } as RunningMeter;
		assert.throws(
			() => parseCommandLine(["--relay", "1=tariff", "--relay", "1=alarm"]),
			/twice: for tariff and for alarm/,
		);
		assert.throws(() => parseCommandLine(["--relay", "4=tariff"]), /2=tariff/);
	});

	it("F68: 100 pulses at 10 Hz count 100, also after a restart; those too fast are dropped and flagged", async () => {
		await start();
		assert.equal(await write(input(2), asInput(3)), result.success);
		const pulses = (count: number, on_ms: number, off_ms: number) => {
			for (let n = 0; n < count; n++) {
				set(2, true);
				step(on_ms / 1000);
				set(2, false);
				step(off_ms / 1000);
			}
		};
		pulses(100, 50, 50);
		assert.equal(asNumber(await value(counter(2))), 100);
		const states = ref(1, "0-0:96.3.1.255");
		assert.equal((await value(states)).value, "00000000");
		restart(30);
		assert.equal(asNumber(await value(counter(2))), 100);
		pulses(10, 10, 50);
		step(1);
		assert.equal(asNumber(await value(counter(2))), 100);
		assert.equal((await value(states)).value, "00000100");
		assert.equal(await write(input(2), asInput(3)), result.success);
		set(2, true);
		step(1);
		assert.equal((await value(states)).value, "01000000");
		assert.equal(asNumber(await value(counter(2))), 101);
	});

	it("F68: what was not read is at most a minute of pulses behind after a hard cut", async () => {
		await start();
		assert.equal(await write(input(1), asInput(3)), result.success);
		for (let n = 0; n < 90; n++) {
			set(1, n % 2 === 0);
			step(1);
		}
		restart(5);
		const count = asNumber(await value(counter(1)));
		assert.ok(count >= 15 && count <= 45, `${count}`);
	});

	it("F68 F108: alarm contact gives its event, a door contact is a fraud too, inverted when so told", async () => {
		await start();
		assert.equal(await write(input(1), asInput(1)), result.success);
		assert.equal(await write(input(2), asInput(4, true)), result.success);
		set(2, true);
		step(1);
		set(1, true);
		step(0.01);
		set(1, false);
		step(1);
		const before = await codes(0);
		assert.ok(!before.includes(20), "shorter than the debounce");
		await meter.with("management", async (client) => {
			const mask = data.bitString("0000000000010000");
			assert.equal(await client.set(ref(1, "0-0:96.50.1.255"), 2, mask), result.success);
		});
		set(1, true);
		step(1);
		assert.equal((await codes(0)).filter((code) => code === 20).length, 1);
		const billing2 = ref(7, "0-0:98.2.0.255");
		assert.equal(asNumber(await value(billing2, 7)), 0);
		set(2, false);
		step(3);
		assert.equal((await codes(0)).filter((code) => code === 20).length, 2);
		assert.equal(asNumber(await value(billing2, 7)), 1);
	});

	it("F68: an input may ask for the supply to be taken away; only button or client give it back", async () => {
		await start();
		assert.equal(await write(input(4), asInput(6)), result.success);
		set(4, true);
		step(3);
		const poles = () => meter.simulator.simulated.supplySwitch!.closedPoles();
		assert.equal(poles(), 0);
		assert.deepEqual(await codes(2), [64]);
		set(4, false);
		step(20);
		assert.equal(poles(), 0);
	});

	it("F68: an external synchronisation ends the demand period", async () => {
		await start();
		assert.equal(await write(input(3), asInput(5)), result.success);
		assert.equal(await write(output(4), asOutput(7)), result.success);
		step(2);
		const before = asOctets(await value(ref(5, "1-0:1.4.0.255"), 6));
		set(3, true);
		step(2);
		assert.notDeepEqual(asOctets(await value(ref(5, "1-0:1.4.0.255"), 6)), before);
		assert.equal(io().outputs[3]!.edges, 1, "the next meter is told");
		assert.deepEqual(on()[3], false);
	});

	it("F40 F68 F69: two tariff inputs say a rate that settles for a second; the tariff output follows", async () => {
		await start();
		const rate = async () => asOctets(await value(ref(1, "0-0:96.14.0.255")))[0]! - 0x30;
		const source = data.structure(
			data.enum(2),
			data.unsigned(0),
			data.octetString(Uint8Array.of(0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x80, 0, 0xff)),
			data.unsigned(1),
		);
		assert.equal(await write(ref(1, "0-0:96.50.5.255"), source), result.success);
		assert.equal(await write(input(1), asInput(2)), result.success);
		assert.equal(await write(input(2), asInput(2)), result.success);
		assert.equal(await write(output(1), asOutput(3)), result.success);
		step(3);
		assert.equal(await rate(), 1);
		assert.equal(on()[0], false);
		set(2, true);
		step(3);
		assert.equal(await rate(), 3);
		assert.equal(on()[0], true);
		for (let n = 0; n < 6; n++) {
			set(1, n % 2 === 0);
			set(2, n % 2 === 1);
			step(0.3);
		}
		set(1, true);
		set(2, true);
		step(3);
		assert.equal(await rate(), 4);
		const changes = (await codes(0)).filter((code) => code === 230).length;
		assert.equal(changes, 1, "one override that goes on, not one for each flicker");
		restart(10);
		assert.equal(await rate(), 4);
	});

	it("F69: the pulse output gives its constant, 30 ms on and 30 ms off at least, as many pulses as the register has", async () => {
		await start();
		assert.equal(await write(output(2), asOutput(1)), result.otherReason, "1000 imp/kWh are too many at 69 kW");
		assert.equal(await write(activeConstant, data.doubleLongUnsigned(900)), result.otherReason);
		assert.equal(await write(activeConstant, data.doubleLongUnsigned(0)), result.otherReason);
		assert.equal(await write(activeConstant, data.doubleLongUnsigned(800)), result.success);
		assert.equal(await write(output(2), asOutput(1)), result.success);
		assert.equal(await write(ref(3, "1-0:0.9.8.255"), data.longUnsigned(40)), result.otherReason);
		assert.equal(await write(ref(3, "1-0:0.9.8.255"), data.longUnsigned(29)), result.otherReason);
		step(2);
		const energy = async () => asNumber(await value(ref(3, "1-0:1.8.0.255")));
		const [pulses, energy_Wh] = [io().outputs[1]!.edges, await energy()];
		load(100);
		step(2);
		const durations: number[] = [];
		let wasOn = on()[1]!;
		let since_ms = meter.simulator.simulated.monotonic_ms();
		for (let n = 0; n < 600; n++) {
			step(0.005);
			const isOn = on()[1]!;
			if (isOn === wasOn) continue;
			const now_ms = meter.simulator.simulated.monotonic_ms();
			durations.push(now_ms - since_ms);
			[wasOn, since_ms] = [isOn, now_ms];
		}
		assert.ok(durations.length > 70 && durations.slice(1).every((ms) => ms >= 25), `${durations.length}`);
		step(57);
		load(0);
		step(5);
		const counted = (io().outputs[1]!.edges - pulses) / 0.8;
		const registered_Wh = (await energy()) - energy_Wh;
		assert.ok(registered_Wh > 1100 && Math.abs(counted - registered_Wh) <= 3, `${counted} ${registered_Wh}`);
		load(10, 90);
		step(10);
		assert.ok((io().outputs[1]!.edges - pulses) / 0.8 - counted < 2, "no reactive energy on the active output");
	});

	it("F69: the constant of the factory can be written back as long as no output gives it, even where 30 ms are too long for it", async () => {
		await start("ST402D");
		const factory = await value(activeConstant);
		assert.equal(await write(activeConstant, data.doubleLongUnsigned(500)), result.success);
		assert.equal(await write(output(1), asOutput(1)), result.success);
		assert.equal(await write(activeConstant, factory), result.otherReason, "an output gives it");
		assert.deepEqual(await value(activeConstant), data.doubleLongUnsigned(500));
		assert.equal(await write(output(1), asOutput(0)), result.success);
		assert.equal(await write(activeConstant, data.doubleLongUnsigned(2000)), result.otherReason, "too fast");
		assert.equal(await write(activeConstant, factory), result.success);
		assert.deepEqual(await value(activeConstant), factory);
		assert.equal(await write(output(1), asOutput(1)), result.otherReason, "too fast for the greatest power");
	});

	it("F69: an alarm output follows the registers through their filters", async () => {
		await start();
		await meter.with("management", async (client) => {
			for (const register of [0, 1, 2])
				await client.set(ref(1, `0-0:97.98.${register}.255`), 2, data.doubleLongUnsigned(0));
			assert.equal(await client.set(ref(1, "0-0:97.98.10.255"), 2, data.doubleLongUnsigned(0)), result.success);
		});
		assert.equal(await write(output(3), asOutput(4, true)), result.success);
		step(2);
		assert.equal(on()[2], true, "inverted");
		meter.simulator.simulated.housing.set({ terminalCoverOpen: true });
		step(3);
		assert.equal(on()[2], true, "the filter lets nothing through");
		assert.equal(await write(ref(1, "0-0:97.98.10.255"), data.doubleLongUnsigned(1 << 13)), result.success);
		step(2);
		assert.equal(on()[2], false);
		const state = (await value(ref(1, "0-0:96.3.2.255"))).value;
		assert.equal(state, "00101110", "output 3 is on, and the three relays are");
	});

	it("F69: an output follows the relay of its number, or the supply switch for an external contactor", async () => {
		await start();
		assert.equal(await write(output(2), asOutput(5)), result.success);
		assert.equal(await write(output(1), asOutput(6)), result.success);
		step(2);
		assert.deepEqual(on(), [true, true, false, false]);
		assert.equal(await act(relay(2), 1), result.success);
		assert.equal(await act(ref(70, "0-0:96.3.10.255"), 1), result.success);
		step(4);
		assert.deepEqual(on(), [false, false, false, false]);
	});

	it("F69 F70: a second output with the same function, a relay that is not there, values out of range change nothing", async () => {
		await start("ST402D", { withoutOptions: ["relay_2"] });
		assert.equal(await write(output(1), asOutput(4)), result.success);
		for (const [object, wrong] of [
			[output(2), asOutput(4)],
			[output(2), asOutput(5)],
			[output(4), asOutput(5)],
			[output(2), asOutput(8)],
			[output(2), asOutput(3, false, 20)],
			[output(2), asOutput(3, false, 10_001)],
			[input(1), asInput(7)],
			[input(1), asInput(1, false, 0)],
			[input(1), asInput(1, false, 60_001)],
			[input(1), asInput(1, false, 20, 14)],
			[input(1), asInput(1, false, 20, 33)],
			[ref(3, "1-0:0.7.0.255"), data.doubleLongUnsigned(0)],
		] as const) {
			const before = await value(object);
			assert.equal(await write(object, wrong), result.otherReason);
			assert.deepEqual(await value(object), before);
		}
		assert.equal(await write(output(2), data.structure(data.enum(3))), result.typeUnmatched);
		assert.equal(await write(output(1), asOutput(0)), result.success);
		assert.equal(await write(output(2), asOutput(4)), result.success);
	});

	it("G10: without the option there is nothing of it", async () => {
		await start("SM402D", { withoutOptions: ["io"] });
		await meter.with("management", async (client) => {
			for (const object of [relay(1), table, input(1), output(1), counter(1), ref(20, "0-2:13.0.0.255")])
				assert.equal((await client.get(object, 2)).result, result.objectUndefined);
		});
	});
});
