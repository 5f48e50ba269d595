// SPDX-License-Identifier: Apache-2.0
import { angleIndex, energyIndex, type FrontEnd, type FrontEndFault, noFault } from "../metrology/front-end.js";
import { factoryLedConstants } from "../metrology/led-constant.js";
import { outputsAgainst, undirectedLedSources } from "../metrology/led-source.js";
import type { BlockSource } from "../metrology/sampling/block-source.js";
import type { VoltageListener, VoltageWatch } from "../metrology/voltage-watch.js";
import type { ModelDescriptor } from "../models/model.js";
import type { InputPin, SpiDevice, Stillness } from "../ports/bus.js";
import { Ade9000Bus, foldEnergy, isEnergyAtRail } from "./ade9000-bus.js";
import {
	type Ade9000Calibration,
	ade9000Uncalibrated,
	cfModeOf,
	cfOutputsOff,
	configuration,
	designNumerator,
	powerFullScale,
	pulseDivider,
	putOutputs,
	sampleRate_Hz,
	unitDenominator,
} from "./ade9000-configuration.js";
import { Ade9000Means } from "./ade9000-means.js";
import { Ade9000Pace, poll_ms } from "./ade9000-pace.js";
import { lockKey, register, status0Bit, status1Bit, unlockKey } from "./ade9000-registers.js";
import { Ade9000Start } from "./ade9000-start.js";
import { Ade9000VoltageWatch } from "./ade9000-voltage-watch.js";
import { Ade9000Waveform } from "./ade9000-waveform.js";
import { ChipFrontEnd } from "./chip-front-end.js";

export interface Ade9000Options {
	/** Mode 0 or 3, 8 MHz; chip select toggles with every frame. */
	readonly spi: SpiDevice;
	readonly model: ModelDescriptor;
	/** Interrupt pin, low while something is ready; without it the status register is polled. */
	readonly irq0?: InputPin;
	/** The pin of dips and swells, low while one is to be looked at. */
	readonly irq1?: InputPin;
	/** What the host knows of the chip, if anything. */
	readonly stillness?: Stillness | undefined;
	/** Default: neutral. */
	readonly calibration?: Ade9000Calibration;
	/** In the order of `ledQuantity`; default: those of the factory. */
	readonly ledConstants?: readonly number[];
	/** `ledSource` of each output; default: whatever the direction. */
	readonly ledSources?: readonly number[];
	/** Codes · 4096 per 0.1 Wh; default: from the ratings of the board. Sealed, comes with the calibration. */
	readonly unitNumerator?: number;
}

/** Active, reactive and apparent energy of three phases. */
const counters = 9;
const dividers: readonly number[] = Object.freeze([
	register.wThr,
	register.varThr,
	register.vaThr,
	register.cf1Den,
	register.cf2Den,
]);
const promptPoll_ms = 250;
/** EGYRDY comes once per second, seen at most one poll late. */
const overdue_ms = 1500;
const stalled_ms = 3000;
/** At full scale the 45 bit counters turn over in 106 s: an older reading says nothing. */
const foldLimit_ms = 90_000;
const interval_ms = 1000;
/** Near the end of an interval of the chip a late poll cannot tell how many have ended: the next one can. */
function isNearBoundary(elapsed_ms: number): boolean {
	return Math.abs(elapsed_ms - Math.round(elapsed_ms / interval_ms) * interval_ms) <= poll_ms / 2;
}

/** `retry`: the status bit stays, the next poll reads again. `ignored`: taken, but there is no interval to show. */
const outcomes = Object.freeze({ finished: 0, ignored: 1, retry: 2 });

/**
 * ADE9000: start, configuration, supervision, and the readings of one second.
 *
 * Energies are differences of the 45 bit accumulators of total active, fundamental reactive and total apparent energy;
 * voltage and current are mean squares of all 10/12-cycle values of the second, so no cycle is left out. Every read is
 * checked with the CRC of the chip; for that CONFIG1.BURST_EN stays 0 and results are read one by one.
 */
export class Ade9000 extends ChipFrontEnd<Ade9000Bus, Ade9000Start> implements FrontEnd {
	override readonly phases = 3;
	readonly unitNumerator: number;
	readonly unitDenominator = unitDenominator;
	override readonly fullScaleRate = powerFullScale * sampleRate_Hz;
	readonly ledConstants: number[];

	readonly #options: Ade9000Options;
	readonly #means: Ade9000Means;
	readonly #irq0: InputPin | undefined;
	readonly #pace: Ade9000Pace;
	/** The configuration was changed on purpose: its next checksum is to be taken over. */
	#isChecksumDue = false;
	#doesPinWork = true;
	/** Estimated end of the last interval of the chip, for the number of intervals in a late poll. */
	#boundary_ms = 0;
	#lastPoll_ms = 0;
	#voltageWatch: Ade9000VoltageWatch | undefined;

	constructor(options: Ade9000Options) {
		const { model, calibration = ade9000Uncalibrated, ledConstants = factoryLedConstants(model) } = options;
		const bus = new Ade9000Bus(options.spi);
		const { ledSources = undirectedLedSources } = options;
		const table = configuration(model, calibration, ledConstants, ledSources);
		super(bus, table, new Ade9000Start(bus, table), counters, ledSources);
		this.#options = options;
		this.#means = new Ade9000Means(bus, model, options.stillness);
		this.#irq0 = options.irq0;
		this.#pace = new Ade9000Pace(options.stillness);
		this.ledConstants = [...ledConstants];
		this.unitNumerator = options.unitNumerator ?? designNumerator(model);
	}

	get movements(): number {
		return this.#means.movements;
	}

	/** Reads whose CRC was wrong, for diagnosis. */
	get crcErrors(): number {
		return this.bus.crcErrors;
	}

	setLedConstant(constant: number, quantity: number): boolean {
		try {
			pulseDivider(this.#options.model, constant);
		} catch {
			return false;
		}
		this.ledConstants[quantity] = constant;
		this.changeOutputs();
		return true;
	}

	selectLeds(sources: readonly number[]): void {
		this.sources = sources;
		this.outputsOff = outputsAgainst(sources, this.reading.energy_codes, 0);
		this.changeOutputs();
	}

	/** Constants or sources have changed. */
	private changeOutputs(): void {
		const { table } = this;
		putOutputs(this.#options.model, this.ledConstants, this.sources, this.outputsOff, (address, value) =>
			table.replace(address, value),
		);
		if (this.start.isReady) this.writeDividers();
		else this.start.begin(this.nextDeadline_ms); // it may have written the old ones already
	}

	protected override outputsChanged(): void {
		const { bus } = this;
		const mode = cfModeOf(this.sources, this.outputsOff);
		this.table.replace(register.cfMode, mode);
		bus.write(register.wrLock, unlockKey);
		bus.writeChecked(register.cfMode, mode);
		bus.write(register.wrLock, lockKey);
		this.#isChecksumDue = true;
	}

	/** Outputs off, so that no impulse of half the old and half the new constant gets out. Failures show in the checksum. */
	private writeDividers(): void {
		const bus = this.bus;
		const table = this.table;
		bus.write(register.wrLock, unlockKey);
		bus.writeChecked(register.cfMode, cfModeOf(this.sources, 0) | cfOutputsOff);
		for (let n = 0; n < table.length; n++) {
			const address = table.address(n);
			if (dividers.includes(address)) bus.writeChecked(address, table.value(n));
		}
		bus.writeChecked(register.cfMode, cfModeOf(this.sources, this.outputsOff));
		bus.write(register.wrLock, lockKey);
		this.#isChecksumDue = true;
	}

	/** Whether every register holds what was written to it. */
	private holdsTable(): boolean {
		const table = this.table;
		for (let n = 0; n < table.length; n++) {
			if (this.bus.readBack(table.address(n)) !== table.value(n)) return false;
		}
		return !this.bus.hasFailed;
	}

	/** The waveform buffer of the chip. */
	createBlockSource(): BlockSource {
		const { spi, model, calibration = ade9000Uncalibrated } = this.#options;
		return new Ade9000Waveform({ frontEnd: this, spi, bus: this.bus, start: this.start, model, calibration });
	}

	/** Voltages of one cycle and of 10/12 cycles, for power quality. */
	createVoltageWatch(listener: VoltageListener): VoltageWatch {
		const watch = new Ade9000VoltageWatch({
			frontEnd: this,
			bus: this.bus,
			start: this.start,
			irq1: this.#options.irq1,
			means: this.#means,
			listener,
		});
		this.#voltageWatch = watch;
		return watch;
	}

	protected override restart(fault: FrontEndFault, now_ms: number): void {
		this.#isChecksumDue = false;
		super.restart(fault, now_ms);
	}

	protected override beginMetering(now_ms: number): void {
		this.#doesPinWork = true;
		this.#means.restart(now_ms);
		this.lastInterval_ms = now_ms;
		this.#lastPoll_ms = now_ms;
		this.#pace.restart();
		this.putOff_ms = Infinity;
		this.nextDeadline_ms = now_ms + poll_ms;
	}

	// Polls that can be put off

	/**
	 * After a poll that has left no flag: puts off all polls up to that which finishes the interval, when they would read what
	 * the last one did.
	 */
	private rest(now_ms: number): void {
		if (this.#irq0 === undefined || !this.#doesPinWork || this.fault !== noFault) return;
		if (!this.#means.mayRepeat || this.#voltageWatch?.mayRest === false || !this.#pace.beginRest(now_ms)) return;
		const first_ms = this.nextDeadline_ms;
		const last_ms = this.pollFrom_ms(first_ms, Infinity);
		if (last_ms === first_ms) return;
		this.putOff_ms = first_ms;
		this.nextDeadline_ms = last_ms;
	}

	private pollFrom_ms(first_ms: number, from_ms: number): number {
		return this.#pace.pollFrom_ms(first_ms, from_ms, this.lastInterval_ms + overdue_ms, this.#means.window_ms);
	}

	putOffFrom_ms(at_ms: number): number {
		const first_ms = this.putOff_ms;
		if (at_ms <= first_ms) return first_ms;
		return at_ms >= this.nextDeadline_ms ? this.nextDeadline_ms : this.pollFrom_ms(first_ms, at_ms);
	}

	protected override passPoll(at_ms: number): number {
		const hasWindow = this.#pace.pass(at_ms);
		if (hasWindow) {
			this.#means.repeatWindow(at_ms);
			this.#voltageWatch?.repeat(at_ms);
			this.lastAnswer_ms = at_ms;
		}
		this.#lastPoll_ms = at_ms;
		return at_ms + this.#pace.wait_ms(hasWindow, this.#means.window_ms);
	}

	/** Nothing is flagged but, perhaps, a window that has been dealt with. */
	private isPinIdle(isStale: boolean, now_ms: number): boolean {
		return this.#irq0?.read() === 1 || (isStale && this.#pace.isWithinInterval(now_ms));
	}

	/** Whether a window has ended that is still to be read. */
	flagsWindow(now_ms: number): boolean {
		const isStale = this.#pace.isStale(now_ms);
		if (this.isPinIdle(isStale, now_ms)) return false;
		return (this.bus.read32(register.status0) & status0Bit.rms1012Rdy) !== 0 && !isStale;
	}

	// Metering

	protected override meter(now_ms: number): boolean {
		this.catchUp(now_ms);
		this.putOff_ms = Infinity;
		const isStale = this.#pace.isStale(now_ms);
		const isOverdue = now_ms - this.lastInterval_ms >= overdue_ms;
		const isIdle = this.#irq0 !== undefined && this.#doesPinWork && this.isPinIdle(isStale, now_ms);
		if (isIdle && !isOverdue) {
			this.#lastPoll_ms = now_ms;
			this.nextDeadline_ms = now_ms + this.#pace.wait_ms(false, 0);
			this.rest(now_ms);
			return false;
		}
		const bus = this.bus;
		const status = bus.read32(register.status0) & (isStale ? ~status0Bit.rms1012Rdy : -1);
		const isEnergyReady = (status & status0Bit.egyRdy) !== 0;
		if (isIdle && isEnergyReady) {
			this.#doesPinWork = false; // until the next start; polls without it so far said nothing
			this.#lastPoll_ms = this.#boundary_ms;
		}
		let handled = 0;
		let outcome: number = outcomes.ignored;
		if ((status & status0Bit.rms1012Rdy) !== 0 && this.#means.readWindow(now_ms)) {
			handled |= status0Bit.rms1012Rdy;
			this.#voltageWatch?.basicInterval(this.#means.rms, now_ms);
		}
		if (isEnergyReady) {
			outcome = this.readInterval(now_ms, (status & status0Bit.tempRdy) !== 0);
			if (outcome !== outcomes.retry) handled |= status0Bit.egyRdy;
		} else if (isOverdue) this.superviseOverdue(now_ms);
		if (!this.start.isReady) return false;
		const hasWindow = (handled & status0Bit.rms1012Rdy) !== 0 && outcome !== outcomes.retry;
		this.nextDeadline_ms = now_ms + this.#pace.wait_ms(hasWindow, this.#means.window_ms);
		this.judgeAnswer(now_ms);
		if (!bus.hasFailed && outcome !== outcomes.retry) this.#lastPoll_ms = now_ms;
		if (handled !== 0) {
			const cleared = isStale ? handled | status0Bit.rms1012Rdy : handled;
			bus.acknowledge(register.status0, cleared);
			if ((cleared & status0Bit.rms1012Rdy) !== 0) this.#pace.cleared();
		}
		const left = status & (status0Bit.rms1012Rdy | status0Bit.egyRdy) & ~handled;
		if (left === 0 && !bus.hasFailed && this.start.isReady) this.rest(now_ms);
		return outcome === outcomes.finished;
	}

	/** Energies first, then the proof that they came from a chip which had been running and still is. */
	private readInterval(now_ms: number, hasTemperature: boolean): number {
		const bus = this.bus;
		const energies = this.energies;
		for (let phase = 0; phase < 3; phase++) {
			const offset = phase * register.energyPhaseStep;
			energies[energyIndex.active + phase] = bus.readEnergy(register.wattHrHiA + offset);
			energies[energyIndex.reactive + phase] = bus.readEnergy(register.fVarHrHiA + offset);
			energies[energyIndex.apparent + phase] = bus.readEnergy(register.vaHrHiA + offset);
		}
		if (!this.supervise(now_ms)) return outcomes.retry;
		if (now_ms - this.lastInterval_ms > foldLimit_ms) this.hasPrevious = false;
		if (!this.hasPrevious) {
			// Only a poll in time tells when the interval of the chip ended.
			if (now_ms - this.#lastPoll_ms <= promptPoll_ms) this.beginAt(now_ms);
			this.lastInterval_ms = now_ms;
			return outcomes.ignored;
		}
		const elapsed_ms = now_ms - this.#boundary_ms;
		if (elapsed_ms < interval_ms / 2) return outcomes.ignored; // the acknowledgement got lost
		if (elapsed_ms > overdue_ms && isNearBoundary(elapsed_ms)) return outcomes.retry;
		const intervals = Math.max(1, Math.floor((elapsed_ms + poll_ms / 2) / interval_ms));
		const reading = this.reading;
		reading.duration_ms = intervals * interval_ms;
		let isStuck = false;
		for (let n = 0; n < energies.length; n++) {
			const difference = foldEnergy(energies[n]!, this.previous[n]!);
			reading.energy_codes[n] = difference;
			if (difference === 0 && isEnergyAtRail(energies[n]!)) isStuck = true;
		}
		if (!this.isCredible(isStuck, now_ms)) return outcomes.retry;
		reading.rms_ms = this.#means.rms_ms;
		if (reading.rms_ms === 0) {
			this.#means.readNow(now_ms);
			reading.rms_ms = reading.duration_ms;
		}
		this.readSlowValues(hasTemperature);
		if (bus.hasFailed) return outcomes.retry;
		this.#means.publish(reading);
		this.accept();
		// The boundary lies between the poll before, which did not see it, and now.
		this.#boundary_ms = Math.min(now_ms, Math.max(this.#boundary_ms + reading.duration_ms, this.#lastPoll_ms));
		this.lastInterval_ms = now_ms;
		this.fault = noFault;
		return outcomes.finished;
	}

	/** Takes the readings as the start of counting: what flowed before is unknown and is not invented. */
	private beginAt(now_ms: number): void {
		this.keepEnergies();
		this.hasPrevious = true;
		this.#boundary_ms = now_ms;
		this.#means.clear();
	}

	/** @returns false when the readings cannot be used: no answer, or the chip has to be started again */
	private supervise(now_ms: number): boolean {
		const bus = this.bus;
		const status = bus.read32(register.status1);
		const run = bus.read16(register.run);
		const isLocked = bus.read16(register.wrLock);
		if (bus.hasFailed) return false;
		if ((status & (status1Bit.rstDone | status1Bit.fatal)) !== 0 || run !== 1) {
			this.restart("reset", now_ms);
			return false;
		}
		if (isLocked !== 1) bus.write(register.wrLock, lockKey);
		if ((status & status1Bit.crcChg) === 0) return true;
		const checksum = bus.read16(register.crcRslt);
		if (bus.hasFailed) return false;
		if (this.#isChecksumDue && this.holdsTable()) {
			this.#isChecksumDue = false;
			this.start.checksum = checksum;
		} else if (checksum !== this.start.checksum) {
			this.restart("configuration", now_ms);
			return false;
		}
		bus.acknowledge(register.status1, status1Bit.crcChg);
		return true;
	}

	private superviseOverdue(now_ms: number): void {
		if (!this.supervise(now_ms)) return;
		if (now_ms - this.lastInterval_ms >= stalled_ms) this.restart("stalled", now_ms);
	}

	private readSlowValues(hasTemperature: boolean): void {
		const bus = this.bus;
		const reading = this.reading;
		const before_mHz = reading.frequency_mHz;
		this.#means.publishFrequency(reading);
		if (!this.#means.hasStood || reading.frequency_mHz !== before_mHz) this.readAngles();
		if (!hasTemperature) return;
		const code = bus.read16(register.tempRslt);
		reading.temperature_degC = Math.round(
			this.start.temperatureOffset / 32 - (code * this.start.temperatureGain) / 65_536,
		);
	}

	private readAngles(): void {
		this.readAngle(angleIndex.u2u1, register.anglVaVb);
		this.readAngle(angleIndex.u3u1, register.anglVaVc);
		this.readAngle(angleIndex.u3u2, register.anglVbVc);
		this.readAngle(angleIndex.i1u1, register.anglVaIa);
		this.readAngle(angleIndex.i2u2, register.anglVbIb);
		this.readAngle(angleIndex.i3u3, register.anglVcIc);
		const { stillness } = this.#options;
		if (stillness !== undefined) this.#means.hasStood = stillness.isStill && !this.bus.hasFailed;
	}

	/** Counts of 1.024 MHz from the crossing of the first-named to that of the second-named, which lags. */
	private readAngle(index: number, address: number): void {
		const counts = this.bus.read16(address);
		this.reading.angle_mdeg[index] = Math.round((counts * 360 * this.reading.frequency_mHz) / 1_024_000) % 360_000;
	}
}
