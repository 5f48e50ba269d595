// SPDX-License-Identifier: Apache-2.0
import type { ClockKeeper } from "../clock/clock-keeper.js";
import { type Task, TaskRunner } from "../core/scheduler.js";
import type { DisplayTask } from "../display/display-task.js";
import type { SelfCheck } from "../events/self-check.js";
import type { MeterApplication } from "./meter-application.js";

/**
 * All that a meter does by itself, by priority: where deadlines are equal the order is that of the places. Metrology is first;
 * calendars and tariff are behind those whose periods end with the old tariff.
 */
export class MeterTasks extends TaskRunner {
	readonly #parts: MeterApplication;
	readonly #clockKeeper: ClockKeeper;
	readonly #selfCheck: SelfCheck;
	readonly #display: DisplayTask | undefined;

	constructor(
		parts: MeterApplication,
		clockKeeper: ClockKeeper,
		selfCheck: SelfCheck,
		display: DisplayTask | undefined,
	) {
		super();
		this.#parts = parts;
		this.#clockKeeper = clockKeeper;
		this.#selfCheck = selfCheck;
		this.#display = display;
	}

	/** Places as `task` has them. Without a loop and a table: on the board this is done twenty times in a busy second. */
	protected override look(): void {
		const parts = this.#parts;
		const { sampling, supplyControl, io } = parts;
		let next = 0;
		let next_ms = parts.metrology.deadline_ms;
		if (parts.seal.deadline_ms < next_ms) {
			next = 1;
			next_ms = parts.seal.deadline_ms;
		}
		if (sampling !== undefined && sampling.deadline_ms < next_ms) {
			next = 2;
			next_ms = sampling.deadline_ms;
		}
		if (parts.powerQuality.deadline_ms < next_ms) {
			next = 3;
			next_ms = parts.powerQuality.deadline_ms;
		}
		if (parts.demand.deadline_ms < next_ms) {
			next = 4;
			next_ms = parts.demand.deadline_ms;
		}
		if (parts.averages.deadline_ms < next_ms) {
			next = 5;
			next_ms = parts.averages.deadline_ms;
		}
		if (parts.calendars.deadline_ms < next_ms) {
			next = 6;
			next_ms = parts.calendars.deadline_ms;
		}
		if (parts.tariff.deadline_ms < next_ms) {
			next = 7;
			next_ms = parts.tariff.deadline_ms;
		}
		if (parts.profiles.deadline_ms < next_ms) {
			next = 8;
			next_ms = parts.profiles.deadline_ms;
		}
		if (parts.timeEvents.deadline_ms < next_ms) {
			next = 9;
			next_ms = parts.timeEvents.deadline_ms;
		}
		if (parts.billing.deadline_ms < next_ms) {
			next = 10;
			next_ms = parts.billing.deadline_ms;
		}
		if (parts.schedules.deadline_ms < next_ms) {
			next = 11;
			next_ms = parts.schedules.deadline_ms;
		}
		if (parts.entrySchedule.deadline_ms < next_ms) {
			next = 12;
			next_ms = parts.entrySchedule.deadline_ms;
		}
		if (parts.housing.deadline_ms < next_ms) {
			next = 13;
			next_ms = parts.housing.deadline_ms;
		}
		if (supplyControl !== undefined && supplyControl.deadline_ms < next_ms) {
			next = 14;
			next_ms = supplyControl.deadline_ms;
		}
		if (parts.fraud.deadline_ms < next_ms) {
			next = 15;
			next_ms = parts.fraud.deadline_ms;
		}
		if (io !== undefined) {
			if (io.inputs.deadline_ms < next_ms) {
				next = 16;
				next_ms = io.inputs.deadline_ms;
			}
			if (io.outputs.deadline_ms < next_ms) {
				next = 17;
				next_ms = io.outputs.deadline_ms;
			}
			if (io.relays.deadline_ms < next_ms) {
				next = 18;
				next_ms = io.relays.deadline_ms;
			}
		}
		if (parts.alarmMonitors.deadline_ms < next_ms) {
			next = 19;
			next_ms = parts.alarmMonitors.deadline_ms;
		}
		if (parts.events.deadline_ms < next_ms) {
			next = 20;
			next_ms = parts.events.deadline_ms;
		}
		if (parts.rowLogs.deadline_ms < next_ms) {
			next = 21;
			next_ms = parts.rowLogs.deadline_ms;
		}
		if (this.#clockKeeper.deadline_ms < next_ms) {
			next = 22;
			next_ms = this.#clockKeeper.deadline_ms;
		}
		if (this.#selfCheck.deadline_ms < next_ms) {
			next = 23;
			next_ms = this.#selfCheck.deadline_ms;
		}
		if (parts.push.deadline_ms < next_ms) {
			next = 24;
			next_ms = parts.push.deadline_ms;
		}
		const display = this.#display;
		if (display !== undefined && display.deadline_ms < next_ms) {
			next = 25;
			next_ms = display.deadline_ms;
		}
		this.next = next_ms === Infinity ? -1 : next;
		this.next_ms = next_ms;
	}

	protected override task(place: number): Task | undefined {
		const parts = this.#parts;
		switch (place) {
			case 0:
				return parts.metrology;
			case 1:
				return parts.seal;
			case 2:
				return parts.sampling;
			case 3:
				return parts.powerQuality;
			case 4:
				return parts.demand;
			case 5:
				return parts.averages;
			case 6:
				return parts.calendars;
			case 7:
				return parts.tariff;
			case 8:
				return parts.profiles;
			case 9:
				return parts.timeEvents;
			case 10:
				return parts.billing;
			case 11:
				return parts.schedules;
			case 12:
				return parts.entrySchedule;
			case 13:
				return parts.housing;
			case 14:
				return parts.supplyControl;
			case 15:
				return parts.fraud;
			case 16:
				return parts.io?.inputs;
			case 17:
				return parts.io?.outputs;
			case 18:
				return parts.io?.relays;
			case 19:
				return parts.alarmMonitors;
			case 20:
				return parts.events;
			case 21:
				return parts.rowLogs;
			case 22:
				return this.#clockKeeper;
			case 23:
				return this.#selfCheck;
			case 24:
				return parts.push;
			default:
				return this.#display;
		}
	}
}
