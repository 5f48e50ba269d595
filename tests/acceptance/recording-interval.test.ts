// SPDX-License-Identifier: Apache-2.0
import assert from "node:assert/strict";
import type { SimulatedInstrument } from "../../hosts/simulator/simulated-instrument.js";
import type { DlmsClient } from "../support/client/client.js";
import { asNumber, data, elementsOf, ref } from "../support/client/data.js";
import { clockColumn, encodeCaptureObject } from "../support/client/profile.js";
import { result } from "../support/client/services.js";
import { RunningMeter } from "../support/running-meter.js";
import type { ModelName } from "../support/specified-meter.js";

const profile = ref(7, "1-0:99.1.0.255");
const counted = [1, 2, 5, 6, 7, 8];
const zero = data.integer(0);

describe("energy of the recording interval, from outside", () => {
	let meter: RunningMeter;
	let instrument: SimulatedInstrument;
	afterEach(() => meter.close());

	const start = async (model: ModelName = "ST402D"): Promise<void> => {
		meter = await RunningMeter.start(model, { speed: 0 });
		instrument = meter.instrument();
		step(3);
	};
	const step = (seconds: number) => meter.simulator.pacer.step(seconds * 1000);
	const manage = <Value>(use: (client: DlmsClient) => Promise<Value>) => meter.with("management", use);
	const register = (client: DlmsClient, name: string) => client.read(ref(3, name), 2).then(asNumber);
	const values = async (client: DlmsClient, d: number) => {
		const shown: number[] = [];
		for (const c of counted) shown.push(await register(client, `1-0:${c}.${d}.0.255`));
		return shown;
	};
	const increments = (client: DlmsClient) => values(client, 29);
	const totals = (client: DlmsClient) => values(client, 8);
	/** Seconds to the next quarter of an hour. */
	const toBoundary = async () => {
		const time = (await manage((client) => client.read(ref(8, "0-0:1.0.0.255"), 2))).value as Uint8Array;
		return 900 - ((time[6]! * 60 + time[7]!) % 900);
	};
	/** A row of the profile holds what a register showed then. */
	const assertGrown = (shown: readonly number[], now: readonly number[], before: readonly number[], what: string) => {
		for (let n = 0; n < counted.length; n++) {
			const grown = now[n]! - before[n]!;
			assert.ok(Math.abs(shown[n]! - grown) <= 1, `${what}: 1-0:${counted[n]}.29.0 is ${shown[n]}, not ${grown}`);
		}
	};

	it("F99, G5, G15: counts what the registers took since the last boundary, over a power cut and an extra row", async () => {
		await start();
		instrument.setPhase(1, { current_A: 20, powerFactor: 0.8, reactive: "inductive" });
		step((await toBoundary()) + 300);
		const [first, before] = await manage(async (client) => [await increments(client), await totals(client)] as const);
		assert.ok(first[0]! > 290 && first[2]! > 200, first.join());
		instrument.setPhase(1, { current_A: 20, powerFactor: -0.8, reactive: "capacitive" });
		step(300);
		await manage(async (client) => {
			const [shown, now] = [await increments(client), await totals(client)];
			assertGrown(
				shown.map((value, n) => value - first[n]!),
				now,
				before,
				"of the other quadrant",
			);
			assert.ok(shown[1]! > 290 && shown[4]! > 200 && shown[3] === 0, shown.join());
			assert.equal((await client.action(profile, 2, zero)).result, result.success, "a row between");
			assertGrown(
				await increments(client),
				await totals(client),
				[...before].map((value, n) => value - first[n]!),
				"extra row",
			);
		});
		const { simulated } = meter.simulator;
		simulated.cutPower();
		simulated.restorePower();
		step(5);
		await manage(async (client) => {
			assertGrown(
				await increments(client),
				await totals(client),
				[...before].map((value, n) => value - first[n]!),
				"power cut",
			);
		});
		step((await toBoundary()) + 60);
		const atBoundary = await manage((client) => client.readProfile("1-0:99.1.0.255"));
		const newest = atBoundary.rows[atBoundary.rows.length - 1]!;
		await manage(async (client) => {
			const [shown, now] = [await increments(client), await totals(client)];
			assert.ok(Math.abs(shown[1]! - (now[1]! - asNumber(newest[3]!))) <= 1, "since the row of the boundary");
			assert.equal(shown[0], 0);
		});
	});

	it("F99, F105: a profile that captures them gets the energy of each interval; the sum is what the register grew by", async () => {
		await start();
		instrument.setPhase(1, { current_A: 20, powerFactor: 1 });
		await manage(async (client) => {
			const column = (classId: number, name: readonly number[]) =>
				data.structure(
					data.longUnsigned(classId),
					data.octetString(Uint8Array.from(name)),
					data.integer(2),
					data.longUnsigned(0),
				);
			const columns = data.array(
				column(8, [0, 0, 1, 0, 0, 255]),
				column(3, [1, 0, 1, 29, 0, 255]),
				column(3, [1, 0, 1, 8, 0, 255]),
			);
			assert.equal(await client.set(profile, 3, columns), result.success);
			assert.equal(await register(client, "1-0:1.29.0.255"), 0, "it begins anew with the profile");
		});
		step(4 * 900);
		const { rows } = await manage((client) => client.readProfile("1-0:99.1.0.255"));
		assert.ok(rows.length >= 4);
		for (let n = 1; n < rows.length; n++) {
			const grown = asNumber(rows[n]![2]!) - asNumber(rows[n - 1]![2]!);
			const increment = asNumber(rows[n]![1]!);
			assert.ok(Math.abs(increment - 1150) <= 2 && Math.abs(increment - grown) <= 1, `${increment} of ${grown}`);
		}
	});

	it("F99: forgetting the rows does not end the interval, another period does", async () => {
		await start();
		instrument.setPhase(1, { current_A: 20, powerFactor: 1 });
		step((await toBoundary()) + 300);
		await manage(async (client) => {
			const before = (await increments(client))[0]!;
			assert.equal((await client.action(profile, 1, zero)).result, result.success);
			assert.ok((await increments(client))[0]! - before <= 1);
			assert.equal(await client.set(profile, 4, data.doubleLongUnsigned(1800)), result.success);
			assert.equal((await increments(client))[0], 0);
		});
		step(60);
		await manage(async (client) => {
			const [value] = await increments(client);
			assert.ok(value! >= 75 && value! <= 78, `${value}`);
		});
	});

	it("F99, F101: another profile captures it too, and has all its entries, over a power cut", async () => {
		await start();
		instrument.setPhase(1, { current_A: 20, powerFactor: 1 });
		const other = ref(7, "1-0:99.2.0.255");
		const energy = (name: string) => ({ ...ref(3, name), attribute: 2, dataIndex: 0 });
		await manage(async (client) => {
			const columns = [clockColumn, energy("1-0:1.29.0.255"), energy("1-0:1.8.0.255")];
			assert.equal(await client.set(other, 3, data.array(...columns.map(encodeCaptureObject))), result.success);
			assert.equal(await client.set(other, 4, data.doubleLongUnsigned(300)), result.success);
		});
		step((await toBoundary()) + 3000);
		meter.simulator.simulated.cutPower();
		step(10);
		meter.simulator.simulated.restorePower();
		step(890);
		await manage(async (client) => {
			const rows = elementsOf(await client.read(other, 2)).map((row) => elementsOf(row, 3).slice(1).map(asNumber));
			assert.ok(rows.length >= 13, `${rows.length} rows`);
			// load profile 1 has ended the interval when its boundary is that of both
			const begins = rows.flatMap(([shown], n) => (shown === 0 ? [n] : []));
			assert.ok(begins.length >= 4);
			for (const [n, at] of begins.entries()) {
				assert.equal(at, begins[0]! + 3 * n);
				for (const [shown, total] of rows.slice(at + 1, at + 3)) {
					assert.ok(Math.abs(total! - rows[at]![1]! - shown!) <= 1, `row behind ${at}`);
					assert.ok(shown! > 200);
				}
			}
		});
	});

	it("F25, F96: increments of interval and billing period have the scaler of the energies they are of", async () => {
		await start("ST402C");
		meter.simulator.simulated.housing.set({ sealOpen: true });
		step(2);
		await meter.with(
			"metrology",
			async (client) => {
				assert.equal(await client.set(ref(1, "1-0:0.4.2.255"), 2, data.longUnsigned(200)), result.success);
				assert.equal(await client.set(ref(1, "0-0:96.52.0.255"), 2, data.enum(1)), result.success);
			},
			"direct HDLC",
		);
		step(await toBoundary());
		for (const phase of [1, 2, 3] as const) instrument.setPhase(phase, { current_A: 5, powerFactor: 1 });
		step(605);
		await manage(async (client) => {
			for (const name of ["1-0:1.8.0.255", "1-0:1.9.0.255", "1-0:1.29.0.255"]) {
				const scaler = asNumber(elementsOf(await client.read(ref(3, name), 3), 2)[0]!);
				const energy_Wh = (await register(client, name)) * 10 ** scaler;
				assert.equal(scaler, 1, name);
				assert.ok(Math.abs(energy_Wh - 23_000) <= 230, `${name} shows ${energy_Wh} Wh of 138 kW in 600 s`);
			}
		});
	});
});
