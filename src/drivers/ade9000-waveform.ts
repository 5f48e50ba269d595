// SPDX-License-Identifier: Apache-2.0
import type { FrontEnd } from "../metrology/front-end.js";
import { type BlockSource, captureState } from "../metrology/sampling/block-source.js";
import {
	cyclesPerBlock,
	halfCyclesPerBlock,
	octetsPerPhase,
	pointsPerHalfCycle,
	type WaveformBlock,
} from "../metrology/sampling/waveform-block.js";
import type { ModelDescriptor } from "../models/model.js";
import type { SpiDevice } from "../ports/bus.js";
import type { Ade9000Bus } from "./ade9000-bus.js";
import { type Ade9000Calibration, rmsFullScale } from "./ade9000-configuration.js";
import { lockKey, register, status0Bit, unlockKey } from "./ade9000-registers.js";
import type { Ade9000Start } from "./ade9000-start.js";

const phases = 3;
/** A burst gives IA, VA, IB, VB, IC, VC of set after set while WFB_CFG.WF_IN_EN is 0. */
const octetsPerSet = phases * octetsPerPhase;
const locationsPerSet = 4;
const commandLength = 2;
/** One set more than half a cycle: 782 octets, below the 1024 of one SPI transfer on the board. */
const frameLength = commandLength + (pointsPerHalfCycle + 1) * octetsPerSet;
const pairLength = commandLength + 2 * octetsPerSet;
const bufferAddress = 0x800;
const pointsPerCycle = 2 * pointsPerHalfCycle;

/** WFB_CFG: resampled, without neutral, all channels in a burst; the capture starts with the rise of the enabling bit. */
const idle = 0x0000;
const capture = 0x0010;
/** Resampled points are DSP codes divided by this (data sheet). */
const pointDivisor = 4096;
/** Gain of xPGAIN: 1 + register / 2^27. */
const powerGainUnity = 2 ** 27;

/** Beyond it 128 points per cycle are more than the chip samples. */
const highestFrequency_mHz = 62_500;
/** A phase below this share of the nominal voltage is missing. */
const missingShare = 0.05;
const lowestFrequency_mHz = 40_000;
const margin_ms = 3;
const recheck_ms = 10;
const limit_ms = 250;

/** What the capture needs of the driver it belongs to. */
export interface Ade9000Parts {
	readonly frontEnd: FrontEnd;
	readonly spi: SpiDevice;
	readonly bus: Ade9000Bus;
	readonly start: Ade9000Start;
	readonly model: ModelDescriptor;
	readonly calibration: Ade9000Calibration;
}

/**
 * One-shot captures of the resampled waveform buffer: four cycles of 128 points, read in eight bursts of half a cycle.
 *
 * Parts are known to return the first word of a burst with its top octet zero: every burst but the first begins one set
 * early, and the first current of the block is taken from one cycle later. Bursts carry no CRC; all other reads keep theirs,
 * because the buffer bursts with CONFIG1.BURST_EN at 0 as well (docs/decisions/0011). The band falls by 0.7 dB up to order 40
 * of 50 Hz; a correction would have to be measured on the board, so it is taken as flat.
 */
export class Ade9000Waveform implements BlockSource {
	readonly phases = phases;
	readonly highestOrder = 40;
	readonly voltagePerCode_mV: number;
	readonly currentPerCode_mA: number;
	nextDeadline_ms = 0;
	assumedFrequency_mHz = 0;

	readonly #parts: Ade9000Parts;
	readonly #frame = new Uint8Array(frameLength);
	readonly #view = new DataView(this.#frame.buffer);
	readonly #pair = new Uint8Array(pairLength);
	readonly #pairView = new DataView(this.#pair.buffer);
	/** Start of the chip to which the capture belongs. */
	#startCount = 0;
	#limit_ms = 0;
	#isFull = false;

	constructor(parts: Ade9000Parts) {
		const { board } = parts.model;
		this.#parts = parts;
		this.voltagePerCode_mV = (board.voltageFullScale_mV * pointDivisor) / rmsFullScale;
		this.currentPerCode_mA = (board.currentFullScale_mA * pointDivisor) / rmsFullScale;
	}

	begin(now_ms: number): number {
		const { frontEnd, bus, start } = this.#parts;
		if (!start.isReady || frontEnd.fault !== "") return captureState.failed;
		const { frequency_mHz } = frontEnd.reading;
		if (frequency_mHz > highestFrequency_mHz || this.isFrequencyUnknown) return captureState.frequency;
		this.assumedFrequency_mHz = frequency_mHz > 0 ? frequency_mHz : this.#parts.model.nominalFrequency_Hz * 1000;
		bus.hasFailed = false;
		this.configure(idle);
		bus.acknowledge(register.status0, status0Bit.waveformFull);
		this.configure(capture);
		if (bus.read16(register.wfbCfg) !== capture || bus.hasFailed) return captureState.failed;
		this.#startCount = start.count;
		this.#isFull = false;
		const length_ms = (cyclesPerBlock * 1e6) / Math.max(this.assumedFrequency_mHz, lowestFrequency_mHz);
		this.nextDeadline_ms = now_ms + Math.ceil(length_ms) + margin_ms;
		this.#limit_ms = now_ms + limit_ms;
		return captureState.running;
	}

	/** There is a voltage, but no cycle to which the chip could resample it. */
	private get isFrequencyUnknown(): boolean {
		const { reading } = this.#parts.frontEnd;
		const least_mV = missingShare * this.#parts.model.nominalVoltage_V * 1000;
		if (reading.frequency_mHz > 0 || reading.duration_ms === 0) return false;
		return (
			reading.voltage_mV[0]! >= least_mV || reading.voltage_mV[1]! >= least_mV || reading.voltage_mV[2]! >= least_mV
		);
	}

	advance(now_ms: number, block: WaveformBlock): number {
		const { start } = this.#parts;
		if (!start.isReady || start.count !== this.#startCount) return captureState.failed;
		return this.#isFull ? this.readHalfCycle(block) : this.await(now_ms);
	}

	/** Configuration is locked; the key is taken out for this one register. */
	private configure(value: number): void {
		const { bus } = this.#parts;
		bus.write(register.wrLock, unlockKey);
		bus.write(register.wfbCfg, value);
		bus.write(register.wrLock, lockKey);
	}

	private await(now_ms: number): number {
		const { bus } = this.#parts;
		bus.hasFailed = false;
		this.#isFull = (bus.read32(register.status0) & status0Bit.waveformFull) !== 0 && !bus.hasFailed;
		if (!this.#isFull && now_ms >= this.#limit_ms) return captureState.failed;
		this.nextDeadline_ms = now_ms + (this.#isFull ? 1 : recheck_ms);
		return captureState.running;
	}

	private readHalfCycle(block: WaveformBlock): number {
		const half = block.halfCycles;
		const view = this.#view;
		if (half === 0) {
			this.burst(this.#frame, view, 0);
			this.burst(this.#pair, this.#pairView, pointsPerCycle - 1);
			view.setInt16(commandLength, this.#pairView.getInt16(commandLength + octetsPerSet));
			block.addHalfCycle(view, commandLength);
		} else {
			this.burst(this.#frame, view, half * pointsPerHalfCycle - 1);
			block.addHalfCycle(view, commandLength + octetsPerSet);
		}
		if (block.halfCycles < halfCyclesPerBlock) return captureState.running;
		this.configure(idle);
		return captureState.finished;
	}

	/** Fills `frame` behind the command from set `set` on. */
	private burst(frame: Uint8Array, view: DataView, set: number): void {
		view.setUint16(0, ((bufferAddress + set * locationsPerSet) << 4) | 8);
		this.#parts.spi.transfer(frame);
	}

	powerFactor(phase: number): number {
		return 1 + (this.#parts.calibration.phases[phase]?.powerGain ?? 0) / powerGainUnity;
	}
}
