// SPDX-License-Identifier: Apache-2.0
import { DeviceError } from "../../core/device-error.js";
import { type Task, taskPriority } from "../../core/scheduler.js";
import { type AlarmListener, registerCount } from "../../events/alarms.js";
import { recordKey } from "../../storage/keys.js";
import type { RecordStore } from "../../storage/record-store.js";
import type { Application } from "../application.js";
import { parseLogicalName } from "../logical-name.js";
import { clientIndex } from "../model.js";
import { pushNumber } from "../push/push-table.js";
import type { ActionPair, ActionPairs } from "../scripts/action-pair.js";
import { scriptTrigger } from "../scripts/scripts.js";

const pushScripts = parseLogicalName("0-0:10.0.108.255");

const layoutVersion = 1;
/** Octets of one monitor: client whose rights the scripts have, then two references of table (6) and script (2). */
const referenceLength = 8;
const monitorLength = 1 + 2 * referenceLength;
const recordLength = 1 + registerCount * monitorLength;

/** Actions of the alarm monitors as they are stored, read when they are asked for: they run once in a long while. */
export class AlarmActions implements ActionPairs {
	readonly #store: RecordStore;
	readonly #view = new DataView(new ArrayBuffer(recordLength));

	/** @throws DeviceError when the record can not be read */
	constructor(store: RecordStore) {
		this.#store = store;
		const bytes = new Uint8Array(this.#view.buffer);
		if (store.read(recordKey.alarmMonitors, bytes) === recordLength && bytes[0] === layoutVersion) return;
		bytes.fill(0);
		bytes[0] = layoutVersion;
		for (let n = 0; n < registerCount; n++)
			this.put(n, { tables: [pushScripts, pushScripts], scripts: [pushNumber.alarm, 0] }, clientIndex.management);
	}

	/** @param n monitor, 0..2 */
	client(n: number): number {
		return this.#view.getUint8(1 + n * monitorLength);
	}

	table(n: number, which: number): number {
		const at = placeOf(n, which);
		return this.#view.getUint16(at) * 2 ** 32 + this.#view.getUint32(at + 2);
	}

	script(n: number, which: number): number {
		return this.#view.getUint16(placeOf(n, which) + 6);
	}

	/** @throws DeviceError, with nothing changed on the medium */
	keep(n: number, pair: ActionPair, client: number): void {
		this.put(n, pair, client);
		this.#store.write(recordKey.alarmMonitors, new Uint8Array(this.#view.buffer));
	}

	private put(n: number, { tables, scripts }: ActionPair, client: number): void {
		this.#view.setUint8(1 + n * monitorLength, client);
		for (let which = 0; which < 2; which++) {
			const at = placeOf(n, which);
			this.#view.setUint16(at, Math.floor(tables[which]! / 2 ** 32));
			this.#view.setUint32(at + 2, tables[which]! % 2 ** 32);
			this.#view.setUint16(at + 6, scripts[which]!);
		}
	}
}

function placeOf(n: number, which: number): number {
	return 2 + n * monitorLength + which * referenceLength;
}

/**
 * The alarm monitors 0-0:16.1.0 to .2: each bit of an alarm descriptor that rises runs the script for "up", the last one that
 * a client takes away that for "down". A script runs after the event that raised the alarm has been dealt with, never inside
 * it: what it does may depend on the same part of the meter.
 */
export class AlarmMonitors implements AlarmListener, Task {
	readonly priority: number = taskPriority.control;
	deadline_ms = Infinity;
	readonly #application: Application;
	readonly #parameters: RecordStore;
	/** Bit n: "up" of monitor n is due; bit 4 + n: its "down". */
	#due = 0;

	constructor(application: Application, parameters: RecordStore) {
		this.#application = application;
		this.#parameters = parameters;
	}

	/** As they are stored. @throws DeviceError */
	actions(): AlarmActions {
		return new AlarmActions(this.#parameters);
	}

	alarmRaised(register: number): void {
		this.plan(1 << (register - 1));
	}

	alarmsCleared(register: number): void {
		this.plan(16 << (register - 1));
	}

	run(): void {
		this.deadline_ms = Infinity;
		const due = this.#due;
		this.#due = 0;
		try {
			const actions = this.actions();
			for (let n = 0; n < registerCount; n++) {
				if ((due & (1 << n)) !== 0) this.execute(actions, n, 0);
				if ((due & (16 << n)) !== 0) this.execute(actions, n, 1);
			}
		} catch (error) {
			if (!(error instanceof DeviceError)) throw error;
			this.#application.events.memoryFailed();
		}
	}

	private execute(actions: AlarmActions, n: number, which: number): void {
		this.#application.scripts.execute(actions.table(n, which), actions.script(n, which), {
			client: actions.client(n),
			trigger: scriptTrigger.local,
		});
	}

	private plan(which: number): void {
		this.#due |= which;
		this.deadline_ms = this.#application.monotonic_ms();
	}
}
