// SPDX-License-Identifier: Apache-2.0
import { type Task, taskPriority } from "../core/scheduler.js";
import { condition } from "../events/event-codes.js";
import { type Display, displaySymbol } from "../ports/display.js";
import { automaticList, type DisplayItem, type DisplaySource } from "./display-list.js";

/** Each value of the automatic list stays for so long. */
export const dwell_ms = 5000;
const refresh_ms = 1000;
/** As many digits as there are places. */
const longestShown_s = 99_999_999;

/**
 * Shows the values of the automatic list in turn, refreshed every second. While a limit is exceeded, every other second tells
 * how long the supply will stay, or be off: a value that flashes.
 */
export class DisplayTask implements Task {
	readonly priority = taskPriority.display;
	deadline_ms = 0;
	readonly #display: Display;
	readonly #source: DisplaySource;
	#item = 0;
	#nextItem_ms = dwell_ms;
	/** A limit is exceeded, and this second tells for how long. */
	#isFlash = false;

	constructor(display: Display, source: DisplaySource) {
		this.#display = display;
		this.#source = source;
	}

	run(now_ms: number): void {
		if (now_ms >= this.#nextItem_ms) {
			this.step();
			this.#nextItem_ms = now_ms + dwell_ms;
		}
		const { fraud, alarms } = this.#source;
		let symbols = fraud?.isShown === true ? displaySymbol.tamper : 0;
		if (alarms?.isActive(condition.batteryLow) || alarms?.isActive(condition.batteryEmpty))
			symbols |= displaySymbol.battery;
		const remaining_s = this.#source.limits?.remaining_s() ?? -1;
		this.#isFlash = remaining_s >= 0 && !this.#isFlash;
		if (this.#isFlash) {
			const value = String(Math.min(remaining_s, longestShown_s));
			this.#display.show({ code: "17.0.0", value, unit: "s", symbols });
		} else {
			const item = automaticList[this.#item]!;
			this.#display.show({
				code: item.code,
				value: item.value(this.#source),
				unit: item.scaledUnit?.(this.#source) ?? item.unit,
				symbols,
			});
		}
		this.deadline_ms = now_ms + refresh_ms;
	}

	/** To the next value that this meter has. */
	private step(): void {
		do {
			this.#item = (this.#item + 1) % automaticList.length;
		} while (!this.has(automaticList[this.#item]!));
	}

	private has({ needsThreePhases, needsSwitch }: DisplayItem): boolean {
		if (needsThreePhases === true && this.#source.phases === 1) return false;
		return needsSwitch !== true || this.#source.supplyControl !== undefined;
	}
}
