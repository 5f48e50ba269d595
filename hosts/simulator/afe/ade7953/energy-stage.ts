// SPDX-License-Identifier: Apache-2.0
import { countsPerCode, EnergyCounter } from "./energy-counter.js";
import { type PulseListener, PulseOutput } from "./pulse-output.js";
import type { RegisterFile } from "./register-file.js";
import { config, irq, reg } from "./registers.js";
import { powerFullScale, rmsFullScale } from "./settings.js";

/** Power codes of one channel for an interval; written by the gears, read here. */
export class PowerCodes {
	watt = 0;
	var = 0;
	va = 0;
	/** RMS code of the current. */
	irms = 0;
}

/** Index of a quantity in no-load flags and line-cycle bits. */
export const active = 0;
export const reactive = 1;
export const apparent = 2;

/** Ampere-hours: IRMS at full scale counts as fast as VA at full scale. */
const powerPerIrms = powerFullScale / rmsFullScale;

/** One current channel: three energies, their no-load flags and signs. */
export class EnergyChannel {
	readonly energies = [new EnergyCounter(), new EnergyCounter(), new EnergyCounter()] as const;
	readonly isNoLoad = [false, false, false];
	isWattNegative = false;
	isVarNegative = false;
	/** Latched interrupt bits since last taken. */
	status = 0;
	/** Energy counts of the interval just added, per quantity, for CF. */
	readonly counts = new Float64Array(4);
	wattMode = 0;
	varMode = 0;
	collectsAmpereHours = false;

	reset(): void {
		for (const energy of this.energies) energy.reset();
		this.isNoLoad.fill(false);
		this.isWattNegative = false;
		this.isVarNegative = false;
		this.status = 0;
		this.counts.fill(0);
	}

	setNoLoad(quantity: number, isNoLoad: boolean): void {
		if (this.isNoLoad[quantity] === isNoLoad) return;
		this.isNoLoad[quantity] = isNoLoad;
		if (isNoLoad) this.status |= irq.activeNoLoad << quantity;
	}

	add(codes: PowerCodes, samples: number): void {
		this.#addActive(codes.watt, samples);
		this.#addReactive(codes.var, codes.watt < 0, samples);
		const va = this.collectsAmpereHours ? codes.irms * powerPerIrms : codes.va;
		this.#collect(apparent, this.isNoLoad[apparent] ? 0 : va, samples);
		this.counts[3] = codes.irms * powerPerIrms * samples * countsPerCode;
	}

	#addActive(watt: number, samples: number): void {
		if (this.isNoLoad[active]) {
			this.counts[active] = 0;
			return;
		}
		this.#setSigns(watt < 0 && this.wattMode === 0, this.isVarNegative);
		let code = watt;
		if (this.wattMode === 1) code = Math.max(0, watt);
		else if (this.wattMode === 2) code = Math.abs(watt);
		this.#collect(active, code, samples);
	}

	#addReactive(value: number, isWattNegative: boolean, samples: number): void {
		if (this.isNoLoad[reactive]) {
			this.counts[reactive] = 0;
			return;
		}
		this.#setSigns(this.isWattNegative, value < 0 && this.varMode !== 2);
		let code = value;
		if (this.varMode === 1) code = isWattNegative ? -value : value;
		else if (this.varMode === 2) code = Math.abs(value);
		this.#collect(reactive, code, samples);
	}

	#collect(quantity: number, code: number, samples: number): void {
		const energy = this.energies[quantity]!;
		energy.add(code, samples);
		this.counts[quantity] = code * samples * countsPerCode;
		const flags = energy.takeFlags();
		if (flags !== 0) this.#flag(quantity, flags);
	}

	#flag(quantity: number, flags: number): void {
		if ((flags & 1) !== 0) this.status |= irq.activeHalfFull << quantity;
		if ((flags & 2) !== 0) this.status |= irq.activeOverflow << quantity;
	}

	endCycle(): void {
		for (let quantity = active; quantity <= apparent; quantity++) {
			const energy = this.energies[quantity]!;
			energy.endCycle();
			this.#flag(quantity, energy.takeFlags());
		}
	}

	#setSigns(isWattNegative: boolean, isVarNegative: boolean): void {
		if (isWattNegative !== this.isWattNegative) {
			this.isWattNegative = isWattNegative;
			this.status |= irq.activeSign;
		}
		if (isVarNegative !== this.isVarNegative) {
			this.isVarNegative = isVarNegative;
			this.status |= irq.reactiveSign;
		}
	}
}

/** Energy registers of both channels and the two pulse outputs. */
export class EnergyStage {
	readonly channels = [new EnergyChannel(), new EnergyChannel()] as const;
	readonly cf1: PulseOutput;
	readonly cf2: PulseOutput;
	readonly #file: RegisterFile;
	/** Half cycles counted towards the end of the line-cycle period, and the length in force. */
	#halfCycles = 0;
	#periodLength = 0;
	#lineCycleBits = 0;
	/** Samples of the interval added last. */
	#samples = 0;

	constructor(file: RegisterFile, listener: PulseListener | undefined) {
		this.#file = file;
		this.cf1 = new PulseOutput(1, listener);
		this.cf2 = new PulseOutput(2, listener);
	}

	reset(): void {
		for (const channel of this.channels) channel.reset();
		this.cf1.reset();
		this.cf2.reset();
		this.#halfCycles = 0;
		this.#periodLength = 0;
		this.#samples = 0;
		this.configure();
	}

	/** Takes over LCYCMODE and ACCMODE. */
	configure(): void {
		const mode = this.#file.get(reg.ACCMODE);
		this.#lineCycleBits = this.#file.get(reg.LCYCMODE) & 0x3f;
		for (let n = 0; n < 2; n++) {
			const channel = this.channels[n]!;
			channel.wattMode = (mode >> (2 * n)) & 3;
			channel.varMode = (mode >> (4 + 2 * n)) & 3;
			channel.collectsAmpereHours = ((mode >> (8 + n)) & 1) !== 0;
			for (let quantity = active; quantity <= apparent; quantity++) {
				channel.energies[quantity]!.setLineCycle(((this.#lineCycleBits >> (2 * quantity + n)) & 1) !== 0);
			}
		}
	}

	/** Half cycles left until the line-cycle period ends; undefined while no energy is in line-cycle mode. */
	get halfCyclesLeft(): number | undefined {
		if (this.#lineCycleBits === 0) return undefined;
		const length = this.#periodLength > 0 ? this.#periodLength : this.#file.get(reg.LINECYC);
		return length > 0 ? Math.max(1, length - this.#halfCycles) : undefined;
	}

	/**
	 * Counts zero crossings of the voltage. The counter runs freely, also outside line-cycle mode: the first period after
	 * enabling is cut short, which is why its result has to be dropped.
	 *
	 * @returns true when a period of line-cycle mode ended
	 */
	countHalfCycles(count: number): boolean {
		let hasEnded = false;
		let left = count;
		while (left > 0) {
			if (this.#periodLength === 0) this.#periodLength = this.#file.get(reg.LINECYC);
			if (this.#periodLength === 0) return hasEnded;
			const step = Math.min(left, Math.max(1, this.#periodLength - this.#halfCycles));
			left -= step;
			this.#halfCycles += step;
			if (this.#halfCycles < this.#periodLength) continue;
			this.#halfCycles = 0;
			this.#periodLength = 0;
			hasEnded = true;
			if (this.#lineCycleBits === 0) {
				const length = this.#file.get(reg.LINECYC);
				if (length > 0) left %= length;
			}
		}
		if (!hasEnded || this.#lineCycleBits === 0) return false;
		for (const channel of this.channels) channel.endCycle();
		return true;
	}

	/** Adds an interval of `samples` samples that lasts from `from_s` to `to_s`. */
	add(a: PowerCodes, b: PowerCodes, samples: number, from_s: number, to_s: number): void {
		this.channels[0].add(a, samples);
		this.channels[1].add(b, samples);
		this.#samples = samples;
		const mode = this.#file.get(reg.CFMODE);
		if ((mode & 0x100) === 0) this.#pulse(this.cf1, mode & 15, reg.CF1DEN, from_s, to_s);
		if ((mode & 0x200) === 0) this.#pulse(this.cf2, (mode >> 4) & 15, reg.CF2DEN, from_s, to_s);
	}

	/** Samples until the next pulse falls, if they go on as those of the interval added last; 0 before the first. */
	samplesToPulse(): number {
		const mode = this.#file.get(reg.CFMODE);
		let intervals = Number.POSITIVE_INFINITY;
		if ((mode & 0x100) === 0)
			intervals = this.cf1.intervalsLeft(this.#selected(mode & 15), Math.max(1, this.#file.get(reg.CF1DEN)));
		if ((mode & 0x200) === 0) {
			const counts = this.#selected((mode >> 4) & 15);
			intervals = Math.min(intervals, this.cf2.intervalsLeft(counts, Math.max(1, this.#file.get(reg.CF2DEN))));
		}
		return this.#samples === 0 ? 0 : intervals * this.#samples;
	}

	#pulse(output: PulseOutput, select: number, divider: number, from_s: number, to_s: number): void {
		output.advance(this.#selected(select), from_s, to_s, Math.max(1, this.#file.get(divider)));
	}

	/** Counts of the interval that a CFxSEL code selects. */
	#selected(select: number): number {
		const [a, b] = this.channels;
		if (select < 4) return a.counts[select]!;
		if (select < 8) return b.counts[select - 4]!;
		if (select === 8) return a.counts[3]! + b.counts[3]!;
		if (select === 9) return (a.counts[active]! + b.counts[active]!) / 2;
		return 0;
	}

	/** Live bits of ACCMODE: signs and no-load flags. */
	get accmodeBits(): number {
		let bits = 0;
		for (let n = 0; n < 2; n++) {
			const channel = this.channels[n]!;
			if (channel.isWattNegative && channel.wattMode === 0) bits |= 1 << (10 + n);
			if (channel.isVarNegative && channel.varMode !== 2) bits |= 1 << (12 + n);
			if (channel.isNoLoad[active]) bits |= 1 << (16 + 3 * n);
			if (channel.isNoLoad[apparent]) bits |= 1 << (17 + 3 * n);
			if (channel.isNoLoad[reactive]) bits |= 1 << (18 + 3 * n);
		}
		return bits;
	}

	/** Energy register by its place from AENERGYA on. Reading clears it while RSTREAD is set. */
	register(offset: number): number {
		return this.#counter(offset).register;
	}

	onRead(offset: number): void {
		if ((this.#file.get(reg.LCYCMODE) & 0x40) !== 0) this.#counter(offset).clear();
	}

	#counter(offset: number): EnergyCounter {
		return this.channels[offset & 1]!.energies[offset >> 1]!;
	}

	/** Level of the REVP pin in its own function: low while the quantity on the chosen CF is negative. */
	revp(now_s: number): 0 | 1 {
		const bits = this.#file.get(reg.CONFIG);
		const isCf2 = (bits & config.revpOnCf2) !== 0;
		const select = (this.#file.get(reg.CFMODE) >> (isCf2 ? 4 : 0)) & 15;
		if (select !== 0 && select !== 1 && select !== 4 && select !== 5) return 1;
		const channel = this.channels[select >> 2]!;
		if ((select & 1 ? channel.varMode : channel.wattMode) !== 0) return 1;
		if (!(isCf2 ? this.cf2 : this.cf1).wasNegative) return 1;
		return (bits & config.revpPulse) !== 0 && now_s % 1 >= 0.5 ? 1 : 0;
	}
}
