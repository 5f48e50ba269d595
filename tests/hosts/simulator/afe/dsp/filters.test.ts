// SPDX-License-Identifier: Apache-2.0
import assert from "node:assert/strict";
import { AllPass } from "../../../../../hosts/simulator/afe/dsp/all-pass.js";
import { FirBand } from "../../../../../hosts/simulator/afe/dsp/fir-band.js";
import { Gaussian, SeededRandom } from "../../../../../hosts/simulator/afe/dsp/gaussian.js";
import { HighPass } from "../../../../../hosts/simulator/afe/dsp/high-pass.js";
import { DelayLine, Hilbert } from "../../../../../hosts/simulator/afe/dsp/hilbert.js";
import { OnePole } from "../../../../../hosts/simulator/afe/dsp/one-pole.js";
import { Response } from "../../../../../hosts/simulator/afe/dsp/response.js";
import { RunningMean, TriangularMean } from "../../../../../hosts/simulator/afe/dsp/running-mean.js";
import { FractionalDelay, sincReach, sincWeights } from "../../../../../hosts/simulator/afe/dsp/windowed-sinc.js";
import { ZeroCrossing } from "../../../../../hosts/simulator/afe/dsp/zero-crossing.js";

const rate_Hz = 8000;
const omega = (f_Hz: number) => (2 * Math.PI * f_Hz) / rate_Hz;

/** Gain of a filter at `f_Hz`, measured with a cosine over whole cycles after it has settled (brute force). */
function measure(f_Hz: number, filter: (samples: Float64Array, count: number) => void): { re: number; im: number } {
	const block = 200;
	let re = 0;
	let im = 0;
	const samples = new Float64Array(block);
	const settled = 40_000;
	const total = settled + 8000;
	for (let at = 0; at < total; at += block) {
		for (let n = 0; n < block; n++) samples[n] = Math.cos(omega(f_Hz) * (at + n));
		filter(samples, block);
		if (at < settled) continue;
		for (let n = 0; n < block; n++) {
			re += (samples[n]! * Math.cos(omega(f_Hz) * (at + n)) * 2) / 8000;
			im -= (samples[n]! * Math.sin(omega(f_Hz) * (at + n)) * 2) / 8000;
		}
	}
	return { re, im };
}

function near(actual: number, expected: number, tolerance: number): void {
	assert.ok(Math.abs(actual - expected) <= tolerance, `${actual} is not within ${tolerance} of ${expected}`);
}

describe("dsp filters", () => {
	it("high-pass has the gain of its closed form", () => {
		const filter = new HighPass(4.98, rate_Hz);
		const closed = new Response();
		HighPass.respond(HighPass.coefficient(4.98, rate_Hz), omega(50), closed);
		const gain = measure(50, (s, n) => filter.process(s, n));
		near(gain.re, closed.re, 1e-9);
		near(gain.im, closed.im, 1e-9);
		near(Math.hypot(gain.re, gain.im), 1 / Math.hypot(1, 4.98 / 50), 2e-3);
	});

	it("band filter of five taps is -0.10 dB at 1344 Hz, -0.68 dB at 2 kHz and -3.01 dB at 3.2 kHz", () => {
		const taps = [-0.026761, 0.091175, 0.871172, 0.091175, -0.026761];
		for (const [f_Hz, dB] of [
			[1344, -0.1],
			[2000, -0.68],
			[3200, -3.01],
		] as const) {
			near(20 * Math.log10(FirBand.gain(taps, omega(f_Hz))), dB, 0.01);
			const filter = new FirBand(taps);
			const gain = measure(f_Hz, (s, n) => filter.process(s, n));
			near(Math.hypot(gain.re, gain.im), FirBand.gain(taps, omega(f_Hz)), 1e-9);
		}
		near(FirBand.noiseGain(taps), 0.88, 0.005);
	});

	it("Hilbert filter turns by exactly 90 degrees, gain within 0.06 % from 45 Hz to 2 kHz", () => {
		const filter = new Hilbert(511, 7, omega(50));
		near(filter.gain(omega(50)), 1, 1e-12);
		for (let f_Hz = 45; f_Hz <= 2000; f_Hz += 5) near(filter.gain(omega(f_Hz)), 1, 6e-4);
		const turned = new Float64Array(200);
		const straight = new Float64Array(200);
		const lag = new DelayLine(filter.delay);
		const copy = new Float64Array(200);
		const gain = measure(60, (s, n) => {
			copy.set(s);
			lag.process(copy, copy, n);
			filter.process(s, turned, straight, n);
			assert.deepEqual(straight, copy);
			s.set(turned);
		});
		// cos(ω(n − 255) − 90°)
		near(gain.re, Math.cos(-omega(60) * 255 - Math.PI / 2), 6e-4);
		near(gain.im, Math.sin(-omega(60) * 255 - Math.PI / 2), 6e-4);
	});

	it("all-pass of the phase compensation has unity gain and advances by 0.1 degrees at 50 Hz for 3051152/2^27", () => {
		const c = 3_051_152 / 2 ** 27;
		const closed = new Response();
		AllPass.respond(c, omega(50), closed);
		near(Math.hypot(closed.re, closed.im), 1, 1e-12);
		near((Math.atan2(closed.im, closed.re) * 180) / Math.PI, 0.1, 1e-6);
		const filter = new AllPass(c);
		const gain = measure(50, (s, n) => filter.process(s, n));
		near(Math.atan2(gain.im, gain.re) + omega(50), (0.1 * Math.PI) / 180, 1e-9);
	});

	it("fractional delay shifts by its base and the given time, also with a negative one", () => {
		for (const delay of [0, 0.3, 1, 2.75, -0.4, -8]) {
			const filter = new FractionalDelay(delay, 200);
			const gain = measure(250, (s, n) => filter.process(s, n));
			near(gain.re, Math.cos(omega(250) * (FractionalDelay.base + delay)), 1e-4);
			near(gain.im, -Math.sin(omega(250) * (FractionalDelay.base + delay)), 1e-4);
		}
		assert.throws(() => new FractionalDelay(-9, 10), RangeError);
	});

	it("interpolation weights reproduce a tone of 2 kHz to 1e-4", () => {
		const weights = new Float64Array(2 * sincReach);
		for (const fraction of [0, 0.1, 0.5, 0.99]) {
			sincWeights(fraction, weights);
			let sum = 0;
			for (let k = 0; k < weights.length; k++) sum += weights[k]! * Math.cos(omega(2000) * k + 0.7);
			near(sum, Math.cos(omega(2000) * (sincReach - 1 + fraction) + 0.7), 1e-4);
		}
	});

	it("one-pole has the gain of its closed form", () => {
		const k = OnePole.coefficient(80, rate_Hz);
		const filter = new OnePole(k);
		const gain = measure(50, (s, n) => filter.process(s, s, n));
		near(Math.hypot(gain.re, gain.im), OnePole.gain(k, omega(50)), 1e-9);
		near(OnePole.gain(k, omega(50)), 1 / Math.hypot(1, 50 / 80), 0.01);
	});

	it("running mean forgets a large signal completely", () => {
		const mean = new RunningMean(7);
		for (let n = 0; n < 1000; n++) mean.next(1e15 * Math.sin(n));
		let last = 0;
		for (let n = 0; n < 14; n++) last = mean.next(0.1);
		near(last, 0.1, 1e-15);
		const triangle = new TriangularMean(800);
		const samples = new Float64Array(1600).fill(3);
		triangle.process(samples, 1600);
		near(samples[1599]!, 3, 1e-12);
		assert.ok(samples[1500]! < 3);
	});

	it("zero crossings give the period to a thousandth of a sample and need the threshold", () => {
		const detector = new ZeroCrossing();
		let crossings = 0;
		for (let n = 0; n < 1000; n++) crossings += Math.abs(detector.next(n, 100 * Math.sin(omega(49.3) * n + 1), 50));
		near(detector.period, rate_Hz / 49.3, 1e-3);
		assert.ok(crossings === 12 || crossings === 11);
		const weak = new ZeroCrossing();
		for (let n = 0; n < 1000; n++) assert.equal(weak.next(n, 49 * Math.sin(omega(49.3) * n + 1), 50), 0);
	});
});

describe("dsp noise", () => {
	it("has mean 0, variance 1 and kurtosis 3", () => {
		const noise = new Gaussian(7);
		const count = 200_000;
		let sum = 0;
		let squares = 0;
		let fourth = 0;
		for (let n = 0; n < count; n++) {
			const x = noise.next();
			sum += x;
			squares += x * x;
			fourth += x ** 4;
		}
		near(sum / count, 0, 0.01);
		near(squares / count, 1, 0.02);
		near(fourth / count, 3, 0.1);
	});

	it("is the same for the same seed and differs between seeds", () => {
		const first = new SeededRandom(42);
		const again = new SeededRandom(42);
		const other = new SeededRandom(43);
		const values = Array.from({ length: 8 }, () => first.nextUint32());
		assert.deepEqual(
			values,
			Array.from({ length: 8 }, () => again.nextUint32()),
		);
		assert.notDeepEqual(
			values,
			Array.from({ length: 8 }, () => other.nextUint32()),
		);
	});
});
