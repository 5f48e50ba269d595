// SPDX-License-Identifier: Apache-2.0
import { ComtradeError, type ComtradeErrorCode } from "./comtrade-error.js";

export type ComtradeFileType = "ASCII" | "BINARY" | "BINARY32" | "FLOAT32";

export interface AnalogChannel {
	readonly id: string;
	/** As written: V, kV, A … */
	readonly unit: string;
	/** Value in `unit` = a · stored + b. */
	readonly a: number;
	readonly b: number;
	/** How much later than the sample's time this channel was converted, µs. */
	readonly skew_us: number;
	/** Largest stored value as declared. */
	readonly greatest: number;
}

/** Samples up to number `lastSample` (from 1) were taken at `rate_Hz`. */
export interface SamplingRate {
	readonly rate_Hz: number;
	readonly lastSample: number;
}

/** The configuration file of a recording, IEEE C37.111-1991, -1999 or -2013 (IEC 60255-24). */
export interface ComtradeConfiguration {
	readonly station: string;
	readonly device: string;
	readonly revision: 1991 | 1999 | 2013;
	readonly analog: readonly AnalogChannel[];
	readonly digitalCount: number;
	readonly lineFrequency_Hz: number;
	/** Empty: the time stamps of the data count. */
	readonly rates: readonly SamplingRate[];
	readonly sampleCount: number;
	readonly fileType: ComtradeFileType;
	/** Seconds per unit of a time stamp, the multiplier included. */
	readonly stampUnit_s: number;
}

/** Clause 5.3.3 of the 1999 edition: at most 999 999 channels; more than these many samples no meter test needs. */
const greatestChannels = 999_999;
const greatestSamples = 0xffff_fffe;
const greatestRate_Hz = 100e6;

/**
 * Reads a configuration file.
 *
 * @param file the name to appear in errors
 * @throws ComtradeError
 */
export function parseConfiguration(bytes: Uint8Array, file: string): ComtradeConfiguration {
	return new Parser(bytes, file).parse();
}

const numberForm = /^[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?$/;

class Parser {
	readonly #file: string;
	readonly #lines: string[];
	#line = 0; // of the last one taken, from 1

	constructor(bytes: Uint8Array, file: string) {
		this.#file = file;
		this.#lines = new TextDecoder("utf-8").decode(bytes).split(/\r\n|\n|\r/);
	}

	parse(): ComtradeConfiguration {
		const head = this.#take("station name", 1);
		const revision = this.#revision(head[2] ?? "");
		const counts = this.#take("channel counts", 3);
		const analogCount = this.#channelCount(counts[1]!, "A");
		const digitalCount = this.#channelCount(counts[2]!, "D");
		const total = this.#integer("number of channels", counts[0]!, 0, 2 * greatestChannels);
		if (total !== analogCount + digitalCount) {
			this.#fail("counts", `${total} channels are not ${analogCount} analogue and ${digitalCount} digital ones`);
		}
		const analog: AnalogChannel[] = [];
		for (let n = 0; n < analogCount; n++) analog.push(this.#analogChannel());
		for (let n = 0; n < digitalCount; n++) this.#take("digital channel", 1);
		const lineFrequency_Hz = this.#lineFrequency();
		const { rates, sampleCount } = this.#rates();
		const start = this.#take("time of the first sample", 1);
		this.#take("time of the trigger", 1);
		const fileType = this.#fileType();
		const multiplier = this.#multiplier(revision);
		// The 2013 edition counts nanoseconds when the times of the configuration are that fine.
		const isFine = revision === 2013 && /\.\d{7,9}$/.test(start[1] ?? "");
		return {
			station: head[0]!,
			device: head[1] ?? "",
			revision,
			analog,
			digitalCount,
			lineFrequency_Hz,
			rates,
			sampleCount,
			fileType,
			stampUnit_s: multiplier * (isFine ? 1e-9 : 1e-6),
		};
	}

	#revision(text: string): 1991 | 1999 | 2013 {
		if (text === "") return 1991;
		const year = this.#integer("revision year", text, 0, 9999);
		if (year === 1991) return 1991;
		if (year === 1997 || year === 1999 || year === 2001) return 1999; // drafts, and IEC 60255-24:2001
		if (year === 2013) return 2013;
		return this.#fail("unsupported", `revision ${text} is not known`);
	}

	#channelCount(text: string, letter: "A" | "D"): number {
		if (!text.toUpperCase().endsWith(letter)) this.#fail("notNumeric", `"${text}" does not end with ${letter}`);
		return this.#integer(`number of channels ${letter}`, text.slice(0, -1), 0, greatestChannels);
	}

	#analogChannel(): AnalogChannel {
		const fields = this.#take("analogue channel", 10);
		this.#integer("channel number", fields[0]!, 0, 2 * greatestChannels);
		return {
			id: fields[1]!,
			unit: fields[4]!,
			a: this.#number("multiplier a", fields[5]!, -1e30, 1e30),
			b: this.#number("offset b", fields[6]!, -1e30, 1e30),
			skew_us: fields[7] === "" ? 0 : this.#number("skew", fields[7]!, -1e9, 1e9),
			greatest: fields[9] === "" ? 0 : this.#number("largest value", fields[9]!, -1e40, 1e40),
		};
	}

	#lineFrequency(): number {
		const text = this.#take("line frequency", 1)[0]!;
		return text === "" ? 0 : this.#number("line frequency", text, 0, 1e4); // not critical, may be empty
	}

	#rates(): { rates: SamplingRate[]; sampleCount: number } {
		const count = this.#integer("number of sampling rates", this.#take("number of sampling rates", 1)[0]!, 0, 999);
		const rates: SamplingRate[] = [];
		let sampleCount = 0;
		for (let n = 0; n < Math.max(count, 1); n++) {
			const fields = this.#take("sampling rate", 2);
			const rate_Hz = this.#number("sampling rate", fields[0]!, 0, greatestRate_Hz);
			const lastSample = this.#integer("last sample number", fields[1]!, 1, greatestSamples);
			if (lastSample <= sampleCount) this.#fail("counts", `last sample ${lastSample} does not exceed ${sampleCount}`);
			sampleCount = lastSample;
			if (count === 0) break;
			if (rate_Hz <= 0) this.#fail("outOfRange", "the sampling rate is 0");
			rates.push({ rate_Hz, lastSample });
		}
		return { rates, sampleCount };
	}

	#fileType(): ComtradeFileType {
		const text = this.#take("file type", 1)[0]!.toUpperCase();
		if (text === "ASCII" || text === "BINARY" || text === "BINARY32" || text === "FLOAT32") return text;
		return this.#fail("unsupported", `data of type "${text}" are not known`);
	}

	#multiplier(revision: number): number {
		const text = this.#lines[this.#line]?.trim() ?? "";
		if (revision === 1991 || text === "") return 1;
		return this.#number("time multiplier", this.#take("time multiplier", 1)[0]!, Number.MIN_VALUE, 1e9);
	}

	/** The fields of the next line, trimmed; at least `fields` of them. */
	#take(what: string, fields: number): string[] {
		const text = this.#lines[this.#line];
		this.#line++;
		// What follows the last line break is no line.
		if (text === undefined || (text === "" && this.#line === this.#lines.length)) {
			return this.#fail("truncated", `the file ends before the ${what}`);
		}
		const parts = text.split(",").map((part) => part.trim());
		if (parts.length < fields) this.#fail("truncated", `${what}: ${parts.length} fields where ${fields} are needed`);
		return parts;
	}

	#number(what: string, text: string, least: number, greatest: number): number {
		if (!numberForm.test(text)) this.#fail("notNumeric", `${what} "${text.slice(0, 40)}" is no number`);
		const value = Number(text);
		if (!(value >= least && value <= greatest))
			this.#fail("outOfRange", `${what} ${text.slice(0, 40)} is out of range`);
		return value;
	}

	#integer(what: string, text: string, least: number, greatest: number): number {
		const value = this.#number(what, text, least, greatest);
		if (!Number.isInteger(value)) this.#fail("notNumeric", `${what} "${text.slice(0, 40)}" is no whole number`);
		return value;
	}

	#fail(code: ComtradeErrorCode, reason: string): never {
		throw new ComtradeError(code, { file: this.#file, line: this.#line }, reason);
	}
}
