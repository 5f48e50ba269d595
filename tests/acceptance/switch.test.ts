// SPDX-License-Identifier: Apache-2.0
import assert from "node:assert/strict";
import { parseCommandLine } from "../../hosts/simulator/options.js";
import { StartError } from "../../hosts/simulator/start-error.js";
import { asNumber, asOctets, data, ref } from "../support/client/data.js";
import { result } from "../support/client/services.js";
import { RunningMeter } from "../support/running-meter.js";
import { since2000_s } from "../support/since-2000.js";

const mainSwitch = ref(70, "0-0:96.3.10.255");
const scripts = ref(9, "0-0:10.0.106.255");
const zero = data.integer(0);

describe("the supply switch, from outside", () => {
	let meter: RunningMeter;
	afterEach(() => meter.close());

	async function start(model: "SM402D" | "ST402D" | "ST402C" = "ST402D"): Promise<void> {
		const clock_s = since2000_s("2026-03-10T10:00:00Z");
		meter = await RunningMeter.start(model, { clock_s, speed: 0, seed: 7 });
		const { household } = meter.simulator.simulated;
		const { grid } = meter;
		for (const phase of [1, 2, 3].slice(0, grid.phases) as (1 | 2 | 3)[]) {
			household?.setActive(phase, false);
			grid.setPhase(phase, { voltage_V: 230, current_A: 10, angle_deg: 0 });
		}
		step(3);
	}

	function step(seconds: number): void {
		meter.simulator.pacer.step(seconds * 1000);
	}

	const poles = () => meter.simulator.simulated.supplySwitch!.state().poles.map((pole) => pole.isClosed);
	const act = (method: number) =>
		meter.with("management", async (client) => (await client.action(mainSwitch, method, zero)).result);
	const state = () =>
		meter.with("management", async (client) => [
			(await client.read(mainSwitch, 2)).value,
			asNumber(await client.read(mainSwitch, 3)),
		]);
	const codes = () =>
		meter.with("management", async (client) =>
			(await client.readProfile("0-0:99.98.2.255")).rows.map((row) => asNumber(row[1]!)),
		);

	for (const model of ["SM402D", "ST402D"] as const)
		it(`F88 F89 F91 F109: ${model} opens all phases on remote_disconnect: no current, voltages measured, logged`, async () => {
			await start(model);
			assert.equal(await act(1), result.success);
			assert.equal(await act(2), result.temporaryFailure);
			step(4);
			assert.ok(poles().every((isClosed) => !isClosed));
			assert.deepEqual(await state(), [false, 0]);
			await meter.with("management", async (client) => {
				assert.equal(asNumber(await client.read(ref(3, "1-0:31.7.0.255"), 2)), 0);
				assert.ok(asNumber(await client.read(ref(3, "1-0:32.7.0.255"), 2)) > 2290);
				assert.equal(asNumber(await client.read(ref(1, "0-0:96.50.6.255"), 2)), 1);
			});
			step(10);
			assert.equal(await act(2), result.success);
			step(4);
			assert.ok(poles().every((isClosed) => isClosed));
			assert.deepEqual(await state(), [true, 1]);
			assert.deepEqual(await codes(), [62, 63]);
		});

	it("F89: scripts 1 and 2 of 0-0:10.0.106 are remote commands, and so is the schedule 0-0:15.0.1", async () => {
		await start();
		await meter.with("management", async (client) => {
			assert.equal((await client.action(scripts, 1, data.longUnsigned(1))).result, result.success);
		});
		step(20);
		assert.deepEqual(await state(), [false, 0]);
		await meter.with("management", async (client) => {
			const schedule = ref(22, "0-0:15.0.1.255");
			const table = data.octetString(Uint8Array.of(0, 0, 10, 0, 106, 255));
			assert.equal(await client.set(schedule, 2, data.structure(table, data.longUnsigned(2))), result.success);
			// 10:05 UTC is 11:05 local time
			const at = data.structure(
				data.octetString(Uint8Array.of(11, 5, 0, 0)),
				data.octetString(Uint8Array.of(0x07, 0xea, 3, 10, 0xff)),
			);
			assert.equal(await client.set(schedule, 4, data.array(at)), result.success);
		});
		step(270);
		assert.deepEqual(await state(), [false, 0]);
		step(10);
		assert.deepEqual(await state(), [true, 1]);
		assert.deepEqual(await codes(), [62, 63]);
	});

	it("F89: a reader may not switch; a technician only while the service button is held", async () => {
		await start();
		await meter.with("reader", async (client) => {
			assert.equal((await client.action(mainSwitch, 1, zero)).result, result.readWriteDenied);
		});
		const technician = () =>
			meter.with("technician", async (client) => (await client.action(mainSwitch, 1, zero)).result, "direct HDLC");
		assert.equal(await technician(), result.readWriteDenied);
		step(2);
		assert.ok(poles().every((isClosed) => isClosed));
		meter.simulator.simulated.housing.set({ serviceButton: true });
		step(2);
		assert.equal(await technician(), result.success);
		meter.simulator.simulated.housing.set({ serviceButton: false });
		step(4);
		assert.ok(poles().every((isClosed) => !isClosed));
	});

	it("F90: in mode 1 the button reconnects after remote_reconnect, not before; the log tells manual", async () => {
		await start();
		await meter.with("management", async (client) => {
			assert.equal(await client.set(mainSwitch, 4, data.enum(1)), result.success);
			assert.equal(await client.set(mainSwitch, 4, data.enum(8)), result.otherReason);
		});
		assert.equal(await act(1), result.success);
		step(15);
		const { housing } = meter.simulator.simulated;
		housing.set({ serviceButton: true });
		step(4);
		housing.set({ serviceButton: false });
		step(4);
		assert.deepEqual(await state(), [false, 0]);
		assert.equal(await act(2), result.success);
		assert.deepEqual(await state(), [false, 2]);
		housing.set({ serviceButton: true });
		step(5);
		assert.deepEqual(await state(), [true, 1]);
		assert.deepEqual(await codes(), [62, 59, 61]);
	});

	it("F91: an arc that goes on after the disconnection gives event 68 and alarm 2/31; metering continues", async () => {
		await start();
		meter.simulator.simulated.supplySwitch!.setPole(2, { fault: "arc" });
		assert.equal(await act(1), result.success);
		step(12);
		assert.deepEqual(await codes(), [62, 68]);
		await meter.with("management", async (client) => {
			assert.ok(asNumber(await client.read(ref(3, "1-0:51.7.0.255"), 2)) > 900);
			const alarms = asNumber(await client.read(ref(1, "0-0:97.98.1.255"), 2));
			assert.equal(alarms >>> 31, 1);
		});
	});

	it("F91: a pole that is welded: event 68 and alarm 2/31, no change in the log; disconnected with the output still on; metering continues", async () => {
		await start();
		const relay = meter.simulator.simulated.supplySwitch!;
		relay.setPole(3, { fault: "welded" });
		assert.equal(await act(1), result.success);
		step(30);
		assert.deepEqual(await codes(), [68]);
		assert.deepEqual(await state(), [true, 0]);
		assert.deepEqual(poles(), [false, false, true]);
		assert.ok(relay.pulses.open <= 4, "no endless retry");
		const value = (classId: number, name: string) =>
			meter.with("management", async (client) => asNumber(await client.read(ref(classId, `${name}.255`), 2)));
		assert.equal(await value(3, "1-0:31.7.0"), 0);
		assert.ok((await value(3, "1-0:71.7.0")) > 900);
		const before = await value(3, "1-0:1.8.0");
		step(360);
		assert.ok(Math.abs((await value(3, "1-0:1.8.0")) - before - 230) <= 2);
		assert.equal((await value(1, "0-0:97.98.1")) >>> 31, 1);
		relay.setPole(3, { fault: "none" });
		assert.equal(await act(2), result.success);
		step(15);
		assert.deepEqual(await state(), [true, 1]);
	});

	it("F93: cut in the middle of a pulse, it knows its contacts again; a disconnection is done, a reconnection is not", async () => {
		await start();
		const { simulated } = meter.simulator;
		const cut = () => {
			simulated.runTo(simulated.monotonic_ms() + 30); // too short to move the armature
			simulated.cutPower();
			simulated.runTo(simulated.monotonic_ms() + 60_000);
			simulated.restorePower();
			step(15);
		};
		assert.equal(await act(1), result.success);
		cut();
		assert.deepEqual(await state(), [false, 0]);
		assert.ok(poles().every((isClosed) => !isClosed));
		assert.equal(await act(2), result.success);
		cut();
		assert.deepEqual(await state(), [false, 0], "nobody has asked for it since");
		assert.ok(poles().every((isClosed) => !isClosed));
		assert.deepEqual(await codes(), [62, 68], "and the log says that it failed");
		assert.equal(await act(2), result.success);
		step(5);
		assert.deepEqual(await state(), [true, 1]);
	});

	it("F92: a break above Imax waits; below it within a minute it is made, else it is event 68 and the supply stays", async () => {
		await start();
		const { grid } = meter;
		const load = (current_A: number) => grid.setPhase(2, { current_A, angle_deg: 0 });
		load(120);
		step(3);
		assert.equal(await act(1), result.success);
		step(40);
		assert.ok(poles().every((isClosed) => isClosed));
		load(90);
		step(5);
		assert.ok(poles().every((isClosed) => !isClosed));
		step(15);
		assert.equal(await act(2), result.success);
		step(15);
		load(120);
		step(3);
		assert.equal(await act(1), result.success);
		step(70);
		assert.ok(poles().every((isClosed) => isClosed));
		assert.deepEqual(await state(), [true, 1]);
		assert.deepEqual(await codes(), [62, 63, 68]);
		assert.equal(
			await meter.with("management", async (client) => asNumber(await client.read(ref(1, "0-0:96.50.6.255"), 2))),
			3,
			"operations, the one that was given up too",
		);
	});

	it("F93: keeps its position and its state over a power failure", async () => {
		await start();
		assert.equal(await act(1), result.success);
		step(4);
		const { simulated } = meter.simulator;
		simulated.cutPower();
		simulated.runTo(simulated.monotonic_ms() + 600_000);
		simulated.restorePower();
		step(4);
		assert.deepEqual(await state(), [false, 0]);
		assert.ok(poles().every((isClosed) => !isClosed));
	});

	it("F01: ST402C knows no switch", async () => {
		await start("ST402C");
		await meter.with("management", async (client) => {
			assert.equal((await client.get(mainSwitch, 3)).result, result.objectUndefined);
			assert.equal((await client.action(mainSwitch, 1, zero)).result, result.objectUndefined);
			const name = asOctets(await client.read(ref(1, "0-0:42.0.0.255"), 2));
			assert.equal(Buffer.from(name).toString("latin1").slice(6, 8), "02");
		});
	});

	it("F70 G10: made without disconnector and limiter it has neither, nor their log, and says so in its name", async () => {
		meter = await RunningMeter.start("ST402D", { speed: 0, withoutOptions: ["disconnector", "limiter"] });
		await meter.with("management", async (client) => {
			const listed = await client.readObjectList();
			const names = new Set(listed.map(({ logicalName }) => logicalName));
			for (const name of [
				"0-0:96.3.10.255",
				"0-0:10.0.106.255",
				"0-0:15.0.1.255",
				"0-0:17.0.0.255",
				"1-1:31.4.0.255",
				"0-0:99.98.2.255",
			])
				assert.ok(!names.has(name), name);
			const name = asOctets(await client.read(ref(1, "0-0:42.0.0.255"), 2));
			assert.equal(Buffer.from(name).toString("latin1").slice(6, 8), "02");
		});
		await assert.rejects(
			RunningMeter.start("ST402C", { withoutOptions: ["disconnector"] }),
			/ST402C has no option disconnector/,
		);
		assert.throws(() => parseCommandLine(["--option", "disconnector=on"]), StartError);
		assert.deepEqual(parseCommandLine(["--option", "pq=off", "--option", "limiter=off"])?.withoutOptions, [
			"pq",
			"limiter",
		]);
	});

	it("F88 F89 SEC-mass: commands as fast as a client can give them move the contacts once in ten seconds", async () => {
		await start();
		const poles = () => meter.simulator.simulated.supplySwitch!.pulses;
		let refused = 0;
		await meter.with("management", async (client) => {
			for (let second = 0; second < 60; second++) {
				for (const method of [1, 2])
					if ((await client.action(mainSwitch, method, zero)).result === result.temporaryFailure) refused++;
				step(1);
			}
		});
		assert.ok(poles().open + poles().close <= 6 && poles().open >= 3, JSON.stringify(poles()));
		assert.ok(refused >= 100);
		assert.equal((await codes()).length, poles().open + poles().close);
	});

	it("SEC-mass F89 F109: the configuration log keeps client, port and object of each remote command, not of one that was refused", async () => {
		await start();
		assert.equal(await act(1), result.success);
		step(15);
		await meter.with("management", async (client) => {
			assert.equal((await client.action(scripts, 1, data.longUnsigned(2))).result, result.success);
			assert.equal((await client.action(mainSwitch, 1, zero)).result, result.temporaryFailure);
		});
		await meter.with("reader", async (client) => {
			assert.equal((await client.action(mainSwitch, 1, zero)).result, result.readWriteDenied);
		});
		step(5);
		await meter.with("management", async (client) => {
			const { rows } = await client.readProfile("0-0:99.98.8.255");
			assert.deepEqual(
				rows.map((row) => [asNumber(row[1]!), Buffer.from(asOctets(row[2]!)).toString("hex")]),
				[
					[62, "0101004600006003" + "0aff01"],
					[63, "0101000900000a00" + "6aff01"],
				],
			);
		});
	});

	it("F50 F90: a button that is held for more than a minute is stuck: told once, and it reconnects nothing until it is let go", async () => {
		await start();
		const { housing } = meter.simulator.simulated;
		await meter.with("management", async (client) => {
			assert.equal(await client.set(mainSwitch, 4, data.enum(3)), result.success);
		});
		housing.set({ serviceButton: true });
		step(90);
		assert.equal(await act(1), result.success);
		step(15);
		assert.equal(await act(2), result.success);
		step(600);
		assert.deepEqual(await state(), [false, 2], "ready, and nobody has pressed");
		housing.set({ serviceButton: false });
		step(5);
		housing.set({ serviceButton: true });
		step(5);
		housing.set({ serviceButton: false });
		step(5);
		assert.deepEqual(await state(), [true, 1]);
		await meter.with("management", async (client) => {
			const standard = (await client.readProfile("0-0:99.98.0.255")).rows.map((row) => asNumber(row[1]!));
			assert.equal(standard.filter((code) => code === 232).length, 1);
		});
	});

	it("F88: the display shows the state of the supply", async () => {
		await start();
		assert.equal(await act(1), result.success);
		const seen = new Set<string>();
		for (let n = 0; n < 100; n++) {
			step(1);
			const { code, value } = meter.simulator.simulated.picture;
			if (code === "96.3.10") seen.add(value);
		}
		assert.deepEqual([...seen], ["OFF"]);
	});
});
