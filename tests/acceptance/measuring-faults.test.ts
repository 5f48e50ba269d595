// SPDX-License-Identifier: Apache-2.0
import assert from "node:assert/strict";
import { Ade9000Model } from "../../hosts/simulator/afe/ade9000/ade9000-model.js";
import { ReferenceMeter } from "../../hosts/simulator/grid/truth.js";
import { MemoryFlash } from "../../hosts/simulator/storage/memory-flash.js";
import { crc16Ccitt } from "../../src/core/crc.js";
import { calibrationLayout } from "../../src/drivers/calibrated-front-end.js";
import { encodeCalibration, readCalibration } from "../../src/metrology/calibration.js";
import { type ModelDescriptor, sm402d, st402d } from "../../src/models/model.js";
import { displaySymbol } from "../../src/ports/display.js";
import { recordKey } from "../../src/storage/keys.js";
import { flashLayout } from "../../src/storage/layout.js";
import { RecordLog } from "../../src/storage/record-log.js";
import { MeterBench } from "../events/meter-bench.js";
import { asNumber, ref } from "../support/client/data.js";

const standardLog = 0;
const fraudLog = 1;
const powerQualityLog = 4;
const measurementError = 16;
const measurementErrorBit = 1 << 11;

/** What a client reads of the measuring system. */
interface Reading {
	readonly import_Wh: number;
	readonly export_Wh: number;
	readonly voltage_dV: number;
	readonly power_W: number;
	readonly errors: number;
}

/** 10 A in every phase, PF 1. */
class World extends MeterBench {
	readonly model: ModelDescriptor;

	constructor(model: ModelDescriptor, flash = new MemoryFlash(flashLayout("desktop").sectorCount)) {
		super({ model, flash });
		this.model = model;
		this.flow();
	}

	flow(): void {
		this.grid.change(() => {
			for (let phase = 1; phase <= this.model.phases; phase++) {
				this.grid.setPhase(phase as 1 | 2 | 3, { current_A: 10, angle_deg: 0 });
			}
		});
	}

	/** Whether a symbol of the display is lit. */
	shows(symbol: number): boolean {
		return ((this.simulated.picture.symbols ?? 0) & symbol) !== 0;
	}

	get power_W(): number {
		return this.model.phases * 2300;
	}

	async reading(): Promise<Reading> {
		return this.with(async (client) => {
			const register = async (name: string) => asNumber(await client.read(ref(3, `1-0:${name}.255`), 2));
			return {
				import_Wh: await register("1.8.0"),
				export_Wh: await register("2.8.0"),
				voltage_dV: await register("32.7.0"),
				power_W: await register("1.7.0"),
				errors: asNumber(await client.read(ref(1, "0-0:97.97.0.255"), 2)),
			};
		});
	}

	async errorEvents(): Promise<number> {
		return (await this.codes(standardLog)).filter((code) => code === measurementError).length;
	}

	/** Stands between meter and chip; `undefined` lets frames through again. */
	intercept(transfer: ((frame: Uint8Array, pass: () => void) => void) | undefined): void {
		const chip = this.simulated.frontEnd as { transfer(frame: Uint8Array): void };
		const real = Object.getPrototypeOf(chip).transfer as (frame: Uint8Array) => void;
		chip.transfer = (frame) => {
			const pass = () => real.call(chip, frame);
			if (transfer === undefined) pass();
			else transfer(frame, pass);
		};
	}

	/** Reads of `address` give `value` where the chip holds something else, with a good checksum where there is one. */
	pretend(address: number, value: number): void {
		const isAde9000 = this.simulated.frontEnd instanceof Ade9000Model;
		this.intercept((frame, pass) => {
			const view = new DataView(frame.buffer, frame.byteOffset, frame.byteLength);
			const command = view.getUint16(0);
			const isRead = isAde9000
				? command === ((address << 4) | 8) && frame.length === 8
				: command === address && frame[2] === 0x80 && frame.length === 7;
			const isEcho = !isAde9000 && command === lastRead && frame[2] === 0x80 && frame.length === 7;
			pass();
			if (isAde9000 && isRead) {
				view.setInt32(2, value);
				view.setUint16(6, crc16Ccitt(frame, 2, 6));
			} else if (isRead || (isEcho && wasPretended)) view.setInt32(3, value);
			if (!isAde9000 && frame.length === 7) wasPretended = isRead;
		});
		const lastRead = 0x3ff; // LAST_RWDATA_32: what the transfer before has carried
		let wasPretended = false;
	}
}

/** A way to lose the chip, and to get it back. */
interface Loss {
	readonly name: string;
	readonly models: readonly ModelDescriptor[];
	readonly begin: (world: World) => void;
	readonly end: (world: World) => void;
}

function setLine(world: World, level: 0 | 1 | undefined): void {
	const { frontEnd } = world.simulated;
	if (frontEnd instanceof Ade9000Model) frontEnd.setFaults(level === undefined ? {} : { deadMiso: level });
	else frontEnd.setFaults(level === undefined ? {} : { noResponse: level === 0 ? 0x00 : 0xff });
}

const both = [st402d, sm402d];
const losses: readonly Loss[] = [
	{
		name: "a chip without supply",
		models: both,
		begin: ({ simulated }) => simulated.frontEnd.powerDown(),
		end: ({ simulated }) => simulated.frontEnd.powerUp(),
	},
	{ name: "a line stuck low", models: both, begin: (w) => setLine(w, 0), end: (w) => setLine(w, undefined) },
	{ name: "a line stuck high", models: both, begin: (w) => setLine(w, 1), end: (w) => setLine(w, undefined) },
	{
		name: "every fifth bit wrong, so that no checksum is right",
		models: [st402d],
		begin: ({ simulated }) => simulated.frontEnd.setFaults({ bitErrorRate: 0.2 }),
		end: (w) => setLine(w, undefined),
	},
	{
		name: "another part in its place",
		models: [st402d],
		begin(world) {
			world.pretend(0x26a, 0x0b); // VERSION2
			world.simulated.frontEnd.reset();
		},
		end: (w) => w.intercept(undefined),
	},
	{
		name: "another part in its place",
		models: [sm402d],
		begin(world) {
			world.intercept((frame, pass) => {
				const isLineCycleMode = frame[0] === 0 && frame[1] === 0x04 && frame[2] === 0x80;
				pass();
				if (isLineCycleMode) frame[3] = 0;
			});
			world.simulated.frontEnd.reset();
		},
		end: (w) => w.intercept(undefined),
	},
];

describe("faults of what measures, seen by a client", () => {
	for (const { name, models, begin, end } of losses) {
		for (const model of models) {
			it(`F114 G5 ${model.name}, ${name} for five minutes: values 0, energy stands, event and error; then all comes back`, async () => {
				const world = new World(model);
				world.run(600);
				const before = await world.reading();
				assert.equal(before.errors & measurementErrorBit, 0);
				assert.ok(Math.abs(before.power_W - world.power_W) <= 2, `${before.power_W} W`);
				begin(world);
				world.run(300);
				const during = await world.reading();
				assert.equal(during.voltage_dV, 0);
				assert.equal(during.power_W, 0);
				assert.equal(during.errors & measurementErrorBit, measurementErrorBit);
				assert.equal(await world.errorEvents(), 1);
				assert.ok(during.import_Wh - before.import_Wh <= (world.power_W * 5) / 3600 + 1, "energy was invented");
				end(world);
				world.run(120);
				const after = await world.reading();
				assert.equal(after.errors & measurementErrorBit, 0);
				assert.ok(Math.abs(after.power_W - world.power_W) <= 2, `${after.power_W} W`);
				assert.ok(Math.abs(after.voltage_dV - 2300) <= 1);
				const counted = after.import_Wh - during.import_Wh;
				const flowed = (world.power_W * 120) / 3600;
				// at most half a minute until the chip is looked for again, and its start
				assert.ok(counted <= flowed + 1 && counted >= (flowed * 80) / 120, `${counted} of ${flowed} Wh`);
				assert.equal(after.export_Wh, 0);
				assert.equal(await world.errorEvents(), 1);
			});
		}
	}

	for (const model of both) {
		it(`F114 G5 ${model.name}, a line dead for ten seconds: the energy comes late but whole`, async () => {
			const world = new World(model);
			world.run(60);
			const before = await world.reading();
			setLine(world, 1);
			world.run(10);
			setLine(world, undefined);
			world.run(60);
			const counted = (await world.reading()).import_Wh - before.import_Wh;
			assert.ok(Math.abs(counted - (world.power_W * 70) / 3600) <= 3, `${counted} Wh`);
		});

		it(`F114 G5 ${model.name}, a brown-out of the chip: two seconds of energy at most, none invented, an event`, async () => {
			const world = new World(model);
			world.run(60);
			const before = await world.reading();
			let isBurst = false;
			// where the chip has a waveform buffer, in the middle of reading it
			world.intercept((frame, pass) => {
				pass();
				if (isBurst || (world.simulated.frontEnd instanceof Ade9000Model && frame.length < 100)) return;
				isBurst = true;
				world.simulated.frontEnd.reset();
			});
			// a block stands for five minutes where the mains do
			const seconds = 330;
			world.run(seconds);
			assert.equal(isBurst, true);
			const after = await world.reading();
			const counted = after.import_Wh - before.import_Wh;
			const flowed = (world.power_W * seconds) / 3600;
			assert.ok(counted <= flowed + 1 && counted >= flowed - (world.power_W * 4) / 3600 - 1, `${counted} Wh`);
			assert.ok(Math.abs(after.power_W - world.power_W) <= 2);
			assert.equal(await world.errorEvents(), 1);
			world.run(120);
			assert.equal((await world.reading()).errors & measurementErrorBit, 0);
		});

		it(`F114 G5 ${model.name}, flipped bits on the bus: nothing is invented and nothing lost`, async () => {
			const world = new World(model);
			world.run(60);
			const before = await world.reading();
			world.simulated.frontEnd.setFaults({ bitErrorRate: 2e-4 });
			world.run(600);
			world.simulated.frontEnd.setFaults({});
			world.run(60);
			const after = await world.reading();
			const counted = after.import_Wh - before.import_Wh;
			const flowed = (world.power_W * 660) / 3600;
			assert.ok(counted <= flowed + 1 && counted >= flowed * 0.97, `${counted} of ${flowed} Wh`);
			assert.equal(after.export_Wh, 0);
			assert.ok(Math.abs(after.voltage_dV - 2300) <= 1);
		});

		it(`F114 ${model.name}, an energy register at its rail: not one code of it is registered, and it is told`, async () => {
			const world = new World(model);
			world.run(60);
			const before = await world.reading();
			if (model === st402d)
				world.pretend(0x2e7, 0x7fff_ffff); // AWATTHR_HI
			else world.pretend(0x31e, 0x7f_ffff); // AENERGYA
			world.run(10);
			assert.equal(await world.errorEvents(), 1);
			// the chip was started again, but the register stays where it is: found by comparison with the waveforms, or refused
			world.run(140);
			const during = await world.reading();
			assert.ok(during.import_Wh - before.import_Wh <= (world.power_W * 150) / 3600 + 1);
			assert.equal(during.export_Wh, before.export_Wh);
			assert.equal(during.errors & measurementErrorBit, measurementErrorBit);
			world.intercept(undefined);
			world.run(240);
			const after = await world.reading();
			assert.equal(after.errors & measurementErrorBit, 0);
			assert.ok(Math.abs(after.power_W - world.power_W) <= 2);
			assert.ok(after.import_Wh - before.import_Wh <= (world.power_W * 390) / 3600 + 1);
		});

		const bad = {
			"with a bad checksum": (sound: Uint8Array) => sound.map((octet, n) => (n === 20 ? octet ^ 1 : octet)),
			"out of range": () => {
				const { count, designNumerator } = calibrationLayout(model);
				const lenient = { ...calibrationLayout(model), isPlausible: () => true };
				const values = new Int32Array(count).fill(0x7fff_ffff);
				return encodeCalibration(lenient, { values, unitNumerator: designNumerator, made_s: 0 });
			},
			"of no length": () => new Uint8Array(0),
		};
		for (const [what, spoil] of Object.entries(bad)) {
			it(`F18 G5 ${model.name}, calibration ${what}: registers stay, nothing more is counted, event and error`, async () => {
				const flash = new MemoryFlash(flashLayout("desktop").sectorCount);
				const world = new World(model, flash);
				world.run(600);
				world.simulated.meter.commit();
				const before = await world.reading();
				world.simulated.cutPower();
				const { firstSector, sectorCount } = flashLayout("desktop").parameters;
				const parameters = new RecordLog(flash, firstSector, sectorCount);
				assert.equal(typeof readCalibration(parameters, calibrationLayout(model)), "object");
				const into = new Uint8Array(1024);
				const length = parameters.read(recordKey.calibration, into);
				assert.ok(length > 0);
				parameters.write(recordKey.calibration, spoil(into.slice(0, length)));
				world.run(5);
				world.simulated.restorePower();
				world.run(300);
				const after = await world.reading();
				assert.equal(after.import_Wh, before.import_Wh);
				assert.equal(after.power_W, 0);
				assert.equal(after.voltage_dV, 0);
				assert.equal(after.errors & measurementErrorBit, measurementErrorBit);
				assert.equal(await world.errorEvents(), 1);
				assert.ok(world.shows(displaySymbol.error), "flag on the display");
			});
		}

		it(`F24 ${model.name}, more than its maximum current, up to a saturated converter: registers go on, none turns round, event and its end`, async () => {
			const world = new World(model);
			world.run(60);
			for (const current_A of [110, 130, 400]) {
				world.grid.change(() => {
					for (let phase = 1; phase <= model.phases; phase++) {
						world.grid.setPhase(phase as 1 | 2 | 3, { current_A });
					}
				});
				world.run(3);
				const before = await world.reading();
				world.run(600);
				const counted = (await world.reading()).import_Wh - before.import_Wh;
				const flowed = (world.power_W * (current_A / 10) * 600) / 3600;
				assert.ok(counted <= flowed * 1.005 + 1, `${counted} of ${flowed} Wh`);
				assert.ok(counted >= (world.power_W * 11 * 0.99 * 600) / 3600, `${counted} of ${flowed} Wh`);
				if (current_A <= 130) assert.ok(counted >= flowed * 0.995 - 1, `${counted} of ${flowed} Wh`);
				assert.equal((await world.reading()).export_Wh, 0);
			}
			world.flow();
			world.run(60);
			assert.deepEqual(
				(await world.codes(standardLog)).filter((code) => code === 240 || code === 241),
				[240, 241],
			);
		});

		it(`F16 F23 ${model.name}, mains of 45 and 57 Hz: energy within 0.1 %, frequency shown, event and its end`, async () => {
			for (const frequency_Hz of [45, 57]) {
				const world = new World(model);
				world.run(60);
				world.grid.setFrequency_Hz(frequency_Hz);
				world.run(5);
				const before = await world.reading();
				world.run(3600);
				const counted = (await world.reading()).import_Wh - before.import_Wh;
				assert.ok(Math.abs(counted - world.power_W) <= 0.001 * world.power_W + 1, `${counted} Wh`);
				const found = await world.with(async (client) => asNumber(await client.read(ref(3, "1-0:14.7.0.255"), 2)));
				assert.ok(Math.abs(found / 100 - frequency_Hz) <= 0.02, `${found}`);
				world.grid.setFrequency_Hz(50);
				world.run(60);
				assert.deepEqual(
					(await world.codes(powerQualityLog)).filter((code) => code === 242 || code === 243),
					[242, 243],
				);
			}
		});
	}

	it("F14 F22 F27 one phase missing: it reads 0, the others count on, event of its phase and none of the phase order", async () => {
		const world = new World(st402d);
		world.run(60);
		world.grid.setPhase(2, { voltage_V: 0, current_A: 0 });
		world.run(90);
		const before = await world.reading();
		world.run(3600);
		const after = await world.reading();
		assert.ok(Math.abs(after.import_Wh - before.import_Wh - 4600) <= 2);
		const of = (name: string) =>
			world.with(async (client) => asNumber(await client.read(ref(3, `1-0:${name}.255`), 2)));
		assert.deepEqual([await of("52.7.0"), await of("51.7.0"), await of("41.7.0")], [0, 0, 0]);
		assert.ok(Math.abs((await of("72.7.0")) - 2300) <= 1);
		assert.ok((await world.codes(powerQualityLog)).includes(83), "missing voltage L2");
		assert.ok(world.shows(displaySymbol.phases), "flag on the display");
		assert.equal((await world.codes(standardLog)).includes(88), false);
	});

	it("F27 a wrong phase order does not stop registration; it is told, in the log and on the display", async () => {
		const world = new World(st402d);
		world.run(60);
		assert.equal(world.shows(displaySymbol.phases), false);
		world.grid.setPhaseOrder("132");
		world.flow();
		world.run(60);
		assert.ok(world.shows(displaySymbol.phases), "flag on the display");
		const before = await world.reading();
		world.run(3600);
		const after = await world.reading();
		assert.ok(Math.abs(after.import_Wh - before.import_Wh - 6900) <= 2);
		assert.equal((await world.codes(standardLog)).filter((code) => code === 88).length, 1);
		world.grid.setPhaseOrder("123");
		world.run(60);
		assert.equal(world.shows(displaySymbol.phases), false);
	});

	it("F05 F27 F130 a reversed current transformer: its phase runs backwards, the sum shows the difference, event in the fraud log", async () => {
		const world = new World(st402d);
		world.run(60);
		world.grid.setPhase(1, { angle_deg: 180 });
		world.run(60);
		const before = await world.reading();
		const of = (name: string) =>
			world.with(async (client) => asNumber(await client.read(ref(3, `1-0:${name}.255`), 2)));
		const phase = [await of("21.8.0"), await of("22.8.0")];
		world.run(3600);
		const after = await world.reading();
		assert.ok(Math.abs(after.import_Wh - before.import_Wh - 2300) <= 2);
		assert.equal(after.export_Wh, before.export_Wh);
		assert.equal(await of("21.8.0"), phase[0]);
		assert.ok(Math.abs((await of("22.8.0")) - phase[1]! - 2300) <= 2);
		assert.ok((await world.codes(fraudLog)).includes(91));
	});

	it("F129 F04 a lost neutral: what is left at the terminals is registered, event 89 in both logs", async () => {
		const world = new World(st402d);
		world.grid.change(() => {
			for (const phase of [1, 2, 3] as const) {
				world.grid.setPhase(phase, { current_A: 0 });
				world.grid.setLoad(phase, "load", { kind: "impedance", resistance_ohm: phase === 1 ? 10 : 100 });
			}
		});
		world.run(60);
		world.grid.setNeutralConnected(false);
		world.run(30);
		const reference = new ReferenceMeter(world.grid);
		const before = await world.reading();
		world.run(3600);
		const after = await world.reading();
		reference.advanceTo(world.simulated.monotonic_ms() / 1000);
		const { activeImport_Wh } = reference.total;
		assert.ok(activeImport_Wh > 1000);
		assert.ok(Math.abs(after.import_Wh - before.import_Wh - activeImport_Wh) <= 0.001 * activeImport_Wh + 1);
		assert.equal((await world.codes(standardLog)).includes(89), true);
		assert.equal((await world.codes(fraudLog)).includes(89), true);
	});
});
