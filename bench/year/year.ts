// SPDX-License-Identifier: Apache-2.0
import type { Grid } from "../../hosts/simulator/grid/grid.js";
import { ReferenceMeter } from "../../hosts/simulator/grid/truth.js";
import type { SimulatedMeter } from "../../hosts/simulator/simulated-meter.js";
import { MemoryFlash } from "../../hosts/simulator/storage/memory-flash.js";
import type { ModelDescriptor } from "../../src/models/model.js";
import { endurance, flashLayout, type Partition } from "../../src/storage/layout.js";
import { DlmsClient } from "../../tests/support/client/client.js";
import { asNumber, asOctets, data, ref } from "../../tests/support/client/data.js";
import { decodeDateTime, encodeDateTime, fromUnix_ms, toUnix_ms } from "../../tests/support/client/date-time.js";
import { byRange } from "../../tests/support/client/profile.js";
import { result } from "../../tests/support/client/services.js";
import { clientSap, testSecurity } from "../../tests/support/client/test-client.js";
import { epoch_ms, since2000_s } from "../../tests/support/since-2000.js";
import { InProcessLine } from "../accuracy/in-process-line.js";
import { createHouseholdMeter } from "../household-meter.js";
import { generator } from "../torture/random.js";
import { Books, rowsOf } from "./books.js";
import { act, type Happening, type HappeningKind, happeningKinds, planHappenings } from "./happenings.js";
import { programTariffs, rates } from "./tariff-program.js";

export interface YearOptions {
	readonly model: ModelDescriptor;
	readonly seed: number;
	readonly days: number;
	readonly cuts: number;
	/** From visit to visit of the head-end, seconds; a week unless given. */
	readonly visit_s?: number;
	/** What happens instead of what is planned, in order. */
	readonly happenings?: readonly Happening[];
	/** Called after each visit of the head-end. @param findings so many so far */
	progress?(day: number, findings: number): void;
}

/** Wear of one area of the flash, as if the year were over. */
export interface Wear {
	readonly area: string;
	/** Erasures of a sector in 365 days, on average of those that take turns on the board. */
	readonly perYear: number;
	/** Until the first sector has had its 100,000. */
	readonly years: number;
}

export interface YearReport {
	readonly happenings: Readonly<Partial<Record<HappeningKind, number>>>;
	/** Corrections of the clock, and of them such that set it. */
	readonly corrections: number;
	readonly settings: number;
	/** Seconds that the clock was off before it was corrected for the first time, and the days until then. */
	readonly drift_s: number;
	readonly driftDays: number;
	/** Events 89 of a neutral that was never interrupted, and 91 of a current that was never reversed (F129, F130). */
	readonly falseNeutrals: number;
	readonly reversals: number;
	/** Rows read, by profile or log. */
	readonly rows: Readonly<Record<string, number>>;
	readonly comparedRows: number;
	/** Register at the end and the mains while there was supply, Wh. */
	readonly energies: readonly { readonly name: string; readonly meter_Wh: number; readonly mains_Wh: number }[];
	/** A+ by rate: the register, and the rows of load profile 1 evaluated with the calendar, Wh. */
	readonly rates: readonly { readonly rate: number; readonly register_Wh: number; readonly rows_Wh: number }[];
	readonly wear: readonly Wear[];
	/** What did not agree, in words; empty when all held. */
	readonly findings: readonly string[];
}

const day_s = 86_400;
/** Half an hour before the year begins in local time. */
const begin_ms = Date.UTC(2025, 11, 31, 22, 30);
/**
 * The head-end reads and corrects the clock once a week, at seven minutes past the hour, away from every boundary; the books in
 * between fit into every ring.
 */
const usualVisit_s = 7 * day_s;
const visitDelay_s = 37 * 60;
const profiles = [
	["load 1", "1-0:99.1.0.255"],
	["load 2", "1-0:99.2.0.255"],
	["load 3", "1-0:99.1.1.255"],
	["load 4", "1-0:99.2.1.255"],
	["billing", "0-0:98.1.0.255"],
] as const;
const logs = [
	["standard log", "0-0:99.98.0.255"],
	["fraud log", "0-0:99.98.1.255"],
] as const;
const clock = ref(8, "0-0:1.0.0.255");
const disconnector = ref(70, "0-0:96.3.10.255");
const connected = 1;
/** Codes in the fraud log with which each kind begins. */
const fraudCodes: Readonly<Partial<Record<HappeningKind, number>>> = {
	terminalCover: 40,
	magnet: 42,
	meterCover: 44,
	field: 230,
};
/** Long enough to close the supply switch, short enough to open it when it is let go. */
const press_s = 3;
/** The clock of the meter is never further off. */
const greatestError_ms = 100_000;
const room_degC = 23;
/** The clock is left to itself for so long at first (F41), and is a second more off than it says. */
const free_s = 30 * day_s;
const drift_sPerDay = 0.5;
const reading_s = 1;
/** A house with a generator on one phase is told until a day has passed without a cut and without an open cover. */
const mostReversals = 5;
const neutralLost = 89;
const currentReversed = 91;
/** Register against mains, and rates against rows. */
const tolerance = 0.001;
/** Units of 1 Wh that a short run may be off by rounding and by the last seconds before a cut. */
const floor_Wh = 20;

/** A year of a meter with its household, its tariffs, its bad days and a head-end that reads it. */
class Year {
	readonly findings: string[] = [];
	readonly #options: YearOptions;
	readonly #random: () => number;
	readonly #flash = new MemoryFlash(flashLayout("desktop").sectorCount);
	readonly #simulated: SimulatedMeter;
	readonly #grid: Grid;
	readonly #reference: ReferenceMeter;
	readonly #security = testSecurity();
	readonly #books = new Books();
	readonly #rows: Record<string, number> = {};
	readonly #happened: Partial<Record<HappeningKind, number>> = {};
	readonly #codes = new Map<number, number>();
	/** Until when the logs have been read. */
	#read_ms = begin_ms - 1000;
	/** Energy of the mains while the meter had no supply, and where it stood at the last cut. */
	#lostImport_Wh = 0;
	#lostExport_Wh = 0;
	#corrections = 0;
	#settings = 0;
	#drift_s = 0;
	#driftDays = 0;

	constructor(options: YearOptions) {
		const { model, seed } = options;
		this.#options = options;
		this.#random = generator(seed, "year");
		const rtc_s = since2000_s(begin_ms);
		const { simulated, grid } = createHouseholdMeter({ model, seed, flash: this.#flash, rtc_s, hasNoise: true });
		this.#simulated = simulated;
		simulated.rtc.change({ temperature_degC: room_degC });
		this.#grid = grid;
		this.#reference = new ReferenceMeter(grid);
	}

	async run(): Promise<YearReport> {
		const { days, cuts, model, progress, visit_s = usualVisit_s } = this.#options;
		this.#runTo(60);
		await this.#with(programTariffs);
		const happenings = this.#options.happenings ?? planHappenings(days, cuts, model.phases, this.#random);
		let next_s = visit_s + visitDelay_s;
		for (const happening of happenings) {
			while (next_s < happening.at_s) {
				await this.#visit(next_s);
				progress?.(Math.floor(next_s / day_s), this.findings.length + this.#books.findings.length);
				next_s += visit_s;
			}
			this.#let(happening);
		}
		const end_s = days * day_s + 3600;
		for (; next_s < end_s; next_s += visit_s) await this.#visit(next_s);
		this.#runTo(end_s);
		await this.#with((client) => this.#read(client));
		return this.#report();
	}

	/** One that a visit has held up comes after it, and lasts as long. */
	#let(happening: Happening): void {
		const { kind, duration_s } = happening;
		this.#runTo(happening.at_s);
		const at_s = this.#simulated.monotonic_ms() / 1000;
		const isCut = kind === "cut";
		const begin_ms = this.#trueTime_ms();
		if (isCut) this.#countLost(-1);
		act(happening, true, this.#simulated, this.#grid);
		if (kind === "button") this.#runAndRelease(happening);
		this.#runTo(at_s + duration_s);
		if (isCut) this.#countLost(1);
		// the button that has opened the supply switch closes it
		act(happening, kind === "button", this.#simulated, this.#grid);
		if (kind === "button") this.#runAndRelease(happening);
		if (isCut) this.#books.disturb(begin_ms - greatestError_ms, this.#trueTime_ms() + greatestError_ms);
		this.#happened[kind] = (this.#happened[kind] ?? 0) + 1;
	}

	#runAndRelease(happening: Happening): void {
		this.#runTo(this.#simulated.monotonic_ms() / 1000 + press_s);
		act(happening, false, this.#simulated, this.#grid);
	}

	#countLost(sign: 1 | -1): void {
		const { total } = this.#reference;
		this.#reference.advanceTo(this.#simulated.monotonic_ms() / 1000);
		this.#lostImport_Wh += sign * total.activeImport_Wh;
		this.#lostExport_Wh += sign * total.activeExport_Wh;
	}

	#runTo(time_s: number): void {
		this.#simulated.runTo(Math.max(this.#simulated.monotonic_ms(), Math.round(time_s * 1000)));
	}

	async #with(use: (client: DlmsClient) => Promise<void>): Promise<void> {
		const line = new InProcessLine(this.#simulated);
		const client = DlmsClient.overWrapper(line, { clientSap: clientSap.management, security: this.#security });
		await client.associate();
		try {
			await use(client);
		} finally {
			await client.close();
		}
	}

	/** Where the clock was set back, the seconds that come a second time pass undisturbed: entries are asked for by their time. */
	async #visit(time_s: number): Promise<void> {
		this.#runTo(time_s);
		await this.#with(async (client) => {
			await this.#read(client);
			await this.#lookAtSwitch(client);
			await this.#correct(client);
		});
		const again_ms = this.#read_ms + 1000 - this.#meterTime_ms();
		if (again_ms > 0) this.#runTo((this.#simulated.monotonic_ms() + again_ms) / 1000);
	}

	/** Reads what is new in every profile and log. */
	async #read(client: DlmsClient): Promise<void> {
		const now_ms = this.#meterTime_ms();
		for (const [profile, name] of profiles) {
			const from_ms = (this.#books.newest_ms(profile) ?? begin_ms - 1000) + 1000;
			this.#books.take(profile, rowsOf(await client.readProfile(name, rangeOf(from_ms, now_ms))));
		}
		for (const [log, name] of logs) {
			const { rows } = await client.readProfile(name, rangeOf(this.#read_ms + 1000, now_ms));
			this.#rows[log] = (this.#rows[log] ?? 0) + rows.length;
			for (const row of rows) {
				const code = asNumber(row[1]!);
				this.#codes.set(code, (this.#codes.get(code) ?? 0) + 1);
			}
		}
		this.#read_ms = now_ms;
	}

	/** Whoever opens the supply switch with the button closes it again. */
	async #lookAtSwitch(client: DlmsClient): Promise<void> {
		if (this.#simulated.supplySwitch === undefined) return;
		const state = asNumber(await client.read(disconnector, 3));
		if (state !== connected) this.findings.push(`supply switch in state ${state}`);
	}

	/** Not in the first month; then a few seconds each time, and more every tenth week. */
	async #correct(client: DlmsClient): Promise<void> {
		const { days } = this.#options;
		const passed_s = this.#simulated.monotonic_ms() / 1000;
		if (this.#corrections === 0) {
			if (passed_s < Math.min(free_s, (days * day_s) / 2)) return;
			await this.#lookAtClock(client);
		}
		const isLarge = this.#corrections % 10 === 9;
		const wanted_ms = this.#trueTime_ms() + Math.round((this.#random() * 2 - 1) * (isLarge ? 90 : 8)) * 1000;
		this.#corrections++;
		if (isLarge) this.#settings++;
		this.#books.disturb(this.#meterTime_ms(), wanted_ms);
		const value = data.octetString(encodeDateTime(fromUnix_ms(wanted_ms, 0, 0)));
		const answer = await client.set(clock, 2, value);
		if (answer !== result.success) this.findings.push(`clock refused: ${answer}`);
	}

	async #lookAtClock(client: DlmsClient): Promise<void> {
		const found_ms = toUnix_ms(decodeDateTime(asOctets(await client.read(clock, 2))));
		this.#drift_s = Math.round((found_ms - this.#trueTime_ms()) / 1000);
		this.#driftDays = this.#simulated.monotonic_ms() / 1000 / day_s;
		const limit_s = drift_sPerDay * this.#driftDays + reading_s;
		if (Math.abs(this.#drift_s) > limit_s)
			this.findings.push(`clock ${this.#drift_s} s off after ${this.#driftDays} days`);
	}

	#trueTime_ms(): number {
		return begin_ms + this.#simulated.monotonic_ms();
	}

	#meterTime_ms(): number {
		return epoch_ms + (this.#simulated.rtc.utc_s() ?? 0) * 1000;
	}

	async #report(): Promise<YearReport> {
		const { findings } = this;
		const books = this.#books;
		findings.push(...books.findings);
		const registers: number[] = [];
		const failures = await this.#last(registers);
		const cuts = this.#happened.cut ?? 0;
		if (failures < cuts) findings.push(`${failures} power failures counted of ${cuts}`);
		for (const kind of happeningKinds) {
			const code = fraudCodes[kind];
			const seen = code === undefined ? 0 : (this.#codes.get(code) ?? 0);
			const done = this.#happened[kind] ?? 0;
			if (code !== undefined && seen !== done) findings.push(`${kind}: ${seen} in the log of ${done}`);
		}
		const count = (code: number): number => this.#codes.get(code) ?? 0;
		// each is in the standard and in the fraud log
		if (count(neutralLost) > 0) findings.push(`${count(neutralLost)} entries of a lost neutral that never was`);
		if (count(currentReversed) > mostReversals)
			findings.push(`${count(currentReversed)} entries of a current that was never reversed`);
		const { total } = this.#reference;
		const [importActive = 0, exportActive = 0] = registers;
		const energies = [
			{ name: "A+", meter_Wh: importActive, mains_Wh: total.activeImport_Wh - this.#lostImport_Wh },
			{ name: "A-", meter_Wh: exportActive, mains_Wh: total.activeExport_Wh - this.#lostExport_Wh },
		];
		for (const { name, meter_Wh, mains_Wh } of energies) {
			if (Math.abs(meter_Wh - mains_Wh) > tolerance * mains_Wh + floor_Wh)
				findings.push(`${name} is ${meter_Wh} Wh, the mains ${mains_Wh.toFixed(0)} Wh`);
		}
		const byRate = registers.slice(2).map((register_Wh, n) => ({
			rate: n + 1,
			register_Wh,
			rows_Wh: books.byRate_Wh[n + 1]!,
		}));
		for (const { rate, register_Wh, rows_Wh } of byRate) {
			if (Math.abs(register_Wh - rows_Wh) > tolerance * importActive + floor_Wh + books.byRate_Wh[0]!)
				findings.push(`rate ${rate} is ${register_Wh} Wh, the rows say ${rows_Wh} Wh`);
		}
		return {
			happenings: this.#happened,
			corrections: this.#corrections,
			settings: this.#settings,
			drift_s: this.#drift_s,
			driftDays: this.#driftDays,
			falseNeutrals: count(neutralLost),
			reversals: count(currentReversed),
			rows: { ...books.counts, ...this.#rows },
			comparedRows: books.compared,
			energies,
			rates: byRate,
			wear: this.#wear(),
			findings,
		};
	}

	/** Registers A+, A- and the rates of A+ into `registers`. @returns power failures counted */
	async #last(registers: number[]): Promise<number> {
		let failures = 0;
		await this.#with(async (client) => {
			const names = ["1.8.0", "2.8.0", ...Array.from({ length: rates }, (_, n) => `1.8.${n + 1}`)];
			for (const name of names) registers.push(asNumber(await client.read(ref(3, `1-0:${name}.255`), 2)));
			failures = asNumber(await client.read(ref(1, "0-0:96.7.21.255"), 2));
		});
		const [importActive = 0, , ...ofRates] = registers;
		const sum = ofRates.reduce((a, b) => a + b, 0);
		if (sum > importActive || importActive - sum >= rates)
			this.findings.push(`rates are ${sum} of ${importActive} Wh at the end`);
		return failures;
	}

	/** Sectors of an area take turns, so erasures are counted over all of them and spread over those of the board. */
	#wear(): Wear[] {
		const desktop = flashLayout("desktop");
		const board = flashLayout("board");
		const wear = (area: string, of: Partition, onBoard: Partition): Wear => {
			const { eraseCounts } = this.#flash;
			let erasures = 0;
			for (let n = 0; n < of.sectorCount; n++) erasures += eraseCounts[of.firstSector + n]!;
			const perYear = (erasures * 365) / this.#options.days / onBoard.sectorCount;
			return { area, perYear, years: endurance.eraseCycles / perYear };
		};
		return [
			wear("journal", desktop.journal, board.journal),
			wear("parameters", desktop.parameters, board.parameters),
			...desktop.loadProfiles.map((of, n) => wear(`load profile ${n + 1}`, of, board.loadProfiles[n]!)),
		];
	}
}

function rangeOf(from_ms: number, to_ms: number): ReturnType<typeof byRange> {
	return byRange(fromUnix_ms(from_ms, 0, 0), fromUnix_ms(to_ms, 0, 0));
}

/** Runs the year; deterministic for model, seed, days and cuts. */
export function runYear(options: YearOptions): Promise<YearReport> {
	return new Year(options).run();
}
