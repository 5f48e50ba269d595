// SPDX-License-Identifier: Apache-2.0

/** One line of the table. Speeds are ratios to something measured in the same minute; a bare number has a unit. */
export interface Figure {
	readonly area: string;
	readonly name: string;
	readonly value: number;
	/** "computrons", "slots", "x" for a ratio, … */
	readonly unit: string;
	/** What a ratio is a ratio to, or what bounds the figure. */
	readonly reference: string;
	/** The value is to be at least this. */
	readonly target?: number;
}

/** A group of measurements; each returns its lines. */
export interface Bench {
	readonly area: string;
	run(): Figure[] | Promise<Figure[]>;
}

/** Result of a loop, kept so that an optimiser cannot drop it. */
let sink = 0;

/**
 * Seconds per call, the best of five rounds: noise of a shared machine only ever adds.
 * @param work returns a number that depends on what it computed
 * @param round_ms least time of a round
 */
export function timePerCall_s(work: () => number, round_ms = 40): number {
	let calls = 1;
	let best = Number.POSITIVE_INFINITY;
	for (let round = 0; round < 5; ) {
		const begin_ms = performance.now();
		for (let n = 0; n < calls; n++) sink += work();
		const elapsed_ms = performance.now() - begin_ms;
		if (elapsed_ms < round_ms) calls *= 2;
		else {
			best = Math.min(best, elapsed_ms / calls / 1000);
			round++;
		}
	}
	if (Number.isNaN(sink)) throw new RangeError("a bench computed NaN");
	return best;
}

function format(value: number): string {
	if (Number.isInteger(value)) return value.toLocaleString("en-US");
	return value >= 100 ? value.toFixed(0) : value.toPrecision(3);
}

/** The table, one line for each figure, in the order measured. */
export function table(figures: readonly Figure[]): string {
	const rows = [
		["area", "what", "value", "unit", "target", "compared with"],
		...figures.map(({ area, name, value, unit, target, reference }) => [
			area,
			name,
			format(value),
			unit,
			target === undefined ? "" : `>= ${format(target)}${value < target ? " MISSED" : ""}`,
			reference,
		]),
	];
	const widths = rows[0]!.map((_, column) => Math.max(...rows.map((row) => row[column]!.length)));
	return rows
		.map((row) =>
			row
				.map((cell, n) => (n === 2 ? cell.padStart(widths[n]!) : cell.padEnd(widths[n]!)))
				.join("  ")
				.trimEnd(),
		)
		.join("\n");
}
