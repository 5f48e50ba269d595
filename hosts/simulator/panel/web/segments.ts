// SPDX-License-Identifier: Apache-2.0

/** Segments a to g of a seven-segment digit, clockwise from the top, g in the middle. */
export const segmentNames = ["a", "b", "c", "d", "e", "f", "g"] as const;

const lit: Readonly<Record<string, string>> = Object.freeze({
	" ": "",
	"-": "g",
	_: "d",
	"0": "abcdef",
	"1": "bc",
	"2": "abdeg",
	"3": "abcdg",
	"4": "bcfg",
	"5": "acdfg",
	"6": "acdefg",
	"7": "abc",
	"8": "abcdefg",
	"9": "abcdfg",
	A: "abcefg",
	B: "cdefg",
	C: "adef",
	D: "bcdeg",
	E: "adefg",
	F: "aefg",
	H: "bcefg",
	L: "def",
	N: "ceg",
	O: "cdeg",
	P: "abefg",
	R: "eg",
	T: "defg",
	U: "bcdef",
	Y: "bcdfg",
});

/** One place of the glass. The point and the colon stand right of the digit and take no place of their own. */
export interface Cell {
	readonly segments: string;
	readonly hasPoint: boolean;
	readonly hasColon: boolean;
}

const blank: Cell = Object.freeze({ segments: "", hasPoint: false, hasColon: false });

/** Puts a text on at least `places` places; a character that seven segments can not show stays dark. */
export function cellsOf(text: string, places: number, align: "left" | "right"): Cell[] {
	const cells: Cell[] = [];
	for (const character of text) {
		const last = cells.at(-1);
		if (character === "." && last !== undefined && !last.hasPoint) {
			cells[cells.length - 1] = { ...last, hasPoint: true };
		} else if (character === ":" && last !== undefined && !last.hasColon) {
			cells[cells.length - 1] = { ...last, hasColon: true };
		} else {
			cells.push({ ...blank, segments: lit[character.toUpperCase()] ?? "" });
		}
	}
	while (cells.length < places) align === "left" ? cells.push(blank) : cells.unshift(blank);
	return cells;
}
