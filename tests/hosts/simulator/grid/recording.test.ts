// SPDX-License-Identifier: Apache-2.0
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { ComtradeError } from "../../../../hosts/simulator/grid/comtrade-error.js";
import { Recording, type RecordingOptions } from "../../../../hosts/simulator/grid/recording.js";
import { channel, channelCount } from "../../../../hosts/simulator/grid/terminals.js";
import { bytesOf, cfgOf, type Draft, datOf } from "./comtrade-writer.js";

function buffers(count: number): Float64Array[] {
	return Array.from({ length: channelCount }, () => new Float64Array(count).fill(Number.NaN));
}

type Signal = (time_s: number) => number;
const tone =
	(frequency_Hz: number, amplitude = 1, phase_rad = 0.3): Signal =>
	(time_s) =>
		amplitude * Math.cos(2 * Math.PI * frequency_Hz * time_s + phase_rad);

/** A recording of `signals` with 30 bits of resolution. */
function record(signals: Record<string, Signal>, rate_Hz: number, count: number, draft: Partial<Draft> = {}): Draft {
	const a = 1 / 2 ** 22;
	const values = Object.values(signals).map((signal) =>
		Array.from({ length: count }, (_, n) => Math.round(signal(n / rate_Hz) / a)),
	);
	return { type: "BINARY32", names: Object.keys(signals), values, a, rates: [[rate_Hz, count]], ...draft };
}

function play(draft: Draft, options?: RecordingOptions): Recording {
	return Recording.fromBytes(bytesOf(cfgOf(draft)), datOf(draft), options);
}

function greatestError(recording: Recording, c: number, truth: Signal, rate_Hz: number, start_s: number): number {
	const count = 997;
	const into = buffers(count);
	recording.sample(start_s, rate_Hz, count, into);
	let error = 0;
	for (let n = 0; n < count; n++) error = Math.max(error, Math.abs(into[c]![n]! - truth(start_s + n / rate_Hz)));
	return error;
}

describe("recording: resampling", () => {
	// What a 32-tap Kaiser window with beta 8 can do: the pass band ends half a transition (0.085 of the input rate) below
	// the cut-off, 0.39 of the input rate at most; the error there is 1e-4 of the amplitude, 1.5e-4 at the worst instant.
	for (const output_Hz of [8000, 6992.1875]) {
		it(`errs by 1e-4 of the amplitude in the pass band, recordings of 3.2 to 11.5 kHz read at ${output_Hz} Hz`, () => {
			for (const input_Hz of [3200, 4000, 5760, 6400, 7680, 8000, 10_000, 11_500]) {
				const cutOff_Hz = 0.5 * Math.min(input_Hz, output_Hz);
				const band_Hz = Math.min(0.39 * input_Hz, cutOff_Hz - 0.085 * input_Hz);
				for (let k = 0; k < 3; k++) {
					const names = ["u1", "u2", "u3", "i1", "i2", "i3", "in"];
					// Whole multiples of 10 Hz: a tenth of a second loops without a seam.
					const signals = names.map((_, c) => tone(Math.floor(((7 * k + c + 1) / 21) * (band_Hz / 10)) * 10));
					const draft = record(Object.fromEntries(names.map((n, c) => [n, signals[c]!])), input_Hz, input_Hz / 10);
					const recording = play(draft);
					const into = buffers(997);
					recording.sample(12.345, output_Hz, 997, into);
					for (const [c, signal] of signals.entries()) {
						const errors = into[c]!.map((x, n) => x - signal(12.345 + n / output_Hz));
						const rms = Math.sqrt(errors.reduce((sum, e) => sum + e * e, 0) / errors.length) * Math.SQRT2;
						assert.ok(rms < 1.25e-4, `${input_Hz} Hz, tone ${7 * k + c}: ${rms}`);
						assert.ok(errors.every((e) => Math.abs(e) < 1.5e-4));
					}
				}
			}
		});
	}

	it("removes what the output cannot carry", () => {
		const recording = play(record({ u1: tone(4900) }, 11_500, 11_500));
		assert.ok(greatestError(recording, 0, () => 0, 6992.1875, 0.1) < 2e-4);
	});

	it("F121 F122 carries every harmonic to the 40th of recordings up to 1 MHz, and folds nothing into them", () => {
		for (const output_Hz of [8000, 6992.1875]) {
			for (const input_Hz of [20_480, 25_600, 51_200, 100_000, 1_000_000]) {
				for (const order of [1, 11, 20, 25, 31, 40]) {
					const signal = tone(50 * order, 100);
					const recording = play(record({ u1: signal }, input_Hz, input_Hz / 10));
					assert.ok(greatestError(recording, 0, signal, output_Hz, 12.345) < 0.06, `${input_Hz} Hz, order ${order}`);
				}
				const beyond = play(record({ u1: tone(9470, 100) }, input_Hz, input_Hz / 10));
				assert.ok(greatestError(beyond, 0, () => 0, output_Hz, 12.345) < 0.1, `${input_Hz} Hz, 9.47 kHz`);
			}
		}
	});

	it("plays a fast recording that is shorter than a cycle, and keeps its length", () => {
		const recording = play(record({ u1: tone(50, 300) }, 51_200, 256));
		assert.equal(recording.duration_s, 0.005);
		const [early, late] = [buffers(40), buffers(40)];
		recording.sample(0, 8000, 40, early);
		recording.sample(0.005 * 1000, 8000, 40, late);
		for (const [n, x] of early[0]!.entries()) assert.ok(Math.abs(x - late[0]![n]!) < 1e-6);
	});

	it("gives the samples back at the recorded rate", () => {
		const draft = record({ u1: tone(50, 300), i1: tone(1950, 3) }, 8000, 480);
		const into = buffers(480);
		play(draft).sample(0, 8000, 480, into);
		for (let n = 0; n < 480; n++) {
			assert.ok(Math.abs(into[0]![n]! - draft.values[0]![n]! / 2 ** 22) < 1e-9);
			assert.ok(Math.abs(into[3]![n]! - draft.values[1]![n]! / 2 ** 22) < 1e-9);
		}
	});

	it("keeps a direct current exactly: the weights add up to one", () => {
		const recording = play(record({ i1: () => 2.5 }, 4000, 37));
		assert.ok(greatestError(recording, channel.i1, () => 2.5, 6992.1875, 3) < 1e-12);
	});
});

describe("recording: loop", () => {
	it("joins last sample to first without a trace when it holds whole cycles", () => {
		const signal = tone(150, 325);
		const recording = play(record({ u1: signal }, 6400, 128)); // 3 cycles in 20 ms
		assert.equal(recording.duration_s, 0.02);
		for (const start_s of [0.0195, 0.0399, 86_400.0193]) {
			assert.ok(greatestError(recording, 0, signal, 8000, start_s) < 325e-4);
		}
	});

	it("repeats to the end of time with the same period, and may start anywhere", () => {
		const signal = tone(47.3, 325); // a phase jump at the seam is part of the signal
		const recording = play(record({ u1: signal }, 4000, 400));
		const [first, later, earlier] = [buffers(800), buffers(800), buffers(800)];
		recording.sample(0, 8000, 800, first);
		recording.sample(1000 * 0.1, 8000, 800, later);
		recording.sample(-0.3, 8000, 800, earlier);
		for (let n = 0; n < 800; n++) {
			assert.ok(Math.abs(first[0]![n]! - later[0]![n]!) < 1e-5);
			assert.ok(Math.abs(first[0]![n]! - earlier[0]![n]!) < 1e-5);
		}
	});

	it("gives the same samples in one block as in many", () => {
		const recording = play(record({ u1: tone(333, 10), i2: tone(50, 4) }, 5000, 1000));
		const whole = buffers(700);
		recording.sample(0.15, 6992.1875, 700, whole);
		const part = buffers(7);
		for (let n = 0; n < 700; n += 7) {
			recording.sample(0.15 + n / 6992.1875, 6992.1875, 7, part);
			for (let k = 0; k < 7; k++) assert.ok(Math.abs(part[0]![k]! - whole[0]![n + k]!) < 1e-7);
		}
	});

	it("plays a recording shorter than the interpolation", () => {
		const recording = play(record({ u1: tone(1000) }, 4000, 4));
		assert.ok(greatestError(recording, 0, tone(1000), 8000, 0) < 1e-4);
	});
});

describe("recording: channels", () => {
	const signals = { u1: tone(50, 325), u2: tone(50, 325, 2), i1: tone(50, 14), i2: tone(50, 7, 1), i3: tone(150, 1) };

	it("takes absent phases as 0 and the absent neutral as the sum of the phases", () => {
		const recording = play(record(signals, 8000, 160));
		const into = buffers(160);
		recording.sample(0, 8000, 160, into);
		for (let n = 0; n < 160; n++) {
			assert.equal(into[channel.u3]![n], 0);
			const sum = into[3]![n]! + into[4]![n]! + into[5]![n]!;
			assert.ok(Math.abs(into[channel.neutral]![n]! - sum) < 1e-9);
		}
		assert.deepEqual(recording.warnings, ["not recorded, taken as 0: u3"]);
	});

	it("uses a recorded neutral as it is", () => {
		const recording = play(record({ ...signals, IN: tone(50, 0.5) }, 8000, 160));
		assert.ok(Math.abs(recording.peak(channel.neutral) - 0.5) < 1e-3);
	});

	it("gives a single-phase meter u1, i1 and i1 again in the neutral conductor", () => {
		const recording = play(record({ ...signals, in: tone(50, 99) }, 8000, 160), { phases: 1 });
		const into = buffers(160);
		recording.sample(0, 8000, 160, into);
		assert.deepEqual(into[channel.neutral], into[channel.i1]);
		for (const c of [channel.u2, channel.u3, channel.i2, channel.i3]) assert.ok(into[c]!.every((x) => x === 0));
	});

	it("scales the currents alone", () => {
		const recording = play(record({ ...signals, in: tone(50, 2, 0) }, 8000, 160), { currentScale: 0.25 });
		assert.ok(Math.abs(recording.peak(channel.neutral) - 0.5) < 1e-6);
		assert.ok(recording.peak(channel.i1) < 3.51 && recording.peak(channel.u1) > 320);
		assert.throws(() => play(record(signals, 8000, 160), { currentScale: Number.NaN }), { name: "RangeError" });
	});

	it("moves a channel that was converted later back to its time stamp", () => {
		const late: Signal = (time_s) => tone(250, 10)(time_s + 40e-6);
		const recording = play(record({ u1: late }, 8000, 800, { skew_us: 40 }));
		assert.ok(greatestError(recording, 0, tone(250, 10), 8000, 0) < 1e-3);
	});

	it("warns of a rate below 2.5 kHz", () => {
		const { warnings } = play(record({ ...signals, u3: tone(50) }, 2000, 40));
		assert.match(warnings.join(), /2000 Hz is below 2500 Hz/);
	});

	it("has no phasors and says so", () => {
		const recording = play(record(signals, 8000, 160), { name: "fault" });
		assert.equal(recording.isRecording, true);
		assert.throws(() => recording.phasors(), /fault is a recording .* waveform gear/);
	});

	it("refuses a block that does not fit", () => {
		const recording = play(record(signals, 8000, 160));
		assert.throws(() => recording.sample(0, 8000, 11, buffers(10)), { name: "RangeError" });
		assert.throws(() => recording.sample(0, -1, 1, buffers(10)), { name: "RangeError" });
	});
});

describe("recording: time", () => {
	const signal = tone(50, 325);

	it("takes evenly rounded stamps as one rate", () => {
		const count = 1280; // 12.8 kHz: 78.125 µs, rounded to whole microseconds
		const stamps = Array.from({ length: count }, (_, n) => Math.round(n * 78.125));
		const recording = play(record({ u1: signal }, 12_800, count, { rates: [[0, count]], stamps }));
		assert.ok(Math.abs(recording.rate_Hz / 12_800 - 1) < 1e-5);
		assert.ok(greatestError(recording, 0, signal, 8000, 0) < 325e-4);
	});

	it("reads uneven stamps by polynomials", () => {
		const count = 1000;
		const stamps = Array.from({ length: count }, (_, n) => n * 100 + (n % 2) * 30);
		const draft = record({ u1: signal }, 10_000, count, { rates: [[0, count]], stamps });
		const values = [stamps.map((stamp) => Math.round(signal(stamp * 1e-6) * 2 ** 22))];
		const recording = play({ ...draft, values });
		// The last interval is not known: the loop takes the mean one, and errs by its share of a cycle at most.
		const into = buffers(700);
		recording.sample(0.002, 8000, 700, into);
		for (let n = 0; n < 700; n++) assert.ok(Math.abs(into[0]![n]! - signal(0.002 + n / 8000)) < 0.33);
	});

	it("brings several rates to the highest one", () => {
		const rates = [
			[2000, 200],
			[8000, 1000],
			[4000, 1400],
		] as const;
		const times: number[] = [];
		for (let n = 0; n < 200; n++) times.push(n / 2000);
		for (let n = 0; n < 800; n++) times.push(0.1 + n / 8000);
		for (let n = 0; n < 400; n++) times.push(0.2 + n / 4000);
		const draft = record({ u1: signal }, 8000, 1400, { rates });
		const recording = play({ ...draft, values: [times.map((t) => Math.round(signal(t) * 2 ** 22))] });
		assert.ok(Math.abs(recording.duration_s - 0.3) < 1e-12);
		assert.ok(Math.abs(recording.rate_Hz - 8000) < 1e-6);
		// Near the joints the cubic polynomials of the slow side count: 1e-3 of the amplitude.
		assert.ok(greatestError(recording, 0, signal, 8000, 0) < 0.33);
	});

	it("refuses rates and stamps that would blow up the memory", () => {
		const rates = [
			[1, 99],
			[8000, 100],
		] as const;
		assert.throws(() => play(record({ u1: signal }, 8000, 100, { rates })), ComtradeError);
		const stamps = Array.from({ length: 100 }, (_, n) => (n === 0 ? 0 : n * 100_000 - 99_999));
		assert.throws(() => play(record({ u1: signal }, 8000, 100, { rates: [[0, 100]], stamps })), ComtradeError);
		assert.throws(() => play(record({ u1: signal }, 8000, 1, { rates: [[0, 1]] })), ComtradeError);
	});
});

describe("recording: files", () => {
	const path = (name: string) => fileURLToPath(new URL(`../../../data/waveforms/${name}`, import.meta.url));

	it("opens a configuration and the data beside it", () => {
		const recording = Recording.fromFile(path("s05_quadrants.cfg"));
		assert.equal(recording.name, "s05_quadrants");
		assert.equal(recording.rate_Hz, 8000);
		assert.equal(recording.duration_s, 2);
		assert.deepEqual(recording.warnings, []);
	});

	it("passes on what the file system says of a missing file", () => {
		assert.throws(() => Recording.fromFile(path("absent.cfg")), { code: "ENOENT" });
	});

	it("keeps U, I and P of a distorted recording at the rate of the other front end (S1)", () => {
		const recording = Recording.fromFile(path("s15_en50160_spectrum.cfg"));
		const truth = JSON.parse(readFileSync(path("s15_en50160_spectrum.json"), "utf8"));
		const count = 55_938; // 8.0001 s of 6992.1875 Hz: four loops
		const into = buffers(count);
		recording.sample(4, 6992.1875, count, into);
		const mean = (x: Float64Array, y: Float64Array) => x.reduce((sum, v, n) => sum + v * y[n]!, 0) / count;
		for (const [p, { urms, irms, p: power }] of truth.phase.entries()) {
			const u = into[channel.u1 + p]!;
			const i = into[channel.i1 + p]!;
			assert.ok(Math.abs(Math.sqrt(mean(u, u)) / urms - 1) < 5e-5);
			assert.ok(Math.abs(Math.sqrt(mean(i, i)) / irms - 1) < 5e-5);
			assert.ok(Math.abs(mean(u, i) / power - 1) < 1e-4);
		}
	});
});
