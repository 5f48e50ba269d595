// SPDX-License-Identifier: Apache-2.0
import { calibrationLayout } from "../drivers/calibrated-front-end.js";
import { type Calibration, readCalibration, writeCalibration } from "../metrology/calibration.js";
import type { ModelDescriptor } from "../models/model.js";
import type { SpiDevice } from "../ports/bus.js";
import type { LinkSession, LinkSink } from "../ports/link.js";
import type { RecordStore } from "../storage/record-store.js";
import type { BenchStep, Procedure, TestLoad } from "./bench.js";
import { calibrationProcedure } from "./calibration-procedure.js";
import { describeLoad } from "./load-text.js";

/** Longest line that an operator has a reason to type. */
const longestLine = 40;
/** What the source may differ from what was asked for; the procedure reckons with what it became. */
const loadTolerance = 0.1;
const angleTolerance_deg = 3;
const greatestOutputError_percent = 10;
/** Shorter waits are not worth a line. */
const announced_s = 5;
const key = Object.freeze({
	backspace: 0x08,
	lineFeed: 0x0a,
	carriageReturn: 0x0d,
	firstPrintable: 0x20,
	delete: 0x7f,
});

const help = "Commands: start, stop. A meter without calibration measures nothing.";

export interface CalibrationBoard {
	readonly spi: SpiDevice;
	readonly model: ModelDescriptor;
	/** Where the record is sealed. */
	readonly parameters: RecordStore;
	/** Seconds since 2000 UTC for the record; 0 when the clock is not set. */
	now_s(): number;
}

/**
 * The calibration of a board by an operator with a source and a reference meter, over a serial terminal: says what to set,
 * measures, asks for what the reference shows, and seals the result. Until the last line nothing is written, so a board that
 * loses power, or an operator who stops, leaves it as it was.
 */
export class CalibrationDialogue implements LinkSession {
	readonly #link: LinkSink;
	readonly #board: CalibrationBoard;
	#procedure: Procedure<Calibration> | undefined;
	#step: BenchStep = { wait_s: 0 };
	#load: TestLoad = { voltage_V: 0, current_A: 0, angle_deg: 0 };
	/** What the operator has to answer before the procedure goes on. */
	#awaits: "load" | "outputError" | undefined;
	#began_ms = 0;
	#due_ms = Number.POSITIVE_INFINITY;
	#line = "";
	#last = 0;

	constructor(link: LinkSink, board: CalibrationBoard) {
		this.#link = link;
		this.#board = board;
		const found = readCalibration(board.parameters, calibrationLayout(board.model));
		this.print(`sx402 ${board.model.name}: calibration ${typeof found === "string" ? found : "present"}`);
		this.print(help);
	}

	get nextDeadline_ms(): number {
		return this.#due_ms;
	}

	receive(bytes: Uint8Array, now_ms: number): void {
		for (let n = 0; n < bytes.length; n++) {
			const octet = bytes[n]!;
			const isSecondHalf = octet === key.lineFeed && this.#last === key.carriageReturn;
			this.#last = octet;
			if (octet === key.carriageReturn || (octet === key.lineFeed && !isSecondHalf)) this.endLine(now_ms);
			else this.take(octet);
		}
	}

	advance(now_ms: number): void {
		if (now_ms >= this.#due_ms) this.proceed(now_ms, 0);
	}

	/** A wire that is gone stops what is under way. */
	close(): void {
		this.stop();
	}

	private take(octet: number): void {
		if (octet === key.backspace || octet === key.delete) {
			this.#line = this.#line.slice(0, -1);
			this.send("\b \b");
		} else if (octet >= key.firstPrintable && octet < key.delete && this.#line.length < longestLine) {
			this.#line += String.fromCharCode(octet);
			this.send(String.fromCharCode(octet));
		}
	}

	private endLine(now_ms: number): void {
		const line = this.#line.trim();
		this.#line = "";
		this.send("\r\n");
		if (line === "stop") this.stop();
		else if (this.#procedure === undefined) this.command(line, now_ms);
		else if (this.#awaits === "load") this.takeLoad(line, now_ms);
		else if (this.#awaits === "outputError") this.takeOutputError(line, now_ms);
		else this.print("Measuring; stop ends it.");
	}

	private command(line: string, now_ms: number): void {
		if (line !== "start") {
			this.print(help);
			return;
		}
		const { spi, model } = this.#board;
		this.#procedure = calibrationProcedure(spi, model);
		this.#began_ms = now_ms;
		this.proceed(now_ms, 0);
	}

	private stop(): void {
		if (this.#procedure === undefined) return;
		this.end();
		this.print("Stopped. Nothing was written.");
	}

	private end(): void {
		this.#procedure = undefined;
		this.#awaits = undefined;
		this.#due_ms = Number.POSITIVE_INFINITY;
	}

	/** Gives the procedure what the step before became, and begins the next one. */
	private proceed(now_ms: number, outputError: number): void {
		const elapsed_s = (now_ms - this.#began_ms) / 1000;
		this.#began_ms = now_ms;
		try {
			let next = this.#procedure!.next({ load: this.#load, elapsed_s, outputError });
			while (next.done !== true && next.value.note !== undefined) {
				this.print(next.value.note);
				next = this.#procedure!.next({ load: this.#load, elapsed_s: 0, outputError: 0 });
			}
			if (next.done === true) this.seal(next.value);
			else this.begin(next.value, now_ms);
		} catch (error) {
			this.end();
			this.print(`Not calibrated: ${error instanceof Error ? error.message : "unknown"}. Nothing was written.`);
		}
	}

	private begin(step: BenchStep, now_ms: number): void {
		this.#step = step;
		this.#due_ms = Number.POSITIVE_INFINITY;
		if (step.load !== undefined) {
			this.#awaits = "load";
			this.print(`Set ${describeLoad(step.load)}.`);
			this.print("Enter when the reference shows it, or type what it shows: volts amperes degrees");
		} else if (step.wantsOutputError === true) {
			this.#awaits = "outputError";
			this.print(`Type the error of LED 1 in % by the reference, ${this.#board.model.ledConstant} imp/kWh:`);
		} else this.measure(now_ms);
	}

	private measure(now_ms: number): void {
		const { wait_s } = this.#step;
		this.#awaits = undefined;
		this.#began_ms = now_ms;
		this.#due_ms = now_ms + Math.ceil(wait_s * 1000);
		if (wait_s >= announced_s) this.print(`Measuring ${wait_s} s`);
	}

	private takeLoad(line: string, now_ms: number): void {
		const wanted = this.#step.load!;
		if (line === "") this.#load = wanted;
		else {
			const [voltage_V, current_A, angle_deg] = toNumbers(line, 3);
			const isNear =
				isWithin(voltage_V, wanted.voltage_V, loadTolerance * wanted.voltage_V) &&
				isWithin(current_A, wanted.current_A, loadTolerance * wanted.current_A) &&
				isWithin(angle_deg, wanted.angle_deg, angleTolerance_deg);
			if (!isNear) {
				this.print(`That is not ${describeLoad(wanted)}; the angle of a current that leads has a minus.`);
				return;
			}
			this.#load = { ...wanted, voltage_V: voltage_V!, current_A: current_A!, angle_deg: angle_deg! };
		}
		this.measure(now_ms);
	}

	private takeOutputError(line: string, now_ms: number): void {
		const [error_percent] = toNumbers(line, 1);
		if (!isWithin(error_percent, 0, greatestOutputError_percent)) {
			this.print(`A number of per cent, at most ${greatestOutputError_percent}.`);
			return;
		}
		this.#awaits = undefined;
		this.proceed(now_ms, error_percent! / 100);
	}

	private seal(calibration: Calibration): void {
		const { parameters, model } = this.#board;
		writeCalibration(parameters, calibrationLayout(model), { ...calibration, made_s: this.#board.now_s() });
		this.end();
		this.print("Sealed. Take off the factory link and restart the board.");
	}

	private print(text: string): void {
		this.send(`${text}\r\n`);
	}

	private send(text: string): void {
		const octets = new Uint8Array(text.length);
		for (let n = 0; n < text.length; n++) octets[n] = text.charCodeAt(n);
		this.#link.send(octets);
	}
}

/** The numbers of a line, when there are `count` of them; a decimal comma is one too. */
function toNumbers(line: string, count: number): (number | undefined)[] {
	const words = line.split(/\s+/);
	if (words.length !== count) return [];
	return words.map((word) => {
		const text = word.replace(",", ".");
		return /^[-+]?\d{1,6}(\.\d{1,6})?$/.test(text) ? Number(text) : undefined;
	});
}

function isWithin(value: number | undefined, wanted: number, tolerance: number): boolean {
	return value !== undefined && Math.abs(value - wanted) <= tolerance;
}
