// SPDX-License-Identifier: Apache-2.0
import { zeros } from "../core/numbers.js";
import { energyIndex, type FrontEndReading } from "./front-end.js";

/** Registers count 0.1 Wh and wrap so that the value in Wh rolls over at 2^32 (double-long-unsigned). */
export const unitsWrap = 10 * 0x1_0000_0000;

/** Base registers of one scope: active QI..QIV, reactive R1..R4, S+, S-. Everything else is a sum of these. */
export const registersPerScope = 10;
const active = 0;
const reactive = 4;
const apparent = 8;

/** How phases make the total. `vector`: by the sign of the sum; `arithmetic`: the sum of what each phase registered. */
export type Summation = "vector" | "arithmetic";

/** `rms`: sum of U·I of the phases, distortion included. `vectorial`: √(P² + Q²). */
export type ApparentMethod = "rms" | "vectorial";

/** Whole Wh, as they are shown. */
export function digits(units: number): number {
	return Math.floor((units % unitsWrap) / 10);
}

/** Quadrant 0..3 (I..IV) of a pair of directions. */
function quadrantOf(isExport: number, isCapacitive: number): number {
	if (isExport === 0) return isCapacitive === 0 ? 0 : 3;
	return isCapacitive === 0 ? 1 : 2;
}

/** √(p² + q²) of integers up to 2^45, without squares that leave 2^53. */
function magnitude(p: number, q: number): number {
	const a = Math.abs(p);
	const b = Math.abs(q);
	const larger = Math.max(a, b);
	if (larger === 0) return 0;
	const ratio = Math.min(a, b) / larger;
	return larger * Math.sqrt(1 + ratio * ratio);
}

/**
 * Energy registers with exact carry: `unit = numerator / denominator` codes, each register an integer count of units and
 * an integer remainder `0 <= remainder < numerator` in codes · denominator. Nothing is rounded, so any cut of the same
 * energy into intervals gives the same registers.
 *
 * Scope 0 is the total, scopes 1..3 are the phases. With one phase the total is the phase: there is one scope.
 */
export class EnergyRegisters {
	/** Units, 0..`unitsWrap`-1; index = scope · 10 + base register. */
	readonly counts: number[];
	/** Remainders. */
	readonly remainders: number[];
	/** Codes which each base register took in the last interval. */
	readonly interval_codes: number[];
	/** Per scope: bit 0 = last active energy was export, bit 1 = last reactive energy was negative. */
	readonly directions: Uint8Array;
	readonly scopes: number;

	#numerator: number;
	readonly denominator: number;
	// Flags, because a string literal in a method makes a copy of itself on the heap of the board.
	readonly #isArithmetic: boolean;
	readonly #isVectorial: boolean;
	/** Fraction of a code which the vectorial apparent energy of a scope still owes. */
	readonly #fractions: number[];
	/** Larger differences are taken in pieces: piece · denominator + remainder stays below 2^53. */
	readonly #piece: number;
	#hasMoved = false;
	/** Counts and remainders at the begin of the test mode; undefined outside it. */
	#testCounts: number[] | undefined;
	#testRemainders: number[] | undefined;

	/** @throws RangeError when the unit does not fit the arithmetic */
	constructor(
		phases: 1 | 3,
		numerator: number,
		denominator: number,
		summation: Summation,
		apparentMethod: ApparentMethod,
	) {
		if (!(Number.isInteger(numerator) && numerator >= 1 && numerator < 2 ** 47)) throw new RangeError("numerator");
		const isPowerOfTwo = Number.isInteger(denominator) && (denominator & (denominator - 1)) === 0;
		if (!(isPowerOfTwo && denominator >= 1 && denominator <= 2 ** 30)) throw new RangeError("denominator");
		this.scopes = phases === 1 ? 1 : 4;
		this.#numerator = numerator;
		this.denominator = denominator;
		this.#isArithmetic = summation === "arithmetic";
		this.#isVectorial = apparentMethod === "vectorial";
		this.#piece = 2 ** 51 / denominator;
		this.counts = zeros(this.scopes * registersPerScope);
		this.remainders = zeros(this.scopes * registersPerScope);
		this.interval_codes = zeros(this.scopes * registersPerScope);
		this.#fractions = zeros(this.scopes);
		this.directions = new Uint8Array(this.scopes);
	}

	/** Codes · denominator of one unit. */
	get numerator(): number {
		return this.#numerator;
	}

	/** From here on another unit counts. Counts stay as they are; remainders, less than a unit each, are dropped. */
	changeUnit(numerator: number): void {
		if (!(Number.isInteger(numerator) && numerator >= 1 && numerator < 2 ** 47)) throw new RangeError("numerator");
		this.endTest();
		this.#numerator = numerator;
		this.remainders.fill(0);
		this.#fractions.fill(0);
	}

	/** From here on `testUnits` counts; registers do not notice. */
	beginTest(): void {
		this.#testCounts = this.counts.slice();
		this.#testRemainders = this.remainders.slice();
	}

	endTest(): void {
		this.#testCounts = undefined;
		this.#testRemainders = undefined;
	}

	get isTesting(): boolean {
		return this.#testCounts !== undefined;
	}

	/** Energy of value group C since the begin of the test mode, units with fraction; 0 outside it. */
	testUnits(c: number): number {
		const base = this.base(c);
		const counts = this.#testCounts;
		const remainders = this.#testRemainders;
		if (base < 0 || counts === undefined || remainders === undefined) return 0;
		const local = ((c - 1) % 20) + 1;
		const units = this.sum(this.counts, base, local) - this.sum(counts, base, local);
		const rest = this.sum(this.remainders, base, local) - this.sum(remainders, base, local);
		return (units < 0 ? units + unitsWrap : units) + rest / this.#numerator;
	}

	/** No register has counted anything yet. */
	get isBlank(): boolean {
		for (let n = 0; n < this.counts.length; n++) if (this.counts[n] !== 0) return false;
		return true;
	}

	/** Takes the energies of one interval. @returns whether any register took some */
	add(reading: FrontEndReading): boolean {
		const codes = reading.energy_codes;
		this.interval_codes.fill(0);
		this.#hasMoved = false;
		if (this.scopes === 1) {
			this.addScope(0, codes[energyIndex.active]!, codes[energyIndex.reactive]!, codes[energyIndex.apparent]!, false);
			return this.#hasMoved;
		}
		const isArithmetic = this.#isArithmetic;
		let p = 0;
		let q = 0;
		let s = 0;
		for (let phase = 0; phase < 3; phase++) {
			const phaseP = codes[energyIndex.active + phase]!;
			const phaseQ = codes[energyIndex.reactive + phase]!;
			const phaseS = codes[energyIndex.apparent + phase]!;
			this.addScope(phase + 1, phaseP, phaseQ, phaseS, isArithmetic);
			p += phaseP;
			q += phaseQ;
			s += phaseS;
		}
		if (!isArithmetic) this.addScope(0, p, q, s, false);
		return this.#hasMoved;
	}

	/** Energy of value group C (see `MetrologyView`), units; `C` of phases in 21..80. @param of other counts than those now */
	units(c: number, of: number[] = this.counts): number {
		const base = this.base(c);
		if (base < 0) return 0;
		const local = ((c - 1) % 20) + 1;
		if (local !== 16) return this.sum(of, base, local) % unitsWrap;
		const net = this.sum(of, base, 1) - this.sum(of, base, 2);
		return net - unitsWrap * Math.round(net / unitsWrap);
	}

	/** Codes of the last interval, of value group C; signed for C = 16, 36, 56, 76. */
	codes(c: number): number {
		const base = this.base(c);
		if (base < 0) return 0;
		const local = ((c - 1) % 20) + 1;
		if (local !== 16) return this.sum(this.interval_codes, base, local);
		return this.sum(this.interval_codes, base, 1) - this.sum(this.interval_codes, base, 2);
	}

	/** First index of the scope of C, -1 where there is none. */
	private base(c: number): number {
		if (!(c >= 1 && c <= 80)) return -1;
		const scope = ((c - 1) / 20) | 0;
		if (this.scopes === 1) return scope <= 1 ? 0 : -1;
		return scope * registersPerScope;
	}

	private sum(of: number[], base: number, local: number): number {
		switch (local) {
			case 1: // A+
				return of[base]! + of[base + 3]!;
			case 2: // A-
				return of[base + 1]! + of[base + 2]!;
			case 3: // R+
				return of[base + 4]! + of[base + 5]!;
			case 4: // R-
				return of[base + 6]! + of[base + 7]!;
			case 5:
			case 6:
			case 7:
			case 8: // R1..R4
				return of[base + reactive + local - 5]!;
			case 9:
			case 10: // S+, S-
				return of[base + apparent + local - 9]!;
			case 15: // |A|
				return of[base]! + of[base + 1]! + of[base + 2]! + of[base + 3]!;
			case 17:
			case 18:
			case 19:
			case 20: // active energy of quadrants I..IV
				return of[base + active + local - 17]!;
			default:
				return 0;
		}
	}

	/** The directions hold where the difference is zero: registration on an axis stays in one quadrant. */
	private addScope(scope: number, p: number, q: number, s: number, feedsTotal: boolean): void {
		let directions = this.directions[scope]!;
		if (p > 0) directions &= ~1;
		else if (p < 0) directions |= 1;
		if (q > 0) directions &= ~2;
		else if (q < 0) directions |= 2;
		this.directions[scope] = directions;
		const quadrant = quadrantOf(directions & 1, directions & 2);
		let total = s;
		if (this.#isVectorial) {
			const exact = magnitude(p, q) + this.#fractions[scope]!;
			total = Math.floor(exact);
			this.#fractions[scope] = exact - total;
		}
		const base = scope * registersPerScope;
		this.addTo(base + active + quadrant, p < 0 ? -p : p, feedsTotal);
		this.addTo(base + reactive + quadrant, q < 0 ? -q : q, feedsTotal);
		this.addTo(base + apparent + (directions & 1), total, feedsTotal);
	}

	private addTo(index: number, codes: number, feedsTotal: boolean): void {
		if (codes === 0) return;
		this.#hasMoved = true;
		const numerator = this.#numerator;
		let remainder = this.remainders[index]!;
		let units = 0;
		let rest = codes;
		while (rest > 0) {
			const piece = Math.min(rest, this.#piece);
			rest -= piece;
			remainder += piece * this.denominator;
			// The quotient of two doubles may be off by one when it is next to an integer.
			let carry = Math.floor(remainder / numerator);
			remainder -= carry * numerator;
			if (remainder < 0) {
				remainder += numerator;
				carry--;
			} else if (remainder >= numerator) {
				remainder -= numerator;
				carry++;
			}
			units += carry;
		}
		this.remainders[index] = remainder;
		this.count(index, units);
		this.interval_codes[index]! += codes;
		if (feedsTotal) {
			const inTotal = index % registersPerScope;
			this.count(inTotal, units);
			this.interval_codes[inTotal]! += codes;
		}
	}

	private count(index: number, units: number): void {
		this.counts[index] = (this.counts[index]! + units) % unitsWrap;
	}
}
