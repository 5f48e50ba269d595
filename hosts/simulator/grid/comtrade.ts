// SPDX-License-Identifier: Apache-2.0
import { type AnalogChannel, type ComtradeConfiguration, parseConfiguration } from "./comtrade-configuration.js";
import { decodeData } from "./comtrade-data.js";
import { ComtradeError } from "./comtrade-error.js";
import { channel, channelCount } from "./terminals.js";

/** A COMTRADE recording as far as it concerns the terminals of a meter. */
export interface Comtrade {
	readonly configuration: ComtradeConfiguration;
	/** Per terminal channel volts or amperes, as recorded (primary or secondary); undefined where there is none. */
	readonly channels: readonly (Float64Array | undefined)[];
	/** Per terminal channel the index into `configuration.analog`. */
	readonly sources: readonly (number | undefined)[];
	/** The time stamps, when they count; rates are in the configuration otherwise. */
	readonly stamps_s: Float64Array | undefined;
}

/** Volts or amperes beyond anything on a network: scale factors that make such values are wrong. */
const greatestValue = 1e9;

/** File names for error messages. */
export interface ComtradeNames {
	readonly cfg: string;
	readonly dat: string;
}

/**
 * Reads the two files of a recording: IEEE C37.111-1991, -1999 and -2013; ASCII, BINARY, BINARY32 and FLOAT32.
 *
 * Channels are found by their names (`terminalOf`); others, and all digital ones, are skipped. Where a recorder has no
 * value, its neighbours in time are joined by a straight line.
 *
 * @throws ComtradeError with file, line or offset, and reason
 */
export function parseComtrade(
	cfg: Uint8Array,
	dat: Uint8Array,
	names: ComtradeNames = { cfg: "cfg", dat: "dat" },
): Comtrade {
	const configuration = parseConfiguration(cfg, names.cfg);
	const places = findTerminals(configuration, names.cfg);
	const wanted = [...places.values()];
	const { values, stamps_s } = decodeData(configuration, dat, wanted, names.dat);
	const channels: (Float64Array | undefined)[] = new Array(channelCount).fill(undefined);
	const sources: (number | undefined)[] = new Array(channelCount).fill(undefined);
	let n = 0;
	for (const [terminal, index] of places) {
		const { id, unit } = configuration.analog[index]!;
		const samples = values[n++]!;
		bridgeGaps(samples, id, names.dat);
		const factor = unitFactor(unit);
		for (let s = 0; s < samples.length; s++) {
			samples[s]! *= factor;
			if (Math.abs(samples[s]!) <= greatestValue) continue;
			throw new ComtradeError("outOfRange", { file: names.dat }, `channel "${id}", sample ${s + 1}: ${samples[s]}`);
		}
		channels[terminal] = samples;
		sources[terminal] = index;
	}
	return { configuration, channels, sources, stamps_s };
}

/**
 * The terminal channel that a recorded channel's name means, or undefined.
 *
 * u1 … u3, i1 … i3 and in, in any case; also v for u, a b c for the figures, and an l before the figure (UL1).
 */
export function terminalOf(id: string): number | undefined {
	const name = id.trim().toLowerCase();
	if (name === "in") return channel.neutral;
	const match = /^([uvi])(?:l?([123])|([abc]))$/.exec(name);
	if (match === null) return undefined;
	const phase = match[2] === undefined ? "abc".indexOf(match[3]!) : Number(match[2]) - 1;
	return (match[1] === "i" ? channel.i1 : channel.u1) + phase;
}

function findTerminals(configuration: ComtradeConfiguration, file: string): Map<number, number> {
	const places = new Map<number, number>();
	for (const [index, { id }] of configuration.analog.entries()) {
		const terminal = terminalOf(id);
		if (terminal === undefined) continue;
		if (places.has(terminal)) {
			const reason = `"${id}" names a terminal that another channel has already`;
			throw new ComtradeError("counts", { file, line: index + 3 }, reason);
		}
		places.set(terminal, index);
	}
	if (places.size === 0) {
		const found = configuration.analog.map((a: AnalogChannel) => a.id).slice(0, 10);
		const reason = `no voltage or current channel (u1 u2 u3 i1 i2 i3 in) among ${JSON.stringify(found)}`;
		throw new ComtradeError("noChannels", { file }, reason);
	}
	return places;
}

/** Volts or amperes per unit; what is neither is taken as it stands. */
function unitFactor(unit: string): number {
	if (/^M[VA]$/.test(unit)) return 1e6;
	if (/^m[va]$/i.test(unit)) return 1e-3;
	if (/^k[va]$/i.test(unit)) return 1e3;
	return 1;
}

/** Replaces missing values by the line between their neighbours; at the ends the nearest value holds. */
function bridgeGaps(samples: Float64Array, id: string, file: string): void {
	let last = -1; // of the values that are there
	for (let n = 0; n < samples.length; n++) {
		if (Number.isNaN(samples[n]!)) continue;
		for (let gap = last + 1; gap < n; gap++) {
			const left = last < 0 ? samples[n]! : samples[last]!;
			samples[gap] = left + ((samples[n]! - left) * (gap - last)) / (n - last);
		}
		last = n;
	}
	if (last < 0) throw new ComtradeError("noChannels", { file }, `channel "${id}" has no value at all`);
	samples.fill(samples[last]!, last + 1);
}
