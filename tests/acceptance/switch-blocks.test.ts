// SPDX-License-Identifier: Apache-2.0
import assert from "node:assert/strict";
import { parseCommandLine } from "../../hosts/simulator/options.js";
import { asNumber, data, ref } from "../support/client/data.js";
import { result } from "../support/client/services.js";
import { RunningMeter } from "../support/running-meter.js";
import { since2000_s } from "../support/since-2000.js";

const mainSwitch = ref(70, "0-0:96.3.10.255");
const schedule = ref(22, "0-0:15.0.1.255");
const limiter = ref(71, "0-0:17.0.0.255");
const switchTable = Uint8Array.of(0, 0, 10, 0, 106, 255);
const zero = data.integer(0);
const open = [false, false, false];
const closed = [true, true, true];

/** What blocks a reconnection for as long as it lasts. */
interface Block {
	readonly name: string;
	/** Of the command line; undefined: nothing is ordered. */
	readonly order?: string;
	set(meter: RunningMeter, isThere: boolean): void;
}

const blocks: readonly Block[] = [
	{
		name: "the terminal cover is open (as ordered)",
		order: "cover",
		set: (meter, isThere) => meter.simulator.simulated.housing.set({ terminalCoverOpen: isThere }),
	},
	{
		name: "there is voltage on the load side",
		set: (meter, isThere) => meter.simulator.simulated.supplySwitch!.setPole(2, { isBackFed: isThere }),
	},
];

describe("what keeps the supply switch from moving, from outside", () => {
	let meter: RunningMeter;
	afterEach(() => meter.close());

	async function start(order?: string): Promise<void> {
		const { switching } = parseCommandLine(order === undefined ? [] : ["--switching", order])!;
		const clock_s = since2000_s("2026-03-10T10:00:00Z");
		meter = await RunningMeter.start("ST402D", { clock_s, speed: 0, seed: 7, switching });
		for (const phase of [1, 2, 3] as const) meter.simulator.simulated.household?.setActive(phase, false);
		load(10);
		step(3);
	}

	function load(current_A: number): void {
		const { grid } = meter;
		for (const phase of [1, 2, 3] as const) grid.setPhase(phase, { voltage_V: 230, current_A, angle_deg: 0 });
	}

	const step = (seconds: number) => meter.simulator.pacer.step(seconds * 1000);
	const poles = () => meter.simulator.simulated.supplySwitch!.state().poles.map((pole) => pole.isClosed);
	const act = (method: number) =>
		meter.with("management", async (client) => (await client.action(mainSwitch, method, zero)).result);
	const setMode = (mode: number) => meter.with("management", (client) => client.set(mainSwitch, 4, data.enum(mode)));
	const read = (attribute: number) => meter.with("management", (client) => client.read(mainSwitch, attribute));
	const codes = () =>
		meter.with("management", async (client) =>
			(await client.readProfile("0-0:99.98.2.255")).rows.map((row) => asNumber(row[1]!)),
		);

	function press(seconds: number): void {
		const { housing } = meter.simulator.simulated;
		housing.set({ serviceButton: true });
		step(seconds);
		housing.set({ serviceButton: false });
		step(5);
	}

	for (const block of blocks) {
		it(`F88 F89: while ${block.name}, no command and no mode closes it; then they do`, async () => {
			await start(block.order);
			assert.equal(await act(1), result.success);
			step(15);
			block.set(meter, true);
			step(10);
			assert.equal(await act(2), result.temporaryFailure);
			assert.equal(await setMode(0), result.temporaryFailure);
			step(20);
			assert.deepEqual([poles(), asNumber(await read(3)), asNumber(await read(4))], [open, 0, 2]);
			assert.deepEqual(await codes(), [62]);
			block.set(meter, false);
			step(2);
			assert.equal(await act(2), result.success);
			step(5);
			assert.deepEqual([poles(), await codes()], [closed, [62, 63]]);
		});

		it(`F90: while ${block.name}, the button closes nothing`, async () => {
			await start(block.order);
			assert.equal(await setMode(1), result.success);
			press(3);
			step(10);
			assert.deepEqual([poles(), asNumber(await read(3))], [open, 2]);
			block.set(meter, true);
			press(5);
			assert.deepEqual(poles(), open);
			block.set(meter, false);
			step(20);
			assert.deepEqual(poles(), open, "the press is over");
			press(3);
			assert.deepEqual([poles(), await codes()], [closed, [60, 61]]);
		});

		it(`F89: what a schedule orders while ${block.name} is done as soon as it is not`, async () => {
			await start(block.order);
			assert.equal(await act(1), result.success);
			// 10:05 UTC is 11:05 local time
			const at = data.structure(
				data.octetString(Uint8Array.of(11, 5, 0, 0)),
				data.octetString(Uint8Array.of(0x07, 0xea, 3, 10, 0xff)),
			);
			await meter.with("management", async (client) => {
				const script = data.structure(data.octetString(switchTable), data.longUnsigned(2));
				assert.equal(await client.set(schedule, 2, script), result.success);
				assert.equal(await client.set(schedule, 4, data.array(at)), result.success);
			});
			step(15);
			block.set(meter, true);
			step(600);
			assert.deepEqual(poles(), open);
			block.set(meter, false);
			step(5);
			assert.deepEqual([poles(), await codes()], [closed, [62, 63]]);
		});

		it(`F135: a limiter whose penalty ends while ${block.name} reconnects as soon as it is not`, async () => {
			await start(block.order);
			const power = data.structure(
				data.longUnsigned(3),
				data.octetString(Uint8Array.of(1, 0, 1, 7, 0, 255)),
				data.integer(2),
			);
			assert.equal(await setMode(6), result.success);
			await meter.with("management", async (client) => {
				for (const [attribute, value] of [
					[2, power],
					[4, data.doubleLongUnsigned(3000)],
					[6, data.doubleLongUnsigned(5)],
					[7, data.doubleLongUnsigned(30)],
				] as const)
					assert.equal(await client.set(limiter, attribute, value), result.success);
			});
			step(10);
			assert.deepEqual(poles(), open);
			block.set(meter, true);
			load(1);
			step(120);
			assert.deepEqual(poles(), open);
			block.set(meter, false);
			step(5);
			assert.deepEqual(poles(), closed);
			assert.deepEqual(
				(await codes()).filter((code) => code === 64 || code === 69),
				[64, 69],
			);
		});
	}

	it("F88: unless it was ordered, an open terminal cover holds nothing up", async () => {
		await start("force");
		assert.equal(await act(1), result.success);
		step(15);
		meter.simulator.simulated.housing.set({ terminalCoverOpen: true });
		step(10);
		assert.equal(await act(2), result.success);
		step(5);
		assert.deepEqual(poles(), closed);
	});

	it("F92: above Imax the button waits as a command does: for up to a minute, then event 68 and the supply stays", async () => {
		await start();
		assert.equal(await setMode(1), result.success);
		load(120);
		step(3);
		press(3);
		step(40);
		assert.deepEqual(poles(), closed);
		load(90);
		step(5);
		assert.deepEqual([poles(), await codes()], [open, [60]]);
		step(15);
		press(3);
		step(15);
		load(120);
		step(3);
		press(3);
		step(70);
		assert.deepEqual([poles(), await codes()], [closed, [60, 61, 68]]);
	});

	it("F92 F70: ordered to be forced, it opens above Imax at once, for a command and for the button", async () => {
		await start("force");
		load(120);
		step(3);
		assert.equal(await act(1), result.success);
		step(3);
		assert.deepEqual([poles(), await codes()], [open, [62]]);
		step(15);
		assert.equal(await act(2), result.success);
		assert.equal(await setMode(1), result.success);
		step(15);
		press(3);
		assert.deepEqual([poles(), await codes()], [open, [62, 63, 60]]);
	});
});
