// SPDX-License-Identifier: Apache-2.0
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import fc from "fast-check";
import { parseComtrade, terminalOf } from "../../../../hosts/simulator/grid/comtrade.js";
import { ComtradeError } from "../../../../hosts/simulator/grid/comtrade-error.js";
import { channel } from "../../../../hosts/simulator/grid/terminals.js";
import { bytesOf, cfgOf, type Draft, datOf } from "./comtrade-writer.js";

const folder = new URL("../../../data/waveforms/", import.meta.url);
const ramp = (count: number, from: number, step: number) => Array.from({ length: count }, (_, n) => from + step * n);

const small: Draft = {
	type: "BINARY",
	names: ["u1", "other", "I1"],
	values: [ramp(10, -100, 7), ramp(10, 1, 1), ramp(10, 5, -1)],
	digital: 17,
	a: 0.5,
	b: 3,
};

function parse(draft: Draft) {
	return parseComtrade(bytesOf(cfgOf(draft)), datOf(draft));
}

describe("comtrade: formats", () => {
	for (const type of ["ASCII", "BINARY", "BINARY32", "FLOAT32"]) {
		for (const revision of ["", "1991", "1999", "2013"]) {
			it(`reads ${type} of revision ${revision || "1991 without a year"}, a · x + b, digital channels skipped`, () => {
				const { configuration, channels, stamps_s } = parse({ ...small, type, revision });
				assert.equal(configuration.fileType, type);
				assert.equal(configuration.digitalCount, 17);
				assert.equal(configuration.lineFrequency_Hz, 50);
				assert.deepEqual(configuration.rates, [{ rate_Hz: 4000, lastSample: 10 }]);
				assert.equal(stamps_s, undefined);
				assert.deepEqual(
					[...channels[channel.u1]!],
					small.values[0]!.map((x) => 0.5 * x + 3),
				);
				assert.deepEqual(
					[...channels[channel.i1]!],
					small.values[2]!.map((x) => 0.5 * x + 3),
				);
				assert.equal(channels.filter((c) => c !== undefined).length, 2);
			});
		}
	}

	it("knows the names of the terminals in any case", () => {
		const names = ["u1", "U2", "u3", "i1", "I2", "i3", "IN"];
		for (const [c, name] of names.entries()) assert.equal(terminalOf(name), c);
		for (const [c, name] of ["ua", "VB", "uc", "IA", "ib", "Ic"].entries()) assert.equal(terminalOf(name), c);
		assert.equal(terminalOf(" UL1 "), 0);
		for (const name of ["", "u", "u4", "un", "p1", "3I0", "ul", "iab"]) assert.equal(terminalOf(name), undefined);
	});

	it("takes kilovolts and milliamperes for what they are", () => {
		const { channels } = parse({ ...small, b: 0, unit: (name) => (name === "u1" ? "kV" : "mA") });
		assert.equal(channels[channel.u1]![0], -50_000);
		assert.equal(channels[channel.i1]![0], 0.0025);
	});

	it("counts stamps when there is no rate: microseconds times the multiplier, or nanoseconds", () => {
		const stamps = ramp(10, 0, 200);
		const rates = [[0, 10]] as const;
		const coarse = parse({ ...small, rates, stamps, multiplier: 2 }).stamps_s!;
		assert.ok(Math.abs(coarse[9]! - 9 * 400e-6) < 1e-12);
		const fine = parse({ ...small, rates, stamps, start: "01/01/2026,00:00:00.000000000" }).stamps_s!;
		assert.ok(Math.abs(fine[9]! - 9 * 200e-9) < 1e-15);
	});

	it("keeps several rates with their last samples", () => {
		const rates = [
			[1000, 4],
			[4000, 10],
		] as const;
		assert.deepEqual(parse({ ...small, rates }).configuration.rates, [
			{ rate_Hz: 1000, lastSample: 4 },
			{ rate_Hz: 4000, lastSample: 10 },
		]);
	});

	for (const type of ["ASCII", "BINARY", "BINARY32", "FLOAT32"]) {
		it(`bridges missing values of ${type} by a straight line`, () => {
			const nan = Number.NaN;
			const values = [[nan, 10, nan, nan, 40, 50, 60, 70, 80, nan], ramp(10, 0, 1), ramp(10, 0, 1)];
			const { channels } = parse({ ...small, type, values, a: 1, b: 0 });
			assert.deepEqual([...channels[channel.u1]!], [10, 10, 20, 30, 40, 50, 60, 70, 80, 80]);
		});
	}

	it("takes 99999 in text as missing unless the channel declares values of that size", () => {
		const values = [[10, 99_999, 30, 40, 50], ramp(5, 0, 1), ramp(5, 0, 1)];
		const draft = { ...small, type: "ASCII", values, a: 1, b: 0 };
		assert.equal(parse(draft).channels[channel.u1]![1], 20);
		assert.equal(parse({ ...draft, greatest: 200_000 }).channels[channel.u1]![1], 99_999);
	});

	it("accepts Unix line ends, a missing last one, blanks around fields, and the end-of-file mark of DOS", () => {
		const cfg = cfgOf({ ...small, type: "ASCII" })
			.replaceAll("\r\n", "\n")
			.replaceAll(",", " , ");
		const dat = new TextDecoder().decode(datOf({ ...small, type: "ASCII" })).trimEnd();
		assert.equal(parseComtrade(bytesOf(cfg), bytesOf(dat)).channels[0]!.length, 10);
		assert.equal(parseComtrade(bytesOf(cfg), bytesOf(`${dat}\r\n\x1a`)).channels[0]!.length, 10);
		const binary = datOf(small);
		const marked = new Uint8Array(binary.length + 1).fill(0x1a);
		marked.set(binary);
		assert.equal(parseComtrade(bytesOf(cfgOf(small)), marked).channels[0]!.length, 10);
	});
});

describe("comtrade: broken files", () => {
	function fails(cfg: string, dat: Uint8Array, expected: Partial<ComtradeError>, reason: RegExp): void {
		assert.throws(
			() => parseComtrade(bytesOf(cfg), dat, { cfg: "x.cfg", dat: "x.dat" }),
			(error: unknown) => {
				assert.ok(error instanceof ComtradeError, String(error));
				assert.equal(error.name, "ComtradeError");
				for (const [key, value] of Object.entries(expected))
					assert.equal(error[key as keyof ComtradeError], value, key);
				assert.match(error.message, reason);
				assert.ok(error.message.startsWith(error.file));
				return true;
			},
		);
	}
	const cfg = cfgOf(small);
	const dat = datOf(small);
	const line = (n: number, text: string) => {
		const lines = cfg.split("\r\n");
		lines[n - 1] = text;
		return lines.join("\r\n");
	};

	const configurations: [string, string, Partial<ComtradeError>, RegExp][] = [
		["an empty file", "", { code: "truncated", file: "x.cfg", line: 1 }, /station/],
		["an unknown revision", line(1, "a,b,2024"), { code: "unsupported", line: 1 }, /2024/],
		["counts that do not add up", line(2, "21,3A,17D"), { code: "counts", line: 2 }, /21/],
		["counts without their letters", line(2, "20,3,17"), { code: "notNumeric", line: 2 }, /3/],
		["too few fields of a channel", line(3, "1,u1,,,V,1"), { code: "truncated", line: 3 }, /fields/],
		["a multiplier that is no number", line(4, "2,x,,,V,one,0,0,0,1"), { code: "notNumeric", line: 4 }, /one/],
		["fewer channels than announced", line(2, "40,23A,17D"), { line: 6 }, /analogue channel/],
		["a rate of 0", line(25, "0,10"), { code: "outOfRange", line: 25 }, /rate is 0/],
		["a negative rate", line(25, "-4000,10"), { code: "outOfRange", line: 25 }, /-4000/],
		["a rate that is no number", line(25, "fast,10"), { code: "notNumeric", line: 25 }, /fast/],
		["no samples", line(25, "4000,0"), { code: "outOfRange", line: 25 }, /last sample/],
		["an unknown file type", line(28, "PACKED"), { code: "unsupported", line: 28 }, /PACKED/],
		["a time multiplier of 0", line(29, "0"), { code: "outOfRange", line: 29 }, /multiplier/],
		[
			"an end in the middle",
			cfg.split("\r\n").slice(0, 24).join("\r\n"),
			{ code: "truncated", line: 25 },
			/ends before/,
		],
		["a terminal named twice", line(4, "2,UA,,,V,1,0,0,0,1,1,1,P"), { code: "counts", line: 4 }, /UA/],
	];
	for (const [what, text, expected, reason] of configurations) {
		it(`names the line of ${what}`, () => fails(text, dat, expected, reason));
	}

	it("says when there is neither a voltage nor a current", () => {
		const names = ["p", "q", "f"];
		fails(cfgOf({ ...small, names }), dat, { code: "noChannels", file: "x.cfg" }, /no voltage or current channel/);
	});

	it("says when a channel has no value at all", () => {
		const values = [new Array(10).fill(Number.NaN), ramp(10, 0, 1), ramp(10, 0, 1)];
		fails(cfg, datOf({ ...small, values }), { code: "noChannels", file: "x.dat" }, /u1/);
	});

	it("says when scale factors make impossible values", () => {
		fails(cfgOf({ ...small, a: 1e20 }), dat, { code: "outOfRange", file: "x.dat" }, /u1/);
	});

	for (const type of ["BINARY", "BINARY32", "FLOAT32"]) {
		it(`compares the samples promised with the bytes of ${type}`, () => {
			const text = cfgOf({ ...small, type });
			const data = datOf({ ...small, type });
			fails(
				text,
				data.subarray(0, data.length - 1),
				{ code: "truncated", file: "x.dat", offset: data.length - 1 },
				/10/,
			);
			fails(text, new Uint8Array(0), { code: "truncated", offset: 0 }, /promised/);
			const longer = new Uint8Array(data.length + 4);
			longer.set(data);
			fails(text, longer, { code: "counts", offset: data.length }, /promised/);
		});
	}

	it("does not reserve memory for samples that are not there", () => {
		for (const type of ["ASCII", "BINARY"]) {
			const text = cfgOf({ ...small, type, rates: [[4000, 4_000_000_000]] });
			fails(text, datOf({ ...small, type }), { code: "truncated", file: "x.dat" }, /4000000000/);
		}
	});

	it("notices a record of another width by its sample numbers", () => {
		const wide = datOf({ ...small, values: small.values.map((v) => [...v, ...v]) }).slice(0, dat.length);
		new DataView(wide.buffer).setUint32(36, 77, true); // second record: 8 + 3·2 + 2·2 bytes each
		fails(cfg, wide, { code: "sampleNumber", offset: 36 }, /77/);
	});

	const text = new TextDecoder().decode(datOf({ ...small, type: "ASCII" }));
	const asciiCfg = cfgOf({ ...small, type: "ASCII" });
	it("names the byte of a field of text that is no number", () => {
		const broken = text.replace("-93", "abc");
		fails(asciiCfg, bytesOf(broken), { code: "notNumeric", offset: broken.indexOf("abc") }, /abc/);
	});

	it("names the byte where a line of text is too short or too long", () => {
		const lines = text.split("\r\n");
		const put = (second: string) => lines.map((l, n) => (n === 1 ? second : l)).join("\r\n");
		const short = put(lines[1]!.slice(0, 12));
		fails(asciiCfg, bytesOf(short.padEnd(text.length, " ")), { code: "truncated" }, /before its last channel/);
		const long = put(`${lines[1]},1`);
		fails(
			asciiCfg,
			bytesOf(long),
			{ code: "counts", offset: long.indexOf("\r\n", lines[0]!.length + 2) - 2 },
			/more fields/,
		);
	});

	it("refuses more lines of text than promised", () => {
		fails(asciiCfg, bytesOf(`${text}11,0`), { code: "counts", offset: text.length }, /more than the 10/);
	});

	it("refuses stamps that stand still when the stamps count", () => {
		const draft: Draft = { ...small, rates: [[0, 10]], stamps: [0, 1, 2, 2, 4, 5, 6, 7, 8, 9] };
		fails(cfgOf(draft), datOf(draft), { code: "timeStamp", file: "x.dat", offset: 3 * 18 + 4 }, /stamp/);
		const missing: Draft = { ...draft, stamps: [0, 0xffff_ffff, 2, 3, 4, 5, 6, 7, 8, 9] };
		fails(cfgOf(missing), datOf(missing), { code: "timeStamp" }, /stamp/);
	});

	it("reads mutated files or throws ComtradeError, nothing else", () => {
		const types = ["ASCII", "BINARY", "BINARY32", "FLOAT32"];
		const drafts = types.flatMap((type): Draft[] => [
			{ ...small, type },
			{ ...small, type, revision: "1999", rates: [[0, 10]] },
		]);
		const files = drafts.map((draft) => [bytesOf(cfgOf(draft)), datOf(draft)] as const);
		const edit = fc.record({
			inCfg: fc.boolean(),
			at: fc.nat(),
			kind: fc.constantFrom("set", "delete", "insert", "cut"),
			byte: fc.oneof(fc.nat(255), fc.constantFrom(0x2c, 0x0a, 0x30, 0x39, 0x2d, 0x41, 0x2e, 0x65)),
		});
		fc.assert(
			fc.property(fc.nat(files.length - 1), fc.array(edit, { minLength: 1, maxLength: 6 }), (which, edits) => {
				const parts = files[which]!.map((part) => [...part]);
				for (const { inCfg, at, kind, byte } of edits) {
					const part = parts[inCfg ? 0 : 1]!;
					const place = part.length === 0 ? 0 : at % part.length;
					if (kind === "set") part[place] = byte;
					else if (kind === "delete") part.splice(place, 1);
					else if (kind === "insert") part.splice(place, 0, byte);
					else part.length = place;
				}
				try {
					const { channels } = parseComtrade(Uint8Array.from(parts[0]!), Uint8Array.from(parts[1]!));
					for (const samples of channels) {
						if (samples !== undefined) assert.ok(samples.every((x) => Number.isFinite(x)));
					}
				} catch (error) {
					assert.ok(error instanceof ComtradeError, String(error));
				}
			}),
			{ numRuns: 3000 },
		);
	});
});

interface Truth {
	readonly phase: readonly { urms: number; irms: number; p: number; s: number }[];
	readonly in: number;
	readonly window: { samples: number };
}

describe("comtrade: recordings with truth", () => {
	for (const name of ["s02_pf05_lag", "s05_quadrants", "s15_en50160_spectrum", "s22_dip40_polyphase"]) {
		it(`sums ${name} up to U, I and P of its truth within 1e-6 (S1, F04, F14, F15)`, () => {
			const file = (ending: string) => readFileSync(new URL(`${name}.${ending}`, folder));
			const truth: Truth = JSON.parse(file("json").toString());
			const { channels } = parseComtrade(file("cfg"), file("dat"));
			const count = truth.window.samples;
			const mean = (x: Float64Array, y: Float64Array) => x.reduce((sum, v, n) => sum + v * y[n]!, 0) / count;
			const close = (actual: number, expected: number, scale: number) =>
				assert.ok(Math.abs(actual - expected) <= 1e-6 * scale, `${actual} is not ${expected}`);
			for (const [p, phase] of truth.phase.entries()) {
				const u = channels[channel.u1 + p]!;
				const i = channels[channel.i1 + p]!;
				assert.equal(u.length, count);
				close(Math.sqrt(mean(u, u)), phase.urms, phase.urms);
				close(Math.sqrt(mean(i, i)), phase.irms, phase.irms);
				close(mean(u, i), phase.p, phase.s);
			}
			const neutral = channels[channel.neutral]!;
			close(Math.sqrt(mean(neutral, neutral)), truth.in, 10);
		});
	}
});
