// SPDX-License-Identifier: Apache-2.0
import type { BoardDescriptor } from "../../../../src/models/board.js";
import type { InputPin, SpiDevice } from "../../../../src/ports/bus.js";
import type { TerminalListener, Terminals } from "../../grid/terminals.js";
import { Gaussian, SeededRandom } from "../dsp/gaussian.js";
import { ConfigurationCrc } from "./configuration-crc.js";
import { EnergyStage } from "./energy-stage.js";
import { type Faults, flipBits } from "./faults.js";
import type { Gear, GearContext } from "./gear.js";
import { NoLoad } from "./no-load.js";
import { PhasorGear } from "./phasor-gear.js";
import { AlternativePin, dataReadyCode, type PinSources } from "./pins.js";
import type { PulseListener, PulseOutput } from "./pulse-output.js";
import { type RegisterBackend, RegisterFile } from "./register-file.js";
import { config, irq, reg } from "./registers.js";
import { Results } from "./results.js";
import { inputA, inputB, inputV, readSettings, requireTolerances, type Settings, type Tolerances } from "./settings.js";
import { Supervision } from "./supervision.js";
import { WaveformGear } from "./waveform-gear.js";

/** 26 ms of hold after the supply is there plus about 40 ms of start-up (data sheet). */
export const startUp_s = 0.066;
/** Silence after which an unlocked interface may lose a transfer (`Faults.isInterfaceUnstable`). */
const unstableAfter_s = 0.1;

/** The data-ready output, when a pin is set to it; waveform gear only. Registers show the sample of `time_s`. */
export type DataReadyListener = (time_s: number) => void;

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
	readonly onDataReady?: DataReadyListener;
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
	onDataReady: DataReadyListener | undefined;
	readonly #options: Ade7953Options;
	readonly #file: RegisterFile;
	readonly #energy: EnergyStage;
	readonly #supervision: Supervision;
	readonly #noLoad: NoLoad;
	readonly #gear: Gear;
	readonly #crc: ConfigurationCrc;
	readonly #results: Results;
	readonly #busRandom: SeededRandom;
	#faults: Faults;
	#hasFaults: boolean;
	#isPromised = false;
	#settings: Settings;
	#now_s: number;
	#ready_s: number;
	#isPowered = true;
	#lastTransfer_s: number;
	#crcReference: number | undefined;
	#isCrcStale = false;

	/** @throws RangeError when a tolerance is not a sensible number */
	constructor(options: Ade7953Options) {
		requireTolerances(options.tolerances ?? {});
		this.#options = options;
		this.onDataReady = options.onDataReady;
		this.#faults = options.faults ?? {};
		this.#hasFaults = Object.keys(this.#faults).length > 0;
		this.#now_s = options.start_s ?? 0;
		this.#lastTransfer_s = this.#now_s;
		this.#ready_s = this.#now_s + startUp_s;
		this.gear = options.terminals.isRecording ? "waveform" : options.gear;
		const backend: RegisterBackend = {
			live: (address) => this.#results.live(address),
			onRead: (address) => this.#results.onRead(address),
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
		this.#results = new Results({
			file: this.#file,
			energy: this.#energy,
			supervision: this.#supervision,
			gear: this.#gear,
			crc: this.#crc,
			version: options.version ?? 3,
			settings: () => this.#settings,
		});
		this.irq = {
			read: () => {
				this.#gear.settle();
				this.#supervision.take(this.#energy);
				return this.#isRunning && this.#supervision.isPendingA ? 0 : 1;
			},
		};
		const look = () => this.#gear.settle();
		this.cf1.onLook = look;
		this.cf2.onLook = look;
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

	/** Is told of the falling edges of both; takes the place of the one before. */
	setPulseListener(listener: PulseListener | undefined): void {
		this.cf1.listener = listener;
		this.cf2.listener = listener;
	}

	/** Time to which it has been moved. */
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
		this.#gear.settle();
		this.#file.transfer(frame);
		if (rate > 0) flipBits(frame, rate, this.#busRandom);
	}

	/**
	 * Whether all that a driver reads time and again, but for energies, will read as it does now until `hasMoved` says otherwise:
	 * one state of the mains has filled every window of the chip, and there are no faults.
	 */
	get isStill(): boolean {
		this.#isPromised = this.#standsStill();
		return this.#isPromised;
	}

	/** Once, after `isStill` has said something that no longer holds. */
	hasMoved(): boolean {
		if (!this.#isPromised || this.#standsStill()) return false;
		this.#isPromised = false;
		return true;
	}

	#standsStill(): boolean {
		return this.#isRunning && !this.#hasFaults && this.#gear.isStill && !this.#supervision.isSagging;
	}

	/** Puts other faults on; those left out are gone. */
	setFaults(faults: Faults): void {
		this.#faults = faults;
		this.#hasFaults = Object.keys(faults).length > 0;
		if (this.#isRunning) this.#configure();
	}

	/** The chip resets by itself, as after a dip of its supply: defaults, start-up time, RESET flag. */
	reset(): void {
		this.#gear.settle();
		this.#ready_s = this.#now_s + startUp_s;
	}

	/** Takes the supply away; transfers read 0x00 then. */
	powerDown(): void {
		this.#gear.settle();
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
		this.#gear.written();
		if (address === reg.CONFIG && (this.#file.get(reg.CONFIG) & config.softwareReset) !== 0) {
			this.#file.reset();
			this.reset();
			return;
		}
		if (address === reg.DISNOLOAD) this.#noLoad.configure(this.#energy);
		if (address === reg.LCYCMODE || address === reg.ACCMODE) this.#energy.configure();
		if (affectsSignals(address)) this.#configure();
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
		const listener = this.onDataReady;
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
			alternative: (shift) => {
				this.#gear.settle();
				return (this.#file.get(reg.ALT_OUTPUT) >> shift) & 15;
			},
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
				this.#supervision.take(this.#energy);
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
