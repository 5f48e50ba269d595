// SPDX-License-Identifier: Apache-2.0
import assert from "node:assert/strict";
import type { SimulatedInstrument } from "../../hosts/simulator/simulated-instrument.js";
import type { Data } from "../support/client/axdr.js";
import type { DlmsClient } from "../support/client/client.js";
import { asNumber, asOctets, data, decodeLogicalName, elementsOf, ref } from "../support/client/data.js";
import { result } from "../support/client/services.js";
import { RunningMeter } from "../support/running-meter.js";
import type { ModelName } from "../support/specified-meter.js";

const led = [ref(3, "1-0:0.3.0.255"), ref(3, "1-0:0.3.1.255"), ref(3, "1-0:0.3.2.255")] as const;
const ratio = {
	currentNumerator: ref(1, "1-0:0.4.2.255"),
	currentDenominator: ref(1, "1-0:0.4.5.255"),
	voltageNumerator: ref(1, "1-0:0.4.3.255"),
	voltageDenominator: ref(1, "1-0:0.4.6.255"),
	side: ref(1, "0-0:96.52.0.255"),
} as const;

interface CertifiedChange {
	readonly logicalName: string;
	readonly attribute: number;
	readonly value: Data;
	readonly previous: Data;
}

async function certified(client: DlmsClient): Promise<CertifiedChange[]> {
	const { rows, columns } = await client.readProfile("1-0:99.99.0.255");
	assert.deepEqual(
		columns.map(({ logicalName }) => logicalName),
		["0-0:1.0.0.255", "0-0:16.2.0.255", "0-0:96.50.31.255"],
	);
	return rows.map((row) => {
		const [, name, attribute, value] = elementsOf(row[1]!, 4);
		return {
			logicalName: decodeLogicalName(asOctets(name!)),
			attribute: asNumber(attribute!),
			value: value!,
			previous: row[2]!,
		};
	});
}

describe("sealed parameters, from outside", () => {
	let meter: RunningMeter;
	let instrument: SimulatedInstrument;
	afterEach(() => meter.close());

	const start = async (model: ModelName, options: Parameters<typeof RunningMeter.start>[1] = {}): Promise<void> => {
		meter = await RunningMeter.start(model, { speed: 0, ...options });
		instrument = meter.instrument();
		meter.simulator.pacer.step(3000);
	};
	const setSeal = (sealOpen: boolean) => {
		meter.simulator.simulated.housing.set({ sealOpen });
		meter.simulator.pacer.step(2000);
	};
	const verify = <Value>(use: (client: DlmsClient) => Promise<Value>) => meter.with("metrology", use, "direct HDLC");
	const manage = <Value>(use: (client: DlmsClient) => Promise<Value>) => meter.with("management", use);
	const number = (client: DlmsClient, object: ReturnType<typeof ref>) => client.read(object, 2).then(asNumber);
	const scaler = async (client: DlmsClient, name: string, classId = 3) =>
		asNumber(elementsOf(await client.read(ref(classId, name), 3), 2)[0]!);

	it("F48, F142, F147: the LED constant is changed by the metrology client with open seal, and by nobody else", async () => {
		await start("ST402D");
		setSeal(true);
		await manage(async (client) => {
			assert.equal(await client.set(led[0], 2, data.doubleLongUnsigned(500)), result.readWriteDenied);
		});
		await verify(async (client) => {
			for (const constant of [0, 1, 999, 20_000]) {
				assert.equal(await client.set(led[0], 2, data.doubleLongUnsigned(constant)), result.otherReason);
			}
			assert.equal(await client.set(led[0], 2, data.longUnsigned(500)), result.typeUnmatched);
			assert.equal(await client.set(led[1], 2, data.doubleLongUnsigned(500)), result.success);
			assert.deepEqual(
				[await number(client, led[0]), await number(client, led[1]), await number(client, led[2])],
				[1000, 500, 1000],
				"each output has its own",
			);
		});
		await manage(async (client) => {
			assert.deepEqual(await certified(client), [
				{
					logicalName: "1-0:0.3.1.255",
					attribute: 2,
					value: data.doubleLongUnsigned(500),
					previous: data.doubleLongUnsigned(1000),
				},
			]);
			assert.equal(await number(client, ref(1, "0-0:96.2.10.255")), 1);
			assert.equal(await number(client, ref(1, "0-0:96.50.31.255")), 1000);
			assert.notEqual((await client.action(ref(7, "1-0:99.99.0.255"), 1, data.integer(0))).result, 0);
		});
		const { simulated } = meter.simulator;
		simulated.cutPower();
		simulated.restorePower();
		meter.simulator.pacer.step(5000);
		await manage(async (client) => {
			assert.equal(await number(client, led[1]), 500);
			assert.equal((await certified(client)).length, 1);
			assert.equal(await number(client, ref(1, "0-0:96.2.10.255")), 1);
		});
	});

	it("F49: the reactive output flashes for |R| with its own constant, and stands still without reactive flow", async () => {
		await start("ST402D");
		const { pacer } = meter.simulator;
		for (const phase of [1, 2, 3] as const) instrument.setPhase(phase, { current_A: 10, angle_deg: 90 });
		setSeal(true);
		await verify(async (client) => {
			assert.equal(await client.set(led[1], 2, data.doubleLongUnsigned(5000)), result.success);
		});
		const run = async (duration_s: number) => {
			const before = instrument.leds();
			pacer.step(duration_s * 1000);
			const after = instrument.leds();
			return [after.reactive.count - before.reactive.count, after.active.count - before.active.count];
		};
		const [inductive, active] = await run(360);
		assert.ok(Math.abs(inductive! - 3450) <= 5, `${inductive} impulses of 690 varh`);
		assert.ok(active! <= 1);
		for (const phase of [1, 2, 3] as const) instrument.setPhase(phase, { current_A: 10, angle_deg: -90 });
		pacer.step(5000);
		const [capacitive] = await run(360);
		assert.ok(Math.abs(capacitive! - 3450) <= 5, `${capacitive} impulses`);
		for (const phase of [1, 2, 3] as const) instrument.setPhase(phase, { current_A: 10, angle_deg: 0 });
		pacer.step(5000);
		const [none, pulses] = await run(900);
		assert.equal(none, 0, "within the no-load time");
		assert.ok(Math.abs(pulses! - 1725) <= 2, "active energy has the constant it had");
	});

	it("F47, F48: impulses follow the new constant, and the registers do not notice", async () => {
		await start("ST402D");
		const { pacer } = meter.simulator;
		for (const phase of [1, 2, 3] as const) instrument.setPhase(phase, { current_A: 10, powerFactor: 1 });
		pacer.step(10_000);
		setSeal(true);
		const run = async () => {
			const before = instrument.leds().active.count;
			const energy = await manage((client) => number(client, ref(3, "1-0:1.8.0.255")));
			pacer.step(360_000); // 690 Wh
			const grown = (await manage((client) => number(client, ref(3, "1-0:1.8.0.255")))) - energy;
			return { pulses: instrument.leds().active.count - before, grown };
		};
		const first = await run();
		assert.ok(Math.abs(first.pulses - 690) <= 2 && Math.abs(first.grown - 690) <= 2, JSON.stringify(first));
		await verify(async (client) => {
			assert.equal(await client.set(led[0], 2, data.doubleLongUnsigned(5000)), result.success);
		});
		const second = await run();
		assert.ok(Math.abs(second.pulses - 3450) <= 5 && Math.abs(second.grown - 690) <= 2, JSON.stringify(second));
	});

	it("F146: a full certification log lets no sealed parameter be changed any more", async () => {
		await start("ST402D");
		setSeal(true);
		const id = ref(1, "0-0:96.1.9.255");
		await verify(async (client) => {
			for (let n = 0; n < 100; n++) {
				assert.equal(await client.set(id, 2, data.octetString(`change ${n}`)), result.success);
			}
			assert.equal(await client.set(id, 2, data.octetString("one more")), result.otherReason);
			assert.equal(await client.set(led[0], 2, data.doubleLongUnsigned(500)), result.otherReason);
		});
		await manage(async (client) => {
			assert.equal(Buffer.from(asOctets(await client.read(id, 2))).toString(), "change 99");
			const changes = await certified(client);
			assert.equal(changes.length, 100);
			for (const attribute of [7, 8])
				assert.equal(asNumber(await client.read(ref(7, "1-0:99.99.0.255"), attribute)), 100);
			assert.deepEqual(changes[0]!.previous, data.octetString(""));
			assert.deepEqual(changes[99]!.value, data.octetString("change 99"));
			assert.deepEqual(changes[99]!.previous, data.octetString("change 98"));
			const { rows } = await client.readProfile("0-0:99.98.0.255");
			const codes = rows.map((row) => asNumber(row[1]!));
			assert.ok(codes.includes(236) && codes.includes(237));
		});
	});

	it("SEC-seal: the seal counts as closed when the cover is put back on", async () => {
		await start("ST402D");
		const { pacer, simulated } = meter.simulator;
		setSeal(true);
		simulated.housing.set({ meterCoverOpen: true });
		pacer.step(2000);
		await verify((client) => number(client, led[0]));
		simulated.housing.set({ meterCoverOpen: false });
		pacer.step(2000);
		await assert.rejects(meter.connect("metrology", "direct HDLC"));
		await manage(async (client) => assert.equal(await number(client, ref(1, "0-0:96.2.4.255")), 8));
	});

	it("F25: secondary registration shows the terminals and gives the ratio as reading factor", async () => {
		await start("ST402C");
		const { pacer } = meter.simulator;
		for (const phase of [1, 2, 3] as const) instrument.setPhase(phase, { current_A: 5, powerFactor: 1 });
		setSeal(true);
		await verify(async (client) => {
			assert.equal(await client.set(ratio.currentNumerator, 2, data.longUnsigned(200)), result.success);
		});
		pacer.step(5000);
		await manage(async (client) => {
			assert.equal(await number(client, ref(1, "1-0:0.4.4.255")), 200);
			assert.equal(await number(client, ref(1, "1-0:0.4.7.255")), 5);
			for (const e of [0, 1]) assert.equal(await number(client, ref(1, `1-0:0.4.${e}.255`)), 40);
			assert.ok(Math.abs((await number(client, ref(3, "1-0:1.7.0.255"))) - 3450) <= 4);
			assert.equal(await scaler(client, "1-0:1.7.0.255"), 0);
		});
	});

	it("F25: primary registers of 200/5 at 5 A, 3 x 230 V, PF 1 show 138 kW; scalers and reading factors follow", async () => {
		await start("ST402C");
		const { pacer } = meter.simulator;
		setSeal(true);
		await verify(async (client) => {
			assert.equal(await client.set(ratio.currentNumerator, 2, data.longUnsigned(200)), result.success);
			assert.equal(await client.set(ratio.side, 2, data.enum(1)), result.success);
		});
		for (const phase of [1, 2, 3] as const) instrument.setPhase(phase, { current_A: 5, powerFactor: 1 });
		pacer.step(3_605_000);
		await manage(async (client) => {
			assert.equal(await scaler(client, "1-0:1.7.0.255"), 1);
			assert.ok(Math.abs((await number(client, ref(3, "1-0:1.7.0.255"))) - 13_800) <= 14, "138 kW");
			assert.equal(await scaler(client, "1-0:1.8.0.255"), 1);
			assert.ok(Math.abs((await number(client, ref(3, "1-0:1.8.0.255"))) - 13_800) <= 40, "138 kWh");
			assert.equal(await scaler(client, "1-0:31.7.0.255"), -1);
			assert.ok(Math.abs((await number(client, ref(3, "1-0:31.7.0.255"))) - 2000) <= 2, "200 A");
			assert.equal(await scaler(client, "1-0:32.7.0.255"), -1);
			assert.ok(Math.abs((await number(client, ref(3, "1-0:32.7.0.255"))) - 2300) <= 2);
			for (const e of [0, 1]) assert.equal(await number(client, ref(1, `1-0:0.4.${e}.255`)), 1);
			assert.equal(await scaler(client, "1-0:1.5.0.255", 4), 1);
			const demand = await number(client, ref(4, "1-0:1.5.0.255"));
			assert.ok(Math.abs(demand - 13_800) <= 14, `demand ${demand}`);
			assert.ok(Math.abs((await number(client, ref(5, "1-0:1.24.0.255"))) - 13_800) <= 14);
		});
		// the outputs stay those of the terminals: 10000 imp/kWh of 3450 W
		const before = instrument.leds().active.count;
		pacer.step(360_000);
		assert.ok(Math.abs(instrument.leds().active.count - before - 3450) <= 5);
	});

	it("F25: a ratio that cannot be, or another scaler on registers that are not zero, is refused; energies are never converted", async () => {
		await start("ST402C");
		const { pacer, simulated } = meter.simulator;
		for (const phase of [1, 2, 3] as const) instrument.setPhase(phase, { current_A: 5, powerFactor: 1 });
		pacer.step(3_600_000);
		setSeal(true);
		const energy = () => manage((client) => number(client, ref(3, "1-0:1.8.0.255")));
		const before = await energy();
		assert.ok(before > 3000);
		await verify(async (client) => {
			for (const object of [ratio.currentNumerator, ratio.currentDenominator]) {
				assert.equal(await client.set(object, 2, data.longUnsigned(0)), result.otherReason);
			}
			for (const object of [ratio.voltageNumerator, ratio.voltageDenominator]) {
				assert.equal(await client.set(object, 2, data.doubleLongUnsigned(0)), result.otherReason);
			}
			assert.equal(await client.set(ratio.side, 2, data.enum(2)), result.otherReason);
			// 4/5 of a ten: scaler 0 stays
			assert.equal(await client.set(ratio.currentNumerator, 2, data.longUnsigned(20)), result.success);
			assert.equal(await client.set(ratio.side, 2, data.enum(1)), result.success);
			assert.equal(await client.set(ratio.currentNumerator, 2, data.longUnsigned(200)), result.otherReason);
			assert.equal(await number(client, ratio.currentNumerator), 20);
			simulated.housing.set({ factoryLink: true });
			assert.equal(await client.set(ratio.currentNumerator, 2, data.longUnsigned(200)), result.success);
		});
		assert.ok(Math.abs((await energy()) - before) <= 10, "not converted");
		await manage(async (client) => {
			const changes = await certified(client);
			assert.deepEqual(
				changes.map(({ logicalName }) => logicalName),
				["1-0:0.4.2.255", "0-0:96.52.0.255", "1-0:0.4.2.255"],
			);
			const { rows } = await client.readProfile("0-0:99.98.0.255");
			assert.equal(rows.filter((row) => asNumber(row[1]!) === 235).length, 3);
			const profile = await client.readProfile("1-0:99.1.0.255");
			assert.ok(
				profile.rows.some((row) => (asNumber(row[1]!) & 4) !== 0),
				"the running interval was closed with data not valid",
			);
			assert.equal(await client.set(ratio.side, 2, data.enum(0)), result.readWriteDenied);
		});
	});

	it("F18, F142: test registers count milliwatt-hours in test mode alone, which ends when the seal is closed", async () => {
		await start("ST402D");
		const { pacer } = meter.simulator;
		instrument.setPhase(1, { current_A: 10, powerFactor: 1 });
		instrument.setPhase(2, { current_A: 10, powerFactor: -0.5, reactive: "inductive" });
		pacer.step(10_000);
		const enter = ref(9, "0-0:10.0.101.255");
		const script = data.longUnsigned(1);
		const test = (client: DlmsClient, c: number) => number(client, ref(3, `1-0:${c}.58.0.255`));
		await manage(async (client) => {
			assert.equal(await test(client, 1), 0);
			assert.notEqual((await client.action(enter, 1, script)).result, 0);
		});
		setSeal(true);
		await verify(async (client) => assert.equal((await client.action(enter, 1, script)).result, 0));
		const energy = await manage((client) => number(client, ref(3, "1-0:21.8.0.255")));
		pacer.step(36_000);
		await manage(async (client) => {
			// a second more or less at either end
			assert.ok(Math.abs((await test(client, 21)) - 23_000) <= 700, "10 A for 36 s");
			assert.ok(Math.abs((await test(client, 42)) - 11_500) <= 350);
			assert.ok(Math.abs((await test(client, 1)) - 11_500) <= 350, "vector sum");
			assert.ok(Math.abs((await number(client, ref(3, "1-0:21.8.0.255"))) - energy - 23) <= 1);
			assert.equal(await test(client, 61), 0);
		});
		setSeal(false);
		await manage(async (client) => {
			assert.equal(await test(client, 21), 0);
			const { rows } = await client.readProfile("0-0:99.98.0.255");
			assert.deepEqual(
				rows.map((row) => asNumber(row[1]!)).filter((code) => code === 57 || code === 58),
				[57, 58],
			);
		});
	});

	it("F18, F28, F29: demand periods last a minute in test mode, make no maximum, and the agreed period comes back", async () => {
		await start("ST402D");
		const { pacer } = meter.simulator;
		instrument.setPhase(1, { current_A: 10, powerFactor: 1 });
		pacer.step(3000);
		setSeal(true);
		const demand = ref(5, "1-0:1.4.0.255");
		const script = data.longUnsigned(1);
		await verify(async (client) =>
			assert.equal((await client.action(ref(9, "0-0:10.0.101.255"), 1, script)).result, 0),
		);
		instrument.setPhase(1, { current_A: 20, powerFactor: 1 });
		pacer.step(180_000);
		await manage(async (client) => {
			assert.equal(await number(client, ref(3, "1-0:0.8.0.255")), 60);
			assert.equal(asNumber(await client.read(demand, 8)), 60);
			assert.ok(Math.abs(asNumber(await client.read(demand, 3)) - 4600) <= 5, "last average");
			assert.equal(await number(client, ref(4, "1-0:1.6.0.255")), 0, "no maximum");
			assert.notEqual(await client.set(demand, 8, data.doubleLongUnsigned(300)), 0, "refused meanwhile");
		});
		setSeal(false);
		await manage(async (client) => {
			assert.equal(asNumber(await client.read(demand, 8)), 900);
			assert.equal(await client.set(demand, 8, data.doubleLongUnsigned(300)), 0);
		});
		pacer.step(900_000);
		await manage(async (client) =>
			assert.ok(Math.abs((await number(client, ref(4, "1-0:1.6.0.255"))) - 4600) <= 5, "a maximum again"),
		);
	});

	it("F09, F165: the status word of the metrology tells how it sums, what it registers, test mode and seal", async () => {
		await start("ST402C");
		const diagram = await manage((client) => client.read(ref(1, "1-0:0.2.4.255"), 2));
		assert.equal(Buffer.from(asOctets(diagram)).toString("latin1"), "4010", "connection diagram");
		const word = () => manage((client) => client.read(ref(1, "0-0:96.5.1.255"), 2));
		assert.deepEqual(await word(), data.bitString("1".padEnd(32, "0")));
		setSeal(true);
		await verify(async (client) => {
			assert.equal(await client.set(ratio.side, 2, data.enum(1)), result.success);
			assert.equal((await client.action(ref(9, "0-0:10.0.101.255"), 1, data.longUnsigned(1))).result, 0);
		});
		assert.deepEqual(await word(), data.bitString("100111".padEnd(32, "0")));
	});

	for (const sum of ["vector", "arithmetic"] as const) {
		it(`F04, F05, F06, F12, G15: a meter made for the ${sum} sum registers a phase that exports what another imports so`, async () => {
			await start("ST402D", { sum });
			const { pacer } = meter.simulator;
			instrument.setPhase(1, { current_A: 10, powerFactor: 1 });
			instrument.setPhase(2, { current_A: 10, powerFactor: -1 });
			pacer.step(3_600_000);
			await manage(async (client) => {
				const energy = (c: number) => number(client, ref(3, `1-0:${c}.8.0.255`));
				const [imported, exported, absolute, net] = [
					await energy(1),
					await energy(2),
					await energy(15),
					await energy(16),
				];
				const ofPhases = (await energy(21)) + (await energy(41)) + (await energy(61));
				assert.ok(Math.abs(ofPhases - 2300) <= 5, `${ofPhases}`);
				if (sum === "vector") assert.ok(imported <= 2 && exported <= 2, `${imported} ${exported}`);
				else {
					assert.ok(Math.abs(imported - ofPhases) <= 2, "the three add up");
					assert.ok(Math.abs(exported - 2300) <= 5);
				}
				assert.ok(Math.abs(absolute - imported - exported) <= 1);
				assert.ok(Math.abs(net - (imported - exported)) <= 1);
				const word = await client.read(ref(1, "0-0:96.5.1.255"), 2);
				assert.deepEqual(word, data.bitString((sum === "vector" ? "10" : "11").padEnd(32, "0")));
			});
		});
	}

	it("F09: apparent energy with distortion is the sum of U·I, or the root of P² + Q² in a meter made so", async () => {
		const apparent_VAh: number[] = [];
		for (const apparent of ["rms", "vectorial"] as const) {
			await start("ST402D", { apparent });
			instrument.setPhase(1, { current_A: 10, powerFactor: 1, currentHarmonics: [{ order: 3, fraction: 0.5 }] });
			meter.simulator.pacer.step(3_600_000);
			apparent_VAh.push(await manage((client) => number(client, ref(3, "1-0:9.8.0.255"))));
			if (apparent === "rms") await meter.close();
		}
		const [rms, vectorial] = apparent_VAh;
		assert.ok(Math.abs(rms! - 2300 * Math.sqrt(1.25)) <= 10 && Math.abs(vectorial! - 2300) <= 10, `${apparent_VAh}`);
	});
});
