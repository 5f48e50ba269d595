// SPDX-License-Identifier: Apache-2.0
import assert from "node:assert/strict";
import { measureBoard } from "../../hosts/simulator/factory/calibrate.js";
import { SimulatedBench } from "../../hosts/simulator/factory/simulated-bench.js";
import { drawTolerances } from "../../hosts/simulator/factory/tolerances.js";
import { MemoryFlash } from "../../hosts/simulator/storage/memory-flash.js";
import { calibrationLayout } from "../../src/drivers/calibrated-front-end.js";
import type { TestLoad } from "../../src/factory/bench.js";
import { CalibrationDialogue } from "../../src/factory/calibration-dialogue.js";
import { readCalibration } from "../../src/metrology/calibration.js";
import { type ModelDescriptor, models, st402d } from "../../src/models/model.js";
import { flashLayout } from "../../src/storage/layout.js";
import { RecordLog } from "../../src/storage/record-log.js";

const seed = 5;
const made_s = 840_000_000;
const { parameters, sectorCount } = flashLayout("board");

/** An operator at a terminal, with a source that cannot be set exactly and a reference meter that shows what it gives. */
class Operator {
	readonly model: ModelDescriptor;
	readonly lines: string[] = [];
	readonly records = new RecordLog(new MemoryFlash(sectorCount), parameters.firstSector, parameters.sectorCount);
	readonly #bench: SimulatedBench;
	readonly #dialogue: CalibrationDialogue;
	#echo = "";
	#now_ms = 0;
	#load: TestLoad = { voltage_V: 0, current_A: 0, angle_deg: 0 };

	constructor(model: ModelDescriptor) {
		this.model = model;
		const tolerances = drawTolerances(model, seed);
		this.#bench = new SimulatedBench(model, { seed, noise: true, gear: "phasor", tolerances });
		const link = {
			send: (bytes: Uint8Array) => {
				const parts = (this.#echo + Buffer.from(bytes).toString("latin1")).split("\r\n");
				this.#echo = parts.pop()!;
				this.lines.push(...parts);
			},
			disconnect: () => {},
		};
		const { spi } = this.#bench;
		this.#dialogue = new CalibrationDialogue(link, { spi, model, parameters: this.records, now_s: () => made_s });
	}

	get record() {
		return readCalibration(this.records, calibrationLayout(this.model));
	}

	get last(): string {
		return this.lines.at(-1)!;
	}

	type(line: string, end = "\r"): void {
		this.#dialogue.receive(Buffer.from(`${line}${end}`, "latin1"), this.#now_ms);
	}

	/** Lets the board measure until it wants something of the operator. */
	wait(): void {
		while (this.#dialogue.nextDeadline_ms < Infinity) this.step();
	}

	step(): void {
		const wait_ms = Math.max(0, this.#dialogue.nextDeadline_ms - this.#now_ms);
		this.#bench.wait(wait_ms / 1000);
		this.#now_ms += wait_ms;
		this.#dialogue.advance(this.#now_ms);
	}

	/** Sets the source to something near what the board asks for, and types what the reference shows. */
	setLoad(): void {
		const asked = /^Set ([\d.]+) V, ([\d.]+) A(?: in L(\d) alone)?, (?:in phase|([\d.]+) deg (lagging|leading))\.$/;
		const [, volts, amperes, phase, degrees, side] = asked.exec(this.lines.at(-2)!)!;
		const angle_deg = Number(degrees ?? 0) * (side === "leading" ? -1 : 1);
		this.#load = {
			voltage_V: Number((Number(volts) * 0.987).toFixed(3)),
			current_A: Number((Number(amperes) * 1.021).toFixed(6)),
			angle_deg: Number((angle_deg + 0.62).toFixed(2)),
			...(phase === undefined ? {} : { phase: Number(phase) as 1 | 2 | 3 }),
		};
		this.#bench.apply(this.#load);
		this.type(`${this.#load.voltage_V} ${this.#load.current_A} ${this.#load.angle_deg}`);
	}

	/** Types the error that the reference meter shows for the LED. */
	compareOutput(): void {
		const before_s = this.#bench.now_s;
		const { angle_deg } = this.#load;
		const inPhase = Math.cos((angle_deg * Math.PI) / 180);
		const error = (1 + this.#bench.outputError(this.#load)) / inPhase - 1;
		this.#now_ms += (this.#bench.now_s - before_s) * 1000;
		this.type((error * 100).toFixed(4).replace(".", ","));
	}

	/** Answers what is asked, so many times or until the board asks for nothing more. */
	answer(times = Infinity): void {
		for (let n = 0; n < times; n++) {
			this.wait();
			if (this.last.startsWith("Enter when")) this.setLoad();
			else if (this.last.startsWith("Type the error")) this.compareOutput();
			else return;
		}
	}

	calibrate(): void {
		this.type("start");
		this.answer();
	}
}

describe("factory/calibration-dialogue", () => {
	for (const model of models) {
		it(`F18 ${model.name}: an operator with a reference meter and an inexact source brings the board to its accuracy`, () => {
			const operator = new Operator(model);
			assert.equal(operator.lines[0], `sx402 ${model.name}: calibration missing`);
			operator.calibrate();
			assert.equal(operator.last, "Sealed. Take off the factory link and restart the board.");
			const { record } = operator;
			assert.ok(typeof record !== "string");
			assert.equal(record.made_s, made_s);
			const voltage_V = model.nominalVoltage_V;
			const current_A = model.referenceCurrent_mA / 1000;
			const loads = [0, 60, -36.87].map((angle_deg) => ({ voltage_V, current_A, angle_deg }));
			const errors = measureBoard(model, drawTolerances(model, seed), seed, record, loads, 60);
			for (const error of errors.flat()) assert.ok(Math.abs(error) < 0.0005, `${(error * 100).toFixed(4)} %`);
			const found = operator.lines.filter((line) => /^[\d.]+ V.*: L1 -?0\.\d{3} %/.test(line));
			assert.equal(found.length, 4, "the check of the finished board is shown");
		});
	}

	it("writes nothing when the operator stops, at whatever step, and can begin again", () => {
		const operator = new Operator(st402d);
		for (let answers = 0; answers < 12; answers++) {
			operator.type("start");
			operator.answer(answers);
			operator.type("stop", "\r\n");
			assert.equal(operator.last, "Stopped. Nothing was written.", `after ${answers} answers`);
			assert.equal(operator.record, "missing");
		}
		operator.calibrate();
		assert.notEqual(operator.record, "missing");
	});

	it("takes no other load than it asked for, and no reading that is none", () => {
		const operator = new Operator(st402d);
		operator.type("start");
		operator.wait();
		const asked = operator.lines.at(-2)!;
		for (const line of [
			"200 0 0",
			"230 1 0",
			"230 0 60",
			"230 0",
			"230 0 0 0",
			"volts 0 0",
			"1e2 0 0",
			"x".repeat(400),
		]) {
			const count = operator.lines.length;
			operator.type(line);
			assert.match(operator.last, /^That is not 230 V, 0 A, in phase/, line);
			assert.equal(operator.lines.length, count + 2, "the line as typed, and the answer");
		}
		assert.match(asked, /^Set 230 V, 0 A/);
		operator.type("");
		operator.wait();
		for (let n = 0; n < 3; n++) {
			operator.answer(1);
			operator.wait();
		}
		assert.match(operator.last, /^Type the error/);
		for (const line of ["", "10.5", "-11", "one", "0.1 0.2"]) {
			operator.type(line);
			assert.match(operator.last, /^A number of per cent/, line);
		}
		operator.compareOutput();
		assert.match(operator.last, /^Enter when|^Measuring/);
	});

	it("understands backspace, and either end of a line as one", () => {
		const operator = new Operator(st402d);
		operator.type("sttop\b\b\bart", "\r\n");
		assert.match(operator.lines.at(-1)!, /^Enter when|calibration|^Set/);
		operator.wait();
		assert.match(operator.lines.at(-2)!, /^Set 230 V, 0 A/, "the line feed did not confirm the load");
	});

	it("a board that cannot be calibrated is told why, and keeps what it had", () => {
		const operator = new Operator(st402d);
		operator.calibrate();
		const before = operator.record;
		operator.type("start");
		operator.wait();
		operator.setLoad();
		operator.wait();
		operator.type(""); // confirms a load that the source does not give
		operator.wait();
		assert.match(
			operator.last,
			/^Not calibrated: current L1 needs a gain of .*wrong part or wiring.*Nothing was written\.$/,
		);
		assert.deepEqual(operator.record, before);
	});
});
