// SPDX-License-Identifier: Apache-2.0
import assert from "node:assert/strict";
import { asNumber, data, ref } from "../support/client/data.js";
import { result } from "../support/client/services.js";
import { RunningMeter } from "../support/running-meter.js";

const register = (n: number) => ref(1, `0-0:97.98.${n - 1}.255`);
const filter = (n: number) => ref(1, `0-0:97.98.${n + 9}.255`);
const descriptor = (n: number) => ref(1, `0-0:97.98.${n + 19}.255`);
const errors = ref(1, "0-0:97.97.0.255");
/** Bits of register 1, 2 and 3. */
const fraudAttempt = 1 << 13;
const replaceBattery = 1 << 1;
const tariffTable = 1 << 3;
const powerResume = 1 << 1;
const endOfFraud = 1 << 14;

describe("alarms and errors, from outside", () => {
	let meter: RunningMeter;
	beforeEach(async () => {
		meter = await RunningMeter.start("ST402D", { speed: 0, seed: 3 });
		step(3);
		for (const n of [1, 2, 3]) {
			await write(register(n), 0);
			await write(descriptor(n), 0);
		}
	});
	afterEach(() => meter.close());

	const step = (seconds: number) => meter.simulator.pacer.step(seconds * 1000);
	const read = (object: ReturnType<typeof ref>) =>
		meter.with("management", async (client) => asNumber(await client.read(object, 2)));
	const write = (object: ReturnType<typeof ref>, value: number) =>
		meter.with("management", (client) => client.set(object, 2, data.doubleLongUnsigned(value >>> 0)));
	const count = (code: number) =>
		meter.with("management", async (client) => {
			const { rows } = await client.readProfile("0-0:99.98.0.255");
			return rows.filter((row) => asNumber(row[1]!) === code).length;
		});
	const housing = () => meter.simulator.simulated.housing;

	it("F114: an event sets its bit; the descriptor takes a bit that rises through an open filter, and keeps it until a client clears it", async () => {
		housing().set({ meterCoverOpen: true });
		step(3);
		assert.equal((await read(register(1))) & fraudAttempt, fraudAttempt);
		assert.equal(await read(descriptor(1)), fraudAttempt);
		housing().set({ meterCoverOpen: false });
		step(70);
		assert.equal((await read(register(1))) & fraudAttempt, 0, "the condition is over");
		assert.equal((await read(register(3))) & endOfFraud, endOfFraud);
		assert.equal(await read(descriptor(1)), fraudAttempt);
		assert.equal(await read(descriptor(3)), 0, "filter 3 lets nothing through as delivered");
		assert.equal(await write(filter(1), (await read(filter(1))) & ~fraudAttempt), result.success);
		assert.equal(await write(descriptor(1), 0), result.success);
		housing().set({ meterCoverOpen: true });
		step(3);
		assert.equal((await read(register(1))) & fraudAttempt, fraudAttempt);
		assert.equal(await read(descriptor(1)), 0, "the filter is closed");
	});

	it("F114: a client clears bits of a register and of a descriptor, and sets none; each clearing of a register is event 11", async () => {
		housing().set({ meterCoverOpen: true });
		const { simulated } = meter.simulator;
		step(3);
		simulated.cutPower();
		simulated.runTo(simulated.monotonic_ms() + 5000);
		simulated.restorePower();
		step(3);
		const second = await read(register(2));
		assert.equal(second & powerResume, powerResume);
		const cleared = await count(11);
		for (const [object, value] of [
			[register(2), second | (1 << 20)],
			[register(1), fraudAttempt | (1 << 9)],
			[descriptor(1), fraudAttempt | 1],
		] as const) {
			const before = await read(object);
			assert.equal(await write(object, value), result.otherReason);
			assert.equal(await read(object), before);
		}
		assert.equal(await count(11), cleared);
		assert.equal(await write(register(2), second & ~powerResume), result.success);
		assert.equal(await read(register(2)), second & ~powerResume);
		assert.equal(await write(register(2), 0), result.success);
		assert.equal(await read(register(2)), 0);
		assert.equal(await count(11), cleared + 2);
		const clearing = data.doubleLongUnsigned(0);
		const denied = await meter.with("technician", (client) => client.set(register(1), 2, clearing), "direct HDLC");
		assert.equal(denied, result.readWriteDenied);
		simulated.cutPower();
		simulated.runTo(simulated.monotonic_ms() + 5000);
		simulated.restorePower();
		assert.equal((await read(register(1))) & fraudAttempt, fraudAttempt, "over a power cut");
	});

	it("F114 F43: an error stays in the error object until its cause is gone; clearing it before changes nothing, afterwards is event 10", async () => {
		const { rtc } = meter.simulator.simulated;
		rtc.change({ cell_mV: 0 });
		step(130);
		assert.equal((await read(errors)) & replaceBattery, replaceBattery);
		await write(errors, 0);
		assert.equal((await read(errors)) & replaceBattery, replaceBattery, "its cause lasts");
		rtc.change({ cell_mV: 3000 });
		step(130);
		assert.equal((await read(errors)) & replaceBattery, 0);
		assert.equal((await read(register(1))) & replaceBattery, 0, "and so does the bit that mirrors it");
		const told = await count(10);
		await meter.with("management", async (client) => {
			const calendar = ref(20, "0-0:13.0.0.255");
			assert.equal(await client.set(calendar, 7, data.array()), result.success);
			assert.equal((await client.action(calendar, 1, data.integer(0))).result, result.otherReason);
		});
		assert.equal((await read(errors)) & tariffTable, tariffTable, "an inconsistent passive set");
		assert.equal(await write(errors, 0), result.success);
		assert.equal((await read(errors)) & tariffTable, 0);
		assert.equal(await count(10), told + 1);
		assert.equal(await write(errors, 1 << 31), result.otherReason);
	});
});
