// SPDX-License-Identifier: Apache-2.0
import type { BoardDescriptor } from "../../../../src/models/board.js";
import type { InputPin, OutputPin, SpiDevice } from "../../../../src/ports/bus.js";
import { channelCount, type TerminalListener, type Terminals } from "../../grid/terminals.js";
import { Gaussian, SeededRandom } from "../dsp/gaussian.js";
import { AnalogInput, type ChannelTolerance } from "./analog-input.js";
import { type CfOutput, CfOutputs, type PulseListener } from "./cf-outputs.js";
import { ChainSettings } from "./chain-settings.js";
import type { ChipParts, Engine } from "./chip.js";
import { ConfigurationCrc } from "./configuration-crc.js";
import { type Ade9000Faults, disturb } from "./faults.js";
import { PhasorEngine } from "./phasor-engine.js";
import { PowerAccumulation } from "./power-accumulation.js";
import { QualityEvents, triggerBits } from "./quality-events.js";
import { RegisterFile, type RegisterHooks } from "./register-file.js";
import { address, addressOf } from "./register-map.js";
import { Means, Results } from "./results.js";
import { RmsWindows } from "./rms-windows.js";
import { SampleClock } from "./sample-clock.js";
import { SpiSlave } from "./spi-slave.js";
import { Temperature } from "./temperature.js";
import { WaveformBuffer } from "./waveform-buffer.js";
import { WaveformEngine } from "./waveform-engine.js";

/** From the release of reset to RSTDONE: 40 … 50 ms on real parts. */
export const startUp_s = 0.045;

const rstDone = 1 << 16;
const dataReady = 1 << 15;
const softwareReset = 1;
const clearPulses = 1 << 5;
const irq0OnIrq1 = 1 << 12;
const version2 = 0x0c;
/** PWR_SETTLE 0 … 3 in samples: 64, 128, 256, 0 ms. */
const settleSamples = Object.freeze([512, 1024, 2048, 0]);

export type Gear = "phasor" | "waveform";

export interface Ade9000Options {
	readonly terminals: Terminals;
	readonly board: BoardDescriptor;
	/** A recording on the terminals is processed in waveform gear whatever is asked for. */
	readonly gear: Gear;
	/** Noise, temperature trim and bit errors follow from it. */
	readonly seed: number;
	/** Default true. */
	readonly noise?: boolean;
	/** Factory errors by channel: VA VB VC IA IB IC IN. */
	readonly tolerances?: readonly (ChannelTolerance | undefined)[];
	/** Error of the crystal; a fast one reads too much energy. */
	readonly crystal_ppm?: number;
	readonly faults?: Ade9000Faults;
	/** Simulated time at which the supply comes; default 0. */
	readonly start_s?: number;
	readonly onPulse?: PulseListener;
}

/**
 * Register-accurate model of an ADE9000 on a three-phase board.
 *
 * Its time is moved by `advanceTo`; transfers act at that time. To see changes of the mains at their instant it has to be
 * told of them as a listener of the terminals. The Rogowski integrator (INTEN) is not modelled: no board has such a
 * sensor.
 */
export class Ade9000Model implements SpiDevice, TerminalListener {
	/** Active low. */
	readonly irq0: InputPin = { read: () => (this.#isAwake && this.#registers.interrupt0 ? 0 : 1) };
	readonly irq1: InputPin = { read: () => this.#irq1() };
	/** RESET, active low; while it is low the chip is held in reset. */
	readonly resetPin: OutputPin = { write: (level) => this.#holdReset(level === 0) };
	/** Pulse outputs: count, time of the last falling edge, level. CF3 and CF4 also as ZX, EVENT, DREADY. */
	readonly cf1: CfOutput;
	readonly cf2: CfOutput;
	readonly cf3: CfOutput;
	readonly cf4: CfOutput;
	readonly #options: Ade9000Options;
	readonly #registers: RegisterFile;
	readonly #slave: SpiSlave;
	readonly #cf: CfOutputs;
	readonly #parts: ChipParts;
	readonly #crc: ConfigurationCrc;
	readonly #temperature: Temperature;
	readonly #busRandom: SeededRandom;
	#engine: Engine;
	#gear: Gear;
	#faults: Ade9000Faults = {};
	#hasBusFaults = false;
	/** Somebody was told that the chip stands still. */
	#isPromised = false;
	#now_s: number;
	#isPowered = true;
	#isHeld = false;
	/** End of the start-up; Infinity without supply or while held in reset. */
	#ready_s: number;
	#isAwake = false;
	#isRunning = false;
	#revision = -1;
	#position = 0;

	constructor(options: Ade9000Options) {
		this.#options = options;
		this.#now_s = options.start_s ?? 0;
		this.#ready_s = this.#now_s + startUp_s;
		const registers = new RegisterFile(this.#hooks());
		const clock = new SampleClock();
		const settings = new ChainSettings();
		const buffer = new WaveformBuffer(registers);
		this.#registers = registers;
		this.#cf = new CfOutputs(registers, clock, options.onPulse);
		[this.cf1, this.cf2, this.cf3, this.cf4] = this.#cf.outputs;
		this.#parts = {
			terminals: options.terminals,
			input: new AnalogInput(options.board, options.tolerances ?? []),
			clock,
			registers,
			settings,
			means: new Means(),
			results: new Results(registers, settings),
			windows: new RmsWindows(),
			power: new PowerAccumulation(registers, this.#cf),
			quality: new QualityEvents(registers),
			buffer,
			noise: (options.noise ?? true) ? new Gaussian(options.seed * 3) : undefined,
			regions: new Uint8Array([0xf, 0xf, 0xf]),
		};
		this.#parts.quality.onTrigger = (bits) => buffer.trigger(bits);
		this.#slave = new SpiSlave(registers, buffer);
		this.#crc = new ConfigurationCrc(registers);
		this.#temperature = new Temperature(registers, options.seed * 3 + 1);
		this.#busRandom = new SeededRandom(options.seed * 3 + 2);
		this.#cf.otherLevel = (pin) => this.#otherLevel(pin);
		this.#gear = options.terminals.isRecording ? "waveform" : options.gear;
		this.#engine = this.#makeEngine();
		this.setFaults(options.faults ?? {});
	}

	/** Time up to which everything is processed, seconds. */
	get now_s(): number {
		return this.#now_s;
	}

	get gear(): Gear {
		return this.#gear;
	}

	/** Changes gear while running: filters begin empty, registers and accumulators stay. Recordings stay in waveform gear. */
	setGear(gear: Gear): void {
		if (gear === this.#gear || this.#options.terminals.isRecording) return;
		this.#parts.power.flush();
		this.#gear = gear;
		this.#engine = this.#makeEngine();
		this.#engine.start(this.#position);
	}

	/** Moves time on; a time in the past changes nothing. */
	advanceTo(time_s: number): void {
		if (!(time_s > this.#now_s)) return;
		if (!this.#isAwake && time_s >= this.#ready_s) this.#wake();
		this.#now_s = time_s;
		this.#cf.now_s = time_s;
		if (!this.#isAwake) return;
		if (this.#isRunning) this.#run(this.#parts.clock.countAt(time_s));
		this.#temperature.advance(time_s);
		this.#crc.advance(time_s);
	}

	/** One transaction, from the fall of SS to its rise; the answer overwrites `frame`. */
	transfer(frame: Uint8Array): void {
		if (this.#isAwake) this.#slave.transfer(frame);
		else frame.fill(0xff); // nobody drives the line
		if (this.#hasBusFaults) disturb(frame, this.#faults, this.#busRandom);
	}

	/** Whether RMS windows, periods and angles read as they do now until something moves: then not for a window. */
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

	/** Windows of 10/12 cycles that will have ended, when the chip stands still until then, or had. */
	windows(at_ms: number): number {
		return this.#engine.windowsAt(this.#parts.clock.countAt(at_ms / 1000));
	}

	/** Intervals of the energy registers, in the same way. */
	intervals(at_ms: number): number {
		return this.#parts.power.intervalsAfter(this.#parts.clock.countAt(at_ms / 1000) - this.#position);
	}

	#standsStill(): boolean {
		return this.#isRunning && !this.#hasBusFaults && this.#engine.isStill;
	}

	/** Puts other faults on; those left out are gone. */
	setFaults(faults: Ade9000Faults): void {
		this.#faults = faults;
		const { input, clock, buffer } = this.#parts;
		this.#hasBusFaults = faults.deadMiso !== undefined || faults.isMisoLate === true || (faults.bitErrorRate ?? 0) > 0;
		clock.setCrystal((this.#options.crystal_ppm ?? 0) + (faults.crystalOffset_ppm ?? 0), this.#now_s);
		for (let c = 0; c < channelCount; c++) input.setStuck(c, faults.stuck?.[c]);
		buffer.hasFirstWordFault = faults.hasFirstWordFault === true;
	}

	/** Upsets bits of a register (name of the data sheet), as noise on the supply would. Read-only ones recover by themselves. */
	corrupt(name: string, xorMask: number): void {
		this.#registers.corrupt(addressOf(name), xorMask);
	}

	/** Sets STATUS1.ERROR0 … 3. */
	raiseError(error: 0 | 1 | 2 | 3): void {
		if (this.#isAwake) this.#registers.raise1(1 << (28 + error));
	}

	/** The chip resets by itself, as after a dip of its supply: start-up time, then defaults and RSTDONE. */
	reset(): void {
		this.#sleep();
		this.#ready_s = this.#isPowered && !this.#isHeld ? this.#now_s + startUp_s : Number.POSITIVE_INFINITY;
	}

	/** Takes the supply away; transfers read 0xFF then. */
	powerDown(): void {
		this.#isPowered = false;
		this.reset();
	}

	/** Brings the supply back: like `reset`. */
	powerUp(): void {
		this.#isPowered = true;
		this.reset();
	}

	/** Of the chip; what the next conversion sees. */
	set temperature_degC(value: number) {
		this.#temperature.temperature_degC = value;
	}

	get temperature_degC(): number {
		return this.#temperature.temperature_degC;
	}

	#makeEngine(): Engine {
		const engine = this.#gear === "phasor" ? new PhasorEngine(this.#parts) : new WaveformEngine(this.#parts);
		this.#parts.buffer.engine = engine;
		this.#parts.buffer.isLazy = this.#gear === "phasor";
		return engine;
	}

	#hooks(): RegisterHooks {
		return {
			beforeLiveRead: () => {
				if (this.#isRunning) this.#engine.refresh();
			},
			beforePowerRead: () => this.#parts.power.publishPower(),
			afterAccumulatorRead: (at) => this.#afterAccumulatorRead(at),
			afterWrite: (at, written, before) => this.#afterWrite(at, written, before),
		};
	}

	#holdReset(isHeld: boolean): void {
		if (isHeld === this.#isHeld) return;
		this.#isHeld = isHeld;
		this.reset();
	}

	#sleep(): void {
		this.#isAwake = false;
		this.#isRunning = false;
		this.#parts.power.publishPower();
		this.#registers.reset();
		this.#slave.reset();
	}

	/** The end of a reset: defaults everywhere, RSTDONE. */
	#wake(): void {
		const { registers, buffer, quality, regions, power } = this.#parts;
		this.#isAwake = true;
		this.#ready_s = Number.POSITIVE_INFINITY;
		registers.reset();
		regions.fill(0xf);
		buffer.reset();
		quality.reset();
		power.load();
		this.#crc.reset();
		this.#temperature.reset();
		this.#cf.clear();
		this.#cf.load();
		registers.raise1(rstDone);
	}

	#run(position: number): void {
		const { registers } = this.#parts;
		if (registers.chainRevision !== this.#revision) this.#load();
		if (position <= this.#position) return;
		this.#engine.advance(position);
		this.#position = position;
		this.#parts.buffer.advance(position);
		registers.raise0(dataReady);
	}

	/** Decodes the configuration again. */
	#load(): void {
		const { registers, settings, regions, power } = this.#parts;
		this.#revision = registers.chainRevision;
		settings.load(registers, regions);
		power.load();
		this.#cf.load();
		this.#engine.reconfigured();
	}

	#start(): void {
		const { clock, power, quality, registers } = this.#parts;
		this.#isRunning = true;
		clock.start(this.#now_s);
		this.#position = 0;
		quality.reset();
		power.start(settleSamples[(registers.values[address.config1]! >> 8) & 3]!);
		this.#load();
		this.#engine.start(0);
		this.#crc.start(this.#now_s);
		registers.values[address.version2] = version2;
	}

	#afterWrite(at: number, written: number, before: number): void {
		const v = this.#registers.values;
		switch (at) {
			case address.run:
				if (v[at] === 1 && before === 0) this.#start();
				if (v[at] === 0) this.#isRunning = false;
				this.#parts.power.flush();
				break;
			case address.config1:
				if (written & softwareReset) {
					this.reset();
					break;
				}
				this.#parts.power.flush();
				if (written & clearPulses) this.#cf.clear();
				this.#cf.load();
				break;
			case address.crcForce:
				if (v[at] === 1) this.#crc.force(this.#now_s);
				break;
			case address.tempCfg:
				this.#temperature.configured(written, this.#now_s);
				break;
			case address.wfbCfg:
				if (this.#isRunning) this.#parts.buffer.configured(before, this.#position, this.#engine.samplesPerCycle);
				break;
			case address.wfbTrgCfg:
				if (written & triggerBits.force) this.#parts.buffer.trigger(triggerBits.force);
				break;
		}
	}

	/** Energy registers with RD_RST_EN. */
	#afterAccumulatorRead(at: number): void {
		if (!this.#parts.power.isReadReset) return;
		const part = ((at - address.accumulators) % 0x3c) % 0x0a;
		if (part === 3 || (part === 2 && this.#faults.hasReadResetErratum !== true)) this.#registers.values[at] = 0;
	}

	#irq1(): 0 | 1 {
		if (!this.#isAwake) return 1;
		const registers = this.#registers;
		const isShared = (registers.values[address.config1]! & irq0OnIrq1) !== 0;
		return registers.interrupt1 || (isShared && registers.interrupt0) ? 0 : 1;
	}

	#otherLevel(pin: "zeroCrossing" | "event" | "dataReady"): 0 | 1 {
		const v = this.#registers.values;
		if (pin === "event") return (v[address.eventStatus]! & v[address.eventMask]!) !== 0 ? 0 : 1;
		if (pin === "zeroCrossing")
			return this.#isRunning && this.#engine.isPositive(this.#parts.settings.zeroCrossingSource) ? 1 : 0;
		return 1; // high for a moment at each sample only
	}
}
