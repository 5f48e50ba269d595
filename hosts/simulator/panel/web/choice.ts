// SPDX-License-Identifier: Apache-2.0
import type { VNode } from "preact";
import { html } from "./html.js";

export interface ChoiceProps<T> {
	readonly name: string;
	readonly options: readonly (readonly [value: T, label: string])[];
	readonly value: T;
	readonly isDisabled?: boolean;
	readonly onChange: (value: T) => void;
}

/** Buttons side by side, one of them pressed. */
export function Choice<T>({ name, options, value, isDisabled = false, onChange }: ChoiceProps<T>): VNode {
	return html`<span class="choice" role="group" aria-label=${name}>${options.map(
		([option, label]) => html`<button type="button" disabled=${isDisabled} aria-pressed=${option === value}
			onClick=${() => onChange(option)}>${label}</button>`,
	)}</span>`;
}
