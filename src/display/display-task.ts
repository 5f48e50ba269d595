// SPDX-License-Identifier: Apache-2.0
import { longPress_ms } from "../control/long-press.js";
import { DeviceError } from "../core/device-error.js";
import { type Task, taskPriority } from "../core/scheduler.js";
import type { Application } from "../cosem/application.js";
import { registerClass } from "../cosem/class-ids.js";
import type { Call } from "../cosem/model.js";
import { type LiveValue, liveValueOf } from "../cosem/readout/live-list.js";
import { condition } from "../events/event-codes.js";
import { type Display, displaySymbol } from "../ports/display.js";
import { housingSignal } from "../ports/housing.js";
import type { CaptureColumn } from "../profile/capture-column.js";
import { displayField, readDisplayFields } from "./display-options.js";
import { type DisplayedValue, displayedValue } from "./display-value.js";

const refresh_ms = 1000;
/** A host that does not tell of the button is asked so often. */
const look_ms = 500;
/** As many digits as there are places. */
const longestShown_s = 99_999_999;
const places = 8;
/** A text that is longer is shown piece by piece. */
const piece_ms = 2000;
/** Nobody knows any more what a display would show at which nobody has looked for so long. */
const longestUnseen_ms = 3_600_000;

/** What is shown: the automatic list, and what short presses of the button go through. */
const view = Object.freeze({ automatic: 0, test: 1, total: 2, manual: 3, service: 4 });
/** Value group E of the list 0-0:21.0.E of a view. */
const listOf: readonly number[] = Object.freeze([1, -1, -1, 2, 3]);

const displayTest = Object.freeze({
	code: "88.88.88",
	value: "88888888",
	unit: "kWh",
	symbols:
		displaySymbol.tamper | displaySymbol.battery | displaySymbol.backLight | displaySymbol.error | displaySymbol.phases,
});

/** A+, which is to be seen whatever the lists name. */
const totalImport: CaptureColumn = Object.freeze({
	classId: registerClass,
	logicalName: 2 ** 40 + 2 ** 24 + 8 * 2 ** 16 + 255,
	attributeIndex: 2,
	dataIndex: 0,
});

/**
 * Shows the values of the automatic list 0-0:21.0.1 in turn, refreshed every second. A short press of the button goes through
 * display test, A+, the manual list 0-0:21.0.2 and the service list 0-0:21.0.3; left alone, it goes back. While a limit is
 * exceeded, every other second tells how long the supply will stay, or be off: a value that flashes.
 */
export class DisplayTask implements Task {
	readonly priority = taskPriority.display;
	deadline_ms = 0;
	readonly #display: Display;
	readonly #call: Call;
	readonly #fields = new Uint8Array(displayField.count);
	#view: number = view.automatic;
	/** Place in the list of the view; -1 for A+. */
	#place = -1;
	#column: CaptureColumn = totalImport;
	#shownAt_ms = -Infinity;
	#until_ms = -Infinity;
	/** Since when the button is held; -1 while it is free. */
	#pressed_ms = -1;
	#backLightUntil_ms = -Infinity;
	/** The last run: of a display that is not looked at, refreshes are counted from here. */
	#run_ms = 0;
	/** A limit is exceeded, and this second tells for how long. */
	#isFlash = false;

	constructor(display: Display, application: Application) {
		this.#display = display;
		// what can be on a list belongs to the meter; nothing of it looks at an association
		this.#call = { application, association: undefined as never };
	}

	/** A button has been pressed or let go. */
	housingChanged(now_ms: number): void {
		this.deadline_ms = now_ms;
	}

	run(now_ms: number): void {
		const isTold = this.#call.application.housing.tellsChanges === true;
		const isUnseen = isTold && this.#display.isAsking === true;
		if (isUnseen) this.refresh(now_ms, false);
		this.#run_ms = now_ms;
		this.deadline_ms = isUnseen ? Infinity : now_ms + (isTold ? refresh_ms : look_ms);
		this.lookAtButton(now_ms);
		if (!isUnseen) this.refresh(now_ms, true);
	}

	/** Somebody looks at a display that asks: it shows what it would if it had been refreshed each second. */
	look(now_ms: number): void {
		if (this.#display.isAsking === true) this.refresh(now_ms, true);
	}

	/** @param isSeen otherwise the list goes on without being shown */
	private refresh(now_ms: number, isSeen: boolean): void {
		const run_ms = this.#run_ms;
		const at_ms = now_ms - ((now_ms - run_ms) % refresh_ms);
		try {
			let found: DisplayedValue | undefined;
			if (at_ms - this.#until_ms > longestUnseen_ms) this.#until_ms = at_ms;
			while (this.#until_ms <= at_ms) {
				const late_ms = Math.max(0, this.#until_ms - run_ms) % refresh_ms;
				found = this.move(Math.max(run_ms, late_ms === 0 ? this.#until_ms : this.#until_ms + refresh_ms - late_ms));
			}
			if (isSeen) this.show(at_ms, found);
		} catch (error) {
			if (!(error instanceof DeviceError)) throw error;
			this.#call.application.events.memoryFailed();
		}
	}

	private lookAtButton(now_ms: number): void {
		const isHeld = (this.#call.application.housing.signals() & housingSignal.serviceButton) !== 0;
		const pressed_ms = this.#pressed_ms;
		if (isHeld && pressed_ms < 0) this.#pressed_ms = now_ms;
		if (isHeld) return;
		this.#pressed_ms = -1;
		if (pressed_ms < 0 || now_ms - pressed_ms >= longPress_ms) return;
		this.#backLightUntil_ms = now_ms + 1000 * this.#fields[displayField.backLight_s]!;
		this.press(now_ms);
	}

	/** On through test, A+, manual and service list, and back to the automatic one. */
	private press(now_ms: number): void {
		readDisplayFields(this.#call.application, this.#fields);
		if (this.#view === view.automatic) this.#view = view.test;
		else if (this.#view === view.test) this.enter(view.total);
		else if (this.#view === view.total) this.enter(view.manual);
		else this.#place++;
		if (this.#view >= view.manual && this.find() === undefined) {
			if (this.#view === view.manual) this.enter(view.service);
			if (this.#view === view.manual || this.find() === undefined) {
				this.enter(view.automatic);
				this.move(now_ms);
				return;
			}
		}
		this.#shownAt_ms = now_ms;
		this.#until_ms = now_ms + 1000 * this.#fields[displayField.manualReturn_s]!;
	}

	private enter(which: number): void {
		this.#view = which;
		this.#place = 0;
		this.#column = totalImport;
	}

	/** To the next value of the automatic list that has something to show. @returns it */
	private move(now_ms: number): DisplayedValue {
		readDisplayFields(this.#call.application, this.#fields);
		if (this.#view !== view.automatic) this.enter(view.automatic);
		else this.#place++;
		let value = this.find();
		if (value === undefined) {
			this.#place = 0;
			value = this.find();
		}
		if (value === undefined) {
			this.#column = totalImport;
			value = this.displayed();
		}
		const pieces = Math.ceil(value.text.length / places);
		this.#shownAt_ms = now_ms;
		this.#until_ms = now_ms + Math.max(1000 * this.#fields[displayField.item_s]!, pieces > 1 ? pieces * piece_ms : 0);
		return value;
	}

	/** The value at the present place of the list, or the next one that is there; undefined at the end. */
	private find(): DisplayedValue | undefined {
		const list = this.#call.application.displayList(listOf[this.#view]!);
		for (let column = list.at(this.#place); column !== undefined; column = list.at(++this.#place)) {
			const live = liveValueOf(column, this.#call);
			if (live === undefined) continue;
			this.#column = column;
			const value = this.lookOf(live);
			if (value.text !== "") return value;
		}
		return undefined;
	}

	private displayed(): DisplayedValue {
		return this.lookOf(liveValueOf(this.#column, this.#call) ?? liveValueOf(totalImport, this.#call)!);
	}

	private lookOf(value: LiveValue): DisplayedValue {
		return displayedValue(value, this.#column.attributeIndex, this.#call.application.metrology, this.#fields);
	}

	/** @param found what has just been found to be shown; unless given, the value at the present place as it is now */
	private show(now_ms: number, found: DisplayedValue | undefined): void {
		const { limits } = this.#call.application;
		const symbols = this.symbols(now_ms);
		const remaining_s = limits?.remaining_s() ?? -1;
		const isOdd = this.#display.isAsking === true ? ((now_ms - this.#run_ms) / refresh_ms) % 2 === 1 : !this.#isFlash;
		this.#isFlash = remaining_s >= 0 && isOdd;
		if (this.#isFlash) {
			const value = String(Math.min(remaining_s, longestShown_s));
			this.#display.show({ code: "17.0.0", value, unit: "s", symbols });
			return;
		}
		if (this.#view === view.test) {
			this.#display.show(displayTest);
			return;
		}
		const { code, text, unit } = found ?? this.displayed();
		const pieces = Math.max(1, Math.ceil(text.length / places));
		const piece = Math.floor((now_ms - this.#shownAt_ms) / piece_ms) % pieces;
		// a point takes no place of its own
		const value =
			text.includes(".") && text.length <= places + 1 ? text : text.slice(piece * places, (piece + 1) * places);
		const fields = this.#fields;
		this.#display.show({
			code: fields[displayField.showCodes] === 1 ? code : "",
			value,
			unit: fields[displayField.showUnits] === 1 ? unit : "",
			symbols,
		});
	}

	private symbols(now_ms: number): number {
		const { fraud, events } = this.#call.application;
		const { alarms } = events;
		let symbols = fraud.isShown ? displaySymbol.tamper : 0;
		if (alarms.isActive(condition.batteryLow) || alarms.isActive(condition.batteryEmpty))
			symbols |= displaySymbol.battery;
		if (now_ms < this.#backLightUntil_ms) symbols |= displaySymbol.backLight;
		if (alarms.hasCriticalError) symbols |= displaySymbol.error;
		if (arePhasesWrong(this.#call.application)) symbols |= displaySymbol.phases;
		return symbols;
	}
}

/** F27: wrong order, or a phase that is missing while another is there. */
function arePhasesWrong({ metrology, model, powerQuality }: Application): boolean {
	if (powerQuality.supervision.isSequenceReversed) return true;
	let present = 0;
	for (let phase = 1; phase <= model.phases; phase++) if (metrology.voltage_mV(phase) > 0) present++;
	return present > 0 && present < model.phases;
}
