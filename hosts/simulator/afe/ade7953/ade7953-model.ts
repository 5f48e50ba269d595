// SPDX-License-Identifier: Apache-2.0
import type { BoardDescriptor } from "../../../../src/models/board.js";
import type { InputPin, SpiDevice } from "../../../../src/ports/bus.js";
import type { TerminalListener, Terminals } from "../../grid/terminals.js";
import { Gaussian, SeededRandom } from "../dsp/gaussian.js";
import { ConfigurationCrc } from "./configuration-crc.js";
import { active, apparent, EnergyStage, reactive } from "./energy-stage.js";
import { type Faults, flipBits } from "./faults.js";
import type { Gear, GearContext } from "./gear.js";
import { NoLoad } from "./no-load.js";
import { PhasorGear } from "./phasor-gear.js";
import { AlternativePin, dataReadyCode, type PinSources } from "./pins.js";
import type { PulseListener, PulseOutput } from "./pulse-output.js";
import { type RegisterBackend, RegisterFile } from "./register-file.js";
import { config, irq, reg } from "./registers.js";
import { type Input, inputA, inputB, inputV, readSettings, type Settings, type Tolerances } from "./settings.js";
import { apparentCode, rmsCode } from "./steady-state.js";
import { Supervision } from "./supervision.js";
import { WaveformGear } from "./waveform-gear.js";

/** 26 ms of hold after the supply is there plus about 40 ms of start-up (data sheet). */
export const startUp_s = 0.066;
/** Silence after which an unlocked interface may lose a transfer (`Faults.isInterfaceUnstable`). */
const unstableAfter_s = 0.1;

export interface Ade7953Options {
	readonly terminals: Terminals;
	readonly board: BoardDescriptor;
	/** A recording on the terminals is processed in waveform gear whatever is asked for. */
	readonly gear: "phasor" | "waveform";
	readonly seed: number;
	/** Default true. */
	readonly noise?: boolean;
	readonly tolerances?: Tolerances;
	/** Error of the crystal; a fast one reads too much energy. */
	readonly crystal_ppm?: number;
	readonly faults?: Faults;
	/** Simulated time of power-up; default 0. */
	readonly start_s?: number;
	/** VERSION; several are in the field. Default 3. */
	readonly version?: number;
	/** A single write to CFxDEN has no effect; default true. */
	readonly ignoresFirstDenominator?: boolean;
	readonly onPulse?: PulseListener;
	/** The data-ready output, when a pin is set to it; waveform gear only. Registers show the sample of `time_s`. */
	readonly onDataReady?: (time_s: number) => void;
}

/**
 * Register-accurate model of an ADE7953 on a single-phase board: V on u1, IA on i1, IB on the neutral channel.
 *
 * Its time is moved by `advanceTo`; transfers act at that time. To see changes of the mains at their instant, it has to be
 * told of them as a listener of the terminals.
 */
export class Ade7953Model implements SpiDevice, TerminalListener {
	readonly gear: "phasor" | "waveform";
	/** IRQ, active low: interrupts of group A. */
	readonly irq: InputPin;
	readonly zx: InputPin;
	readonly zxI: InputPin;
	readonly revp: InputPin;
	readonly #options: Ade7953Options;
	readonly #file: RegisterFile;
	readonly #energy: EnergyStage;
	readonly #supervision: Supervision;
	readonly #noLoad: NoLoad;
	readonly #gear: Gear;
	readonly #crc: ConfigurationCrc;
	readonly #busRandom: SeededRandom;
	#faults: Faults;
	#settings: Settings;
	#now_s: number;
	#ready_s: number;
	#isPowered = true;
	#lastTransfer_s: number;
	#crcReference: number | undefined;
	#isCrcStale = false;

	constructor(options: Ade7953Options) {
		this.#options = options;
		this.#faults = options.faults ?? {};
		this.#now_s = options.start_s ?? 0;
		this.#lastTransfer_s = this.#now_s;
		this.#ready_s = this.#now_s + startUp_s;
		this.gear = options.terminals.isRecording ? "waveform" : options.gear;
		const backend: RegisterBackend = {
			live: (address) => this.#live(address),
			onRead: (address) => this.#onRead(address),
			onWrite: (address) => this.#onWrite(address),
		};
		this.#file = new RegisterFile(backend, options.ignoresFirstDenominator ?? true);
		this.#crc = new ConfigurationCrc(this.#file);
		this.#settings = this.#readSettings();
		this.#energy = new EnergyStage(this.#file, options.onPulse);
		this.#supervision = new Supervision(this.#file);
		this.#noLoad = new NoLoad(this.#file);
		this.#busRandom = new SeededRandom(options.seed * 2 + 1);
		const context: GearContext = {
			terminals: options.terminals,
			file: this.#file,
			energy: this.#energy,
			supervision: this.#supervision,
			noLoad: this.#noLoad,
			random: new Gaussian(options.seed * 2),
			onSample: (time_s) => this.#onSample(time_s),
		};
		this.#gear = this.gear === "phasor" ? new PhasorGear(context) : new WaveformGear(context);
		this.irq = {
			read: () => {
				this.#gatherStatus();
				return this.#isRunning && this.#supervision.isPendingA ? 0 : 1;
			},
		};
		const sources = this.#pinSources();
		this.zx = new AlternativePin(sources, 0);
		this.zxI = new AlternativePin(sources, 4);
		this.revp = new AlternativePin(sources, 8);
	}

	/** Pulse outputs: count, time of the last edge, level. */
	get cf1(): PulseOutput {
		return this.#energy.cf1;
	}

	get cf2(): PulseOutput {
		return this.#energy.cf2;
	}

	/** Time up to which everything is processed. */
	get now_s(): number {
		return this.#now_s;
	}

	/** Moves time on; a time in the past changes nothing. */
	advanceTo(time_s: number): void {
		if (!(time_s > this.#now_s)) return;
		if (this.#isPowered && time_s >= this.#ready_s) {
			if (this.#now_s < this.#ready_s) this.#start();
			this.#gear.run(time_s);
			if (this.#isCrcStale) this.#checkCrc();
		}
		this.#now_s = time_s;
	}

	/** One transaction, from the fall of chip select to its rise; the answer overwrites `frame`. */
	transfer(frame: Uint8Array): void {
		const faults = this.#faults;
		const isLost = this.#isLost();
		this.#lastTransfer_s = this.#now_s;
		if (!this.#isPowered || !this.#isRunning || faults.noResponse !== undefined || isLost) {
			frame.fill(this.#isPowered ? (faults.noResponse ?? 0xff) : 0x00);
			return;
		}
		const rate = faults.bitErrorRate ?? 0;
		if (rate > 0) flipBits(frame, rate, this.#busRandom);
		this.#file.transfer(frame);
		if (rate > 0) flipBits(frame, rate, this.#busRandom);
	}

	/** Puts other faults on; those left out are gone. */
	setFaults(faults: Faults): void {
		this.#faults = faults;
		if (this.#isRunning) this.#configure();
	}

	/** The chip resets by itself, as after a dip of its supply: defaults, start-up time, RESET flag. */
	reset(): void {
		this.#ready_s = this.#now_s + startUp_s;
	}

	/** Takes the supply away; transfers read 0x00 then. */
	powerDown(): void {
		this.#isPowered = false;
	}

	/** Brings the supply back: like `reset`. */
	powerUp(): void {
		this.#isPowered = true;
		this.reset();
	}

	get #isRunning(): boolean {
		return this.#isPowered && this.#now_s >= this.#ready_s;
	}

	#isLost(): boolean {
		if (this.#faults.isInterfaceUnstable !== true) return false;
		if ((this.#file.get(reg.CONFIG) & config.communicationUnlocked) === 0) return false;
		return this.#now_s - this.#lastTransfer_s > unstableAfter_s;
	}

	/** The end of a reset: everything at its default, RESET flag and IRQ. */
	#start(): void {
		this.#file.reset();
		this.#energy.reset();
		this.#supervision.reset(this.#ready_s);
		this.#noLoad.reset();
		this.#crcReference = undefined;
		this.#isCrcStale = false;
		this.#settings = this.#readSettings();
		this.#gear.reset(this.#ready_s, this.#settings);
		this.#now_s = this.#ready_s;
		this.#supervision.statusA = irq.reset;
	}

	#configure(): void {
		this.#settings = this.#readSettings();
		this.#gear.configure(this.#settings);
	}

	#readSettings(): Settings {
		const { board, noise, tolerances, crystal_ppm } = this.#options;
		return readSettings(this.#file, {
			board,
			noise: noise ?? true,
			tolerances: tolerances ?? {},
			crystal_ppm: crystal_ppm ?? 0,
			faults: this.#faults,
		});
	}

	#onWrite(address: number): void {
		this.#isCrcStale = true;
		if (address === reg.CONFIG && (this.#file.get(reg.CONFIG) & config.softwareReset) !== 0) {
			this.#file.reset();
			this.reset();
			return;
		}
		if (address === reg.DISNOLOAD) this.#noLoad.configure(this.#energy);
		if (address === reg.LCYCMODE || address === reg.ACCMODE) this.#energy.configure();
		if (affectsSignals(address)) this.#configure();
	}

	#onRead(address: number): void {
		if (address >= reg.AENERGYA && address <= reg.APENERGYB) this.#energy.onRead(address - reg.AENERGYA);
		else if (address === reg.RSTIRQSTATA) this.#supervision.statusA = 0;
		else if (address === reg.RSTIRQSTATB) this.#supervision.statusB = 0;
		else if (address === reg.RSTVPEAK) this.#supervision.peaks[inputV] = 0;
		else if (address === reg.RSTIAPEAK) this.#supervision.peaks[inputA] = 0;
		else if (address === reg.RSTIBPEAK) this.#supervision.peaks[inputB] = 0;
	}

	#live(address: number): number {
		if (address >= reg.AENERGYA && address <= reg.APENERGYB) return this.#energy.register(address - reg.AENERGYA);
		if (address >= reg.VPEAK && address <= reg.RSTIBPEAK) {
			return Math.min(0xff_ffff, Math.round(this.#supervision.peaks[(address - reg.VPEAK) >> 1]!));
		}
		switch (address) {
			case reg.VRMS:
				return unsigned24(this.#rms(inputV));
			case reg.IRMSA:
				return unsigned24(this.#rms(inputA));
			case reg.IRMSB:
				return unsigned24(this.#rms(inputB));
			case reg.AWATT:
			case reg.BWATT:
				return signed24(this.#gear.watt(address === reg.AWATT ? 0 : 1));
			case reg.AVAR:
			case reg.BVAR:
				return signed24(this.#gear.var(address === reg.AVAR ? 0 : 1));
			case reg.AVA:
			case reg.BVA:
				return signed24(this.#apparent(address === reg.AVA ? 0 : 1));
			case reg.V:
				return signed24(this.#gear.sample(inputV));
			case reg.IA:
			case reg.IB:
				return signed24(this.#gear.sample(address === reg.IA ? inputA : inputB));
			case reg.PFA:
			case reg.PFB:
				return this.#powerFactor(address === reg.PFA ? 0 : 1);
			case reg.ANGLE_A:
			case reg.ANGLE_B:
				return this.#gear.angle(address === reg.ANGLE_A ? 0 : 1);
			case reg.PERIOD:
				return this.#gear.period;
			case reg.IRQSTATA:
			case reg.RSTIRQSTATA:
				return this.#status(0);
			case reg.IRQSTATB:
			case reg.RSTIRQSTATB:
				return this.#status(1);
			case reg.ACCMODE:
				return this.#energy.accmodeBits;
			case reg.CRC:
				return this.#crc.value(this.#file);
			case reg.VERSION:
				return this.#options.version ?? 3;
			default:
				return 0;
		}
	}

	#rms(input: Input): number {
		const offset = this.#file.get(input === inputV ? reg.VRMSOS : input === inputA ? reg.AIRMSOS : reg.BIRMSOS);
		return rmsCode(this.#gear.meanSquare(input), offset * 4096);
	}

	#apparent(channel: 0 | 1): number {
		return apparentCode(this.#rms(inputV), this.#rms(channel === 0 ? inputA : inputB), this.#settings.powers[channel]);
	}

	/** PFx: |P|/S with the sign of the reactive power (− capacitive); in no-load what the data sheet sets. */
	#powerFactor(channel: 0 | 1): number {
		const { energies, isNoLoad } = this.#energy.channels[channel];
		const isFromEnergy = (this.#file.get(reg.CONFIG) & config.pfFromLineCycle) !== 0;
		const watt = isFromEnergy ? energies[active].register : this.#gear.steadyWatt(channel);
		const va = isFromEnergy ? energies[apparent].register : this.#apparent(channel);
		const value = isFromEnergy ? energies[reactive].register : this.#gear.steadyVar(channel);
		if (isNoLoad[apparent]) return 0x7fff;
		if (isNoLoad[active]) return 0;
		const isNegative = isNoLoad[reactive] ? watt < 0 : value < 0;
		const size = va > 0 ? Math.min(1, Math.abs(watt) / va) : 1;
		return Math.max(-0x8000, Math.min(0x7fff, Math.round((isNegative ? -size : size) * 0x8000)));
	}

	#status(group: 0 | 1): number {
		this.#gatherStatus();
		return group === 0 ? this.#supervision.statusA : this.#supervision.statusB;
	}

	#gatherStatus(): void {
		const [a, b] = this.#energy.channels;
		this.#supervision.statusA |= a.status;
		this.#supervision.statusB |= b.status;
		a.status = 0;
		b.status = 0;
	}

	#checkCrc(): void {
		this.#isCrcStale = false;
		const isOn = (this.#file.get(reg.CONFIG) & config.crcEnable) !== 0;
		const value = isOn ? this.#crc.value(this.#file) : undefined;
		const before = this.#crcReference;
		this.#crcReference = value;
		if (value !== undefined && before !== undefined && value !== before) this.#supervision.statusA |= irq.crc;
	}

	#onSample(time_s: number): void {
		this.#now_s = time_s;
		const listener = this.#options.onDataReady;
		if (listener === undefined) return;
		const codes = this.#file.get(reg.ALT_OUTPUT);
		for (let shift = 0; shift <= 8; shift += 4) {
			if (((codes >> shift) & 15) !== dataReadyCode) continue;
			listener(time_s);
			return;
		}
	}

	#pinSources(): PinSources {
		return {
			alternative: (shift) => (this.#file.get(reg.ALT_OUTPUT) >> shift) & 15,
			zx: () => (this.#isRunning ? this.#gear.crossingLevel(inputV) : 0),
			zxI: () => {
				if (!this.#isRunning) return 0;
				const isB = (this.#file.get(reg.CONFIG) & config.zxOfChannelB) !== 0;
				return this.#gear.crossingLevel(isB ? inputB : inputA);
			},
			revp: () => (this.#isRunning ? this.#energy.revp(this.#now_s) : 1),
			isSagging: () => this.#supervision.isSagging,
			isNoLoad: (channel, quantity) => this.#energy.channels[channel].isNoLoad[quantity]!,
			isPendingB: () => {
				this.#gatherStatus();
				return this.#supervision.isPendingB;
			},
		};
	}
}

function affectsSignals(address: number): boolean {
	if (address >= reg.AIGAIN && address <= reg.BVAOS) return true;
	return (
		address === reg.CONFIG ||
		address === reg.OPTIMUM ||
		address === reg.PHCALA ||
		address === reg.PHCALB ||
		address === reg.PGA_V ||
		address === reg.PGA_IA ||
		address === reg.PGA_IB ||
		address === reg.DISNOLOAD
	);
}

function signed24(value: number): number {
	return Math.max(-0x80_0000, Math.min(0x7f_ffff, Math.round(value)));
}

function unsigned24(value: number): number {
	return Math.max(0, Math.min(0xff_ffff, Math.round(value)));
}
