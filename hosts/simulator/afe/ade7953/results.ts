// SPDX-License-Identifier: Apache-2.0
import type { ConfigurationCrc } from "./configuration-crc.js";
import { active, apparent, type EnergyStage, reactive } from "./energy-stage.js";
import type { Gear } from "./gear.js";
import type { RegisterFile } from "./register-file.js";
import { config, reg } from "./registers.js";
import { type Input, inputA, inputB, inputV, type Settings } from "./settings.js";
import { apparentCode, rmsCode } from "./steady-state.js";
import type { Supervision } from "./supervision.js";

export interface ResultSources {
	readonly file: RegisterFile;
	readonly energy: EnergyStage;
	readonly supervision: Supervision;
	readonly gear: Gear;
	readonly crc: ConfigurationCrc;
	readonly version: number;
	settings(): Settings;
}

/** The read-only registers: what the signal processing has found, rounded to codes. */
export class Results {
	readonly #sources: ResultSources;

	constructor(sources: ResultSources) {
		this.#sources = sources;
	}

	/** Read-with-reset registers clear when a read went to its end. */
	onRead(address: number): void {
		const { energy, supervision } = this.#sources;
		if (address >= reg.AENERGYA && address <= reg.APENERGYB) energy.onRead(address - reg.AENERGYA);
		else if (address === reg.RSTIRQSTATA) supervision.statusA = 0;
		else if (address === reg.RSTIRQSTATB) supervision.statusB = 0;
		else if (address === reg.RSTVPEAK) supervision.peaks[inputV] = 0;
		else if (address === reg.RSTIAPEAK) supervision.peaks[inputA] = 0;
		else if (address === reg.RSTIBPEAK) supervision.peaks[inputB] = 0;
	}

	/** Content of a read-only register; of ACCMODE the live bits alone. */
	live(address: number): number {
		const { energy, supervision, gear, crc, file } = this.#sources;
		if (address >= reg.AENERGYA && address <= reg.APENERGYB) return energy.register(address - reg.AENERGYA);
		if (address >= reg.VPEAK && address <= reg.RSTIBPEAK) {
			return Math.min(0xff_ffff, Math.round(supervision.peaks[(address - reg.VPEAK) >> 1]!));
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
				return signed24(gear.watt(address === reg.AWATT ? 0 : 1));
			case reg.AVAR:
			case reg.BVAR:
				return signed24(gear.var(address === reg.AVAR ? 0 : 1));
			case reg.AVA:
			case reg.BVA:
				return signed24(this.#apparent(address === reg.AVA ? 0 : 1));
			case reg.V:
				return signed24(gear.sample(inputV));
			case reg.IA:
			case reg.IB:
				return signed24(gear.sample(address === reg.IA ? inputA : inputB));
			case reg.PFA:
			case reg.PFB:
				return this.#powerFactor(address === reg.PFA ? 0 : 1);
			case reg.ANGLE_A:
			case reg.ANGLE_B:
				return gear.angle(address === reg.ANGLE_A ? 0 : 1);
			case reg.PERIOD:
				return gear.period;
			case reg.IRQSTATA:
			case reg.RSTIRQSTATA:
				return this.#status(0);
			case reg.IRQSTATB:
			case reg.RSTIRQSTATB:
				return this.#status(1);
			case reg.ACCMODE:
				return energy.accmodeBits;
			case reg.CRC:
				return crc.value(file);
			case reg.VERSION:
				return this.#sources.version;
			default:
				return 0;
		}
	}

	#status(group: 0 | 1): number {
		const { energy, supervision } = this.#sources;
		supervision.take(energy);
		return group === 0 ? supervision.statusA : supervision.statusB;
	}

	#rms(input: Input): number {
		const offset = this.#sources.file.get(input === inputV ? reg.VRMSOS : input === inputA ? reg.AIRMSOS : reg.BIRMSOS);
		return rmsCode(this.#sources.gear.meanSquare(input), offset * 4096);
	}

	#apparent(channel: 0 | 1): number {
		return apparentCode(
			this.#rms(inputV),
			this.#rms(channel === 0 ? inputA : inputB),
			this.#sources.settings().powers[channel],
		);
	}

	/** PFx: |P|/S with the sign of the reactive power (− capacitive); in no-load what the data sheet sets. */
	#powerFactor(channel: 0 | 1): number {
		const { energies, isNoLoad } = this.#sources.energy.channels[channel];
		const isFromEnergy = (this.#sources.file.get(reg.CONFIG) & config.pfFromLineCycle) !== 0;
		const watt = isFromEnergy ? energies[active].register : this.#sources.gear.steadyWatt(channel);
		const va = isFromEnergy ? energies[apparent].register : this.#apparent(channel);
		const value = isFromEnergy ? energies[reactive].register : this.#sources.gear.steadyVar(channel);
		if (isNoLoad[apparent]) return 0x7fff;
		if (isNoLoad[active]) return 0;
		const isNegative = isNoLoad[reactive] ? watt < 0 : value < 0;
		const size = va > 0 ? Math.min(1, Math.abs(watt) / va) : 1;
		return Math.max(-0x8000, Math.min(0x7fff, Math.round((isNegative ? -size : size) * 0x8000)));
	}
}

function signed24(value: number): number {
	return Math.max(-0x80_0000, Math.min(0x7f_ffff, Math.round(value)));
}

function unsigned24(value: number): number {
	return Math.max(0, Math.min(0xff_ffff, Math.round(value)));
}
