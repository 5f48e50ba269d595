// SPDX-License-Identifier: Apache-2.0
import type { VNode } from "preact";
import type { State } from "../state-schema.js";
import { html } from "./html.js";
import { type Cell, cellsOf, segmentNames } from "./segments.js";

/** Outlines in a cell of 36 by 52: bars 5 wide with a gap between them. */
const outline: Readonly<Record<string, string>> = Object.freeze({
	a: "4,2 6,0 20,0 22,2 19,5 7,5",
	b: "23,3 24,4 24,23 22.5,24.5 19,21.5 19,7",
	c: "22.5,25.5 24,27 24,46 23,47 19,43 19,28.5",
	d: "4,48 7,45 19,45 22,48 20,50 6,50",
	e: "3,47 2,46 2,27 3.5,25.5 7,28.5 7,43",
	f: "3,3 7,7 7,21.5 3.5,24.5 2,23 2,4",
	g: "4.5,25 7.5,22.5 18.5,22.5 21.5,25 18.5,27.5 7.5,27.5",
});
const cellWidth = 36;
const cellHeight = 52;

function lit(isLit: boolean): string {
	return isLit ? "on" : "off";
}

function digit(cell: Cell, index: number): VNode {
	return html`<g class="digit" transform=${`translate(${index * cellWidth} 0)`}>
		${segmentNames.map(
			(name) =>
				html`<polygon data-segment=${name} class=${lit(cell.segments.includes(name))} points=${outline[name]} />`,
		)}
		<circle data-segment="point" class=${lit(cell.hasPoint)} cx="29.5" cy="47" r="3" />
		${cell.hasColon && html`<circle data-segment="colon" class="on" cx="29.5" cy="16" r="2.8" />`}
		${cell.hasColon && html`<circle class="on" cx="29.5" cy="34" r="2.8" />`}
	</g>`;
}

function segmentText(name: string, text: string, cells: readonly Cell[]): VNode {
	const width = cells.length * cellWidth + 8;
	return html`<svg class=${`segments ${name}`} viewBox=${`-2 -2 ${width + 4} ${cellHeight + 2}`} role="img" aria-label=${text}>
		<g transform="translate(4 0) skewX(-5)">${cells.map(digit)}</g>
	</svg>`;
}

/** The glass: just what the meter's display port delivers, and nothing while it has no supply. */
export function Lcd({ display, isPowered }: { display: State["display"]; isPowered: boolean }): VNode {
	const { code, value, unit, symbols } = display;
	return html`<div class=${`lcd ${isPowered ? "" : "dark"}`} data-code=${code} data-value=${value}>
		<div class="lcd-top">
			${segmentText("code", code, cellsOf(code, 6, "left"))}
			${symbols.includes("tamper") && html`<span class="lcd-caption" role="img" aria-label="tampered with">&#9888;</span>`}
			${symbols.includes("battery") && html`<span class="lcd-caption" role="img" aria-label="clock battery">&#128267;</span>`}
			${symbols.includes("error") && html`<span class="lcd-caption" role="img" aria-label="error">ERR</span>`}
			${symbols.includes("phases") && html`<span class="lcd-caption" role="img" aria-label="phases">L1L2L3</span>`}
			<span class="lcd-caption">OBIS</span>
		</div>
		<div class="lcd-main">
			${segmentText("value", value, cellsOf(value, 8, "right"))}
			<span class="lcd-unit">${unit}</span>
		</div>
	</div>`;
}
