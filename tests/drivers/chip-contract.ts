// SPDX-License-Identifier: Apache-2.0
import assert from "node:assert/strict";
import fc from "fast-check";
import { type Driver, DriverBench, type FakeChip } from "./driver-bench.js";

/** A chip with its driver, and what differs from chip to chip. */
export interface ContractSubject<Chip extends FakeChip> {
	readonly name: string;
	/** A driver for a chip, a new one or one that runs already. */
	create(chip?: Chip): { chip: Chip; driver: Driver };
	/** Constant power, in codes a second; a multiple of 1000. */
	setPower(chip: Chip, active: number, reactive: number, apparent: number): void;
	/** Ordinary power and the greatest there is, codes a second. */
	readonly rate: number;
	readonly fullRate: number;
	/** Places of phase 1 among the codes of an interval: active, reactive, apparent. */
	readonly places: readonly [number, number, number];
	/** Ways in which the line may be dead. */
	readonly deadLines: readonly Exclude<FakeChip["miso"], "">[];
	readonly mostFramesPerTurn: number;
	/** The longest silence of the host after which the counters are still unambiguous. */
	readonly latest_ms: number;
	/** A register of the configuration, with its value at 230 V. */
	readonly configured: { readonly address: number; readonly value: number };
	read(chip: Chip, address: number): number;
	/** The chip ignores what is written there. */
	makeDeaf(chip: Chip, address: number): void;
	/** Its active energy jumps by what no load can take. */
	leap(chip: Chip): void;
}

/** What each driver of a measuring chip owes to metrology: energy of the chip and no other, whatever happens to chip and line. */
export function describeChip<Chip extends FakeChip>(subject: ContractSubject<Chip>): void {
	const { rate, fullRate } = subject;
	const [active, reactive, apparent] = subject.places;

	function open(power: readonly [number, number, number] = [rate, -rate, rate]) {
		const { chip, driver } = subject.create();
		subject.setPower(chip, ...power);
		return new DriverBench(chip, driver);
	}

	/** Each interval has the energy of the time it stands for; answers the sum of these times. */
	function assertTrue(bench: DriverBench<Chip, Driver>, power: readonly [number, number, number], what = ""): number {
		let sum_ms = 0;
		for (const { codes, duration_ms } of bench.intervals) {
			const expected = power.map((value) => (value * duration_ms) / 1000);
			assert.deepEqual([codes[active], codes[reactive], codes[apparent]], expected, what);
			sum_ms += duration_ms;
		}
		return sum_ms;
	}

	describe(`drivers/${subject.name}: what every chip owes`, () => {
		it("F20: the first interval comes within 5 s of the supply", () => {
			const power = [rate, -rate, 2 * rate] as const;
			const bench = open(power);
			assert.equal(bench.driver.fault, "starting");
			bench.runTo(5000);
			assert.ok(bench.intervals.length >= 2);
			assert.ok(bench.intervals[0]!.at_ms < 2600);
			assert.equal(assertTrue(bench, power), bench.intervals.length * 1000);
			assert.equal(bench.driver.fault, "");
		});

		it("does little per turn", () => {
			const { chip, driver } = subject.create();
			let most = 0;
			for (let now = 0; now < 3000; now++) {
				chip.advanceTo(now);
				const before = chip.frames;
				driver.advance(now);
				most = Math.max(most, chip.frames - before);
			}
			assert.ok(most <= subject.mostFramesPerTurn, `${most} frames in one turn`);
		});

		it("F18: never meters with a register that does not hold its value", () => {
			const bench = open();
			subject.makeDeaf(bench.chip, subject.configured.address);
			bench.runTo(10_000);
			assert.equal(bench.driver.fault, "configuration");
			assert.equal(bench.intervals.length, 0);
		});

		for (const miso of subject.deadLines) {
			it(`survives a chip that is absent for a minute after power-up (${miso})`, () => {
				const bench = open();
				bench.chip.miso = miso;
				bench.runTo(60_000);
				assert.equal(bench.driver.fault, "noAnswer");
				assert.equal(bench.intervals.length, 0);
				bench.chip.miso = "";
				bench.runTo(66_000);
				assert.equal(bench.driver.fault, "");
				assert.ok(bench.intervals.length > 0);
			});

			it(`a dead line (${miso}) gives no interval; after 10 s of it the counted energy comes late but whole`, () => {
				// the line comes back anywhere between two intervals of the chip
				for (let end_ms = 22_000; end_ms < 23_000; end_ms += 50) {
					const bench = open();
					bench.runTo(12_050);
					const before = bench.intervals.length;
					bench.chip.miso = miso;
					bench.runTo(end_ms);
					assert.equal(bench.intervals.length, before);
					assert.equal(bench.driver.fault, "noAnswer");
					bench.chip.miso = "";
					bench.runTo(end_ms + 10_000);
					assert.equal(bench.driver.fault, "");
					assert.equal(bench.driver.starts, 1);
					const counted_ms = assertTrue(bench, [rate, -rate, rate], `${end_ms} ms`);
					assert.ok(counted_ms >= end_ms + 7000, `${counted_ms} of ${end_ms} ms`);
				}
			});

			it(`a line dead for minutes (${miso}) ends in a new start without invented energy`, () => {
				const bench = open();
				bench.runTo(10_000);
				bench.chip.miso = miso;
				bench.runTo(200_000);
				bench.chip.miso = "";
				bench.runTo(210_000);
				assert.ok(bench.driver.starts > 1);
				assertTrue(bench, [rate, -rate, rate]);
				assert.equal(bench.intervals.at(-1)!.duration_ms, 1000);
			});
		}

		it("a restart of the processor alone finds a running, protected chip and starts it anew", () => {
			const first = open();
			first.runTo(10_000);
			const second = new DriverBench(first.chip, subject.create(first.chip).driver);
			second.stallTo(10_000);
			second.runTo(20_000);
			assert.ok(second.intervals.length >= 7);
			assertTrue(second, [rate, -rate, rate]);
		});

		it("counter wrap is invisible", () => {
			const power = [fullRate, -fullRate, fullRate] as const;
			const bench = open(power);
			bench.runTo(400_000);
			assert.ok(bench.intervals.length > 390);
			assertTrue(bench, power);
		});

		it("a late poll takes the whole difference and the time it stands for", () => {
			const power = [fullRate, -fullRate, fullRate] as const;
			for (const late_ms of [1000, 1234, 2000, 10_000, subject.latest_ms - 2000, subject.latest_ms - 1000]) {
				const bench = open(power);
				bench.runTo(5200);
				bench.intervals.length = 0;
				bench.stallTo(bench.now() + late_ms);
				bench.runTo(bench.now() + 3500);
				assert.ok(assertTrue(bench, power, `${late_ms} ms`) >= late_ms + 2000, `${late_ms} ms`);
			}
		});

		it("after a longer silence nothing is added: the counters may have turned over", () => {
			const bench = open();
			bench.runTo(5000);
			bench.intervals.length = 0;
			bench.stallTo(bench.now() + subject.latest_ms + 5000);
			assert.equal(bench.intervals.length, 0);
			bench.runTo(bench.now() + 3000);
			assert.ok(bench.intervals.length > 0);
			assert.equal(assertTrue(bench, [rate, -rate, rate]), bench.intervals.length * 1000);
		});

		it("a reset of the chip at any instant leads to a complete start, and nothing is added for the gap", () => {
			fc.assert(
				fc.property(fc.integer({ min: 1000, max: 6000 }), fc.boolean(), (at_ms, isNegative) => {
					const power = [isNegative ? -rate : rate, rate, rate] as const;
					const bench = open(power);
					bench.runTo(at_ms);
					bench.chip.reset();
					bench.runTo(at_ms + 6000);
					assert.equal(bench.driver.starts, 2);
					const { address, value } = subject.configured;
					assert.equal(subject.read(bench.chip, address), value, "configured again");
					assertTrue(bench, power);
					assert.ok(bench.intervals.at(-1)!.at_ms > at_ms + 4000);
				}),
				{ numRuns: 40 },
			);
		});

		it("an impossible difference is read again; three in a row are a fault, and none is delivered", () => {
			const bench = open();
			bench.runTo(10_000);
			const known = bench.intervals.length;
			subject.leap(bench.chip);
			bench.runTo(11_500);
			assert.equal(bench.driver.fault, "implausible");
			bench.runTo(20_000);
			assert.equal(bench.driver.fault, "");
			assert.ok(bench.intervals.length > known);
			assert.equal(assertTrue(bench, [rate, -rate, rate]), bench.intervals.length * 1000);
		});
	});
}
