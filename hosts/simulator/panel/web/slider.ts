// SPDX-License-Identifier: Apache-2.0
import type { VNode } from "preact";
import { useEffect, useRef, useState } from "preact/hooks";
import { html } from "./html.js";

export interface SliderProps {
	readonly name: string;
	readonly label: string;
	readonly unit: string;
	readonly value: number;
	readonly maximum: number;
	readonly minimum?: number;
	readonly decimals: number;
	/** Gives small values more room: the position is the square root of the value. */
	readonly isSquare?: boolean;
	readonly isDisabled?: boolean;
	readonly onChange: (value: number) => void;
}

/** After this without a touch the slider follows the simulator again. */
const hold_ms = 700;
const positions = 1000;

/** A slider with a field for the exact value. */
export function Slider(props: SliderProps): VNode {
	const { name, label, unit, value, minimum = 0, maximum, decimals, isSquare = false, isDisabled = false } = props;
	const [draft, setDraft] = useState<number | undefined>(undefined);
	const [typed, setTyped] = useState<string | undefined>(undefined);
	const timer = useRef(0);
	useEffect(() => () => clearTimeout(timer.current), []);

	const change = (next: number) => {
		if (!Number.isFinite(next)) return;
		const limited = Math.min(Math.max(next, minimum), maximum);
		setDraft(limited);
		clearTimeout(timer.current);
		timer.current = setTimeout(() => setDraft(undefined), hold_ms);
		props.onChange(limited);
	};
	const enter = (event: Event) => {
		setTyped(undefined);
		const text = (event.target as HTMLInputElement).value;
		if (text !== "") change(Number(text));
	};
	const share = ((draft ?? value) - minimum) / (maximum - minimum);
	const position = Math.round((isSquare ? Math.sqrt(Math.max(0, share)) : share) * positions);
	const valueAt = (place: number) => {
		const part = place / positions;
		const raw = minimum + (isSquare ? part * part : part) * (maximum - minimum);
		return Number(raw.toFixed(decimals));
	};
	return html`<label class="slider" data-slider=${name}>
		<span class="slider-label">${label}</span>
		<input type="range" min="0" max=${positions} value=${position} disabled=${isDisabled} aria-label=${`${name} slider`}
			style=${`--share:${position / positions}`}
			onInput=${(event: InputEvent) => change(valueAt(Number((event.target as HTMLInputElement).value)))} />
		<span class="slider-field">
			<input type="number" min=${minimum} max=${maximum} step=${10 ** -decimals} disabled=${isDisabled} aria-label=${name}
				value=${typed ?? (draft ?? value).toFixed(decimals)}
				onInput=${(event: Event) => setTyped((event.target as HTMLInputElement).value)}
				onChange=${enter} onBlur=${() => setTyped(undefined)} />
			<i>${unit}</i>
		</span>
	</label>`;
}
