// SPDX-License-Identifier: Apache-2.0
import { DateTime } from "../../clock/date-time.js";
import { DeviceError } from "../../core/device-error.js";
import { type Task, taskPriority } from "../../core/scheduler.js";
import type { Cipher } from "../../ports/cipher.js";
import type { Log } from "../../ports/log.js";
import type { Outlet, OutletListener } from "../../ports/outlet.js";
import type { Random } from "../../ports/random.js";
import { recordKey } from "../../storage/keys.js";
import type { RecordStore } from "../../storage/record-store.js";
import type { Application } from "../application.js";
import { managementLogicalDevice } from "../association/client.js";
import {
	decodeDoubleLongUnsigned,
	decodeEnum,
	decodeInteger,
	decodeLongUnsigned,
	decodeOctetString,
	decodeStructure,
	decodeUnsigned,
} from "../codec/axdr.js";
import { decodeDateTime } from "../codec/date-time.js";
import { skipValue } from "../codec/skip-value.js";
import { Notifications } from "./notification.js";
import type { PushSettings } from "./push-settings.js";
import { numberOfPushes, pushNumber } from "./push-table.js";
import { isInWindow } from "./push-window.js";

const windowStep_ms = 1000;
const installationPeriod_ms = 3_600_000;
const layoutVersion = 1;
const stateLength = 6;
const installedFlag = 1;

/** Operation method: the receiver confirms, and the push is tried again where it does not. */
const confirmedMethod = 2;
/** How long a confirmation is waited for where confirmation_parameters do not say. */
const usualConfirmation_s = 30;
/** Place of the invoke-ids in the state. */
const awaited = 3 * numberOfPushes;
const confirmationLayout = 1;
const confirmationsLength = 1 + 4 * numberOfPushes;

/** Attempts of a push that has not been tried: it waits for its window, or for the end of its random delay. */
const waitsForWindow = -1;

export interface PushParts {
	readonly application: Application;
	readonly settings: PushSettings;
	readonly journal: RecordStore;
	/** Without one nothing is pushed. */
	readonly outlet: Outlet | undefined;
	readonly cipher: Cipher;
	readonly random: Random;
	readonly log: Log;
}

/** Longest wait for a confirmation that can be asked for, seconds. */
export const longestConfirmation_s = 86_400;

/**
 * Sends the notifications of the push setups: waits for a communication window, then for a random delay, sends, and tries
 * again with growing pauses where that fails, or where the receiver should confirm and does not. One message for each trigger; values are those of the moment of sending, and
 * a trigger of a push that still waits adds nothing. Messages do not survive a restart; alarm descriptors do.
 */
export class Push implements Task, OutletListener {
	readonly priority = taskPriority.communication;
	deadline_ms = Infinity;
	readonly #parts: PushParts;
	/**
	 * Of each push when it is due, then how often it was tried, then when what it tells of happened, then the invoke-id that
	 * must be confirmed, plus 1; 0 = none.
	 */
	readonly #state = new Float64Array(4 * numberOfPushes);
	/** Bit n: push n is with the outlet. */
	#underWay = 0;
	/** Pushes triggered again after their message had been made, likewise. */
	#again = 0;
	#notifications: Notifications | undefined;

	constructor(parts: PushParts) {
		this.#parts = parts;
		this.#state.fill(Infinity, 0, numberOfPushes);
	}

	/** The meter has started: tells of a new address, and of itself while nobody has installed it. */
	started(): void {
		const { outlet } = this.#parts;
		if (outlet === undefined || outlet.address === 0) return;
		const state = this.load();
		if (state.getUint32(1) !== outlet.address) this.trigger(pushNumber.connectivity);
		if ((state.getUint8(5) & installedFlag) === 0) this.trigger(pushNumber.installation);
	}

	/** The management client has been associated: nobody needs to be told any more that the meter is here. */
	installed(): void {
		if (this.#parts.outlet === undefined) return;
		const state = this.load();
		if ((state.getUint8(5) & installedFlag) !== 0) return;
		state.setUint8(5, state.getUint8(5) | installedFlag);
		this.store(state);
		this.plan(pushNumber.installation, Infinity, 0);
	}

	/** Address of the meter on its IP link, 0 while it has none. */
	get address(): number {
		return this.#parts.outlet?.address ?? 0;
	}

	/** A notification waits for its time, or is on its way. */
	get isPending(): boolean {
		return this.deadline_ms !== Infinity || this.#underWay !== 0;
	}

	get isInstalled(): boolean {
		return (this.load().getUint8(5) & installedFlag) !== 0;
	}

	/** Says whether somebody has installed the meter, whatever has been seen. @throws DeviceError, unchanged */
	setInstalled(isInstalled: boolean): void {
		const state = this.load();
		state.setUint8(5, isInstalled ? state.getUint8(5) | installedFlag : state.getUint8(5) & ~installedFlag);
		this.#parts.journal.write(recordKey.pushState, new Uint8Array(state.buffer));
		if (isInstalled) this.plan(pushNumber.installation, Infinity, 0);
		else this.trigger(pushNumber.installation);
	}

	/** Sends push `push` as soon as its settings allow. */
	trigger(push: number): void {
		if (this.#parts.outlet === undefined) return;
		if (this.#state[push] !== Infinity) {
			// one that waits will tell the values of its time; what has been made cannot tell of this any more
			if ((this.#underWay & (1 << push)) !== 0 || this.#state[awaited + push] !== 0) this.#again |= 1 << push;
			return;
		}
		const now_ms = this.#parts.application.monotonic_ms();
		this.#state[2 * numberOfPushes + push] = now_ms;
		this.plan(push, now_ms, waitsForWindow);
	}

	run(now_ms: number): void {
		for (let push = 0; push < numberOfPushes; push++) {
			if (this.#state[push]! > now_ms || (this.#underWay & (1 << push)) !== 0) continue;
			try {
				if (this.#state[awaited + push] !== 0) this.failed(push, now_ms);
				else this.proceed(push, now_ms);
			} catch (error) {
				if (!(error instanceof DeviceError)) throw error;
				this.#parts.log.write("error", "push", `push ${push}: ${error.part} ${error.code}`);
				this.failed(push, now_ms);
			}
		}
		this.settle();
	}

	messageSent(push: number, isDelivered: boolean): void {
		this.#underWay &= ~(1 << push);
		const now_ms = this.#parts.application.monotonic_ms();
		if (!isDelivered) this.failed(push, now_ms);
		else if (this.#state[awaited + push] === 0) this.succeeded(push, now_ms);
		else this.#state[push] = now_ms + this.confirmation_s(push) * 1000;
		this.settle();
	}

	/** A client that has proved who it is confirms a notification (DataNotification-Confirm). */
	confirmed(clientSap: number, invokeId: number): void {
		const { settings, application } = this.#parts;
		for (let push = 0; push < numberOfPushes; push++) {
			if (this.#state[awaited + push] !== invokeId + 1) continue;
			if (decodeInteger(settings.read(push, 9)) !== clientSap) continue;
			this.#state[awaited + push] = 0;
			this.noteConfirmation(push, application.clock.utc_s());
			// one that is faster than the word of the outlet
			if ((this.#underWay & (1 << push)) === 0) this.succeeded(push, application.monotonic_ms());
		}
	}

	/** When a push was confirmed last, seconds since 2000 UTC; 0 = never. */
	confirmed_s(push: number): number {
		return this.loadConfirmations().getUint32(1 + 4 * push);
	}

	private proceed(push: number, now_ms: number): void {
		const { settings, application, random } = this.#parts;
		if (this.#state[numberOfPushes + push] !== waitsForWindow) {
			this.send(push, now_ms);
			return;
		}
		const { clock } = application;
		if (!isInWindow(settings.read(push, 4), clock.stamp(clock.utc_s(), new DateTime()))) {
			this.plan(push, now_ms + windowStep_ms, waitsForWindow);
			return;
		}
		const interval_s = decodeLongUnsigned(settings.read(push, 5));
		const octets = new Uint8Array(4);
		random.fill(octets);
		const fraction = new DataView(octets.buffer).getUint32(0) / 0x1_0000_0000;
		this.plan(push, now_ms + Math.floor(fraction * (interval_s * 1000 + 1)), 0);
		if (this.#state[push]! <= now_ms) this.send(push, now_ms);
	}

	private send(push: number, now_ms: number): void {
		const { settings, outlet, log, application } = this.#parts;
		const r = settings.read(push, 3);
		decodeStructure(r, 3);
		const transport = decodeEnum(r);
		const destination = String.fromCharCode(...decodeOctetString(r));
		if (outlet === undefined || destination === "") {
			this.finished(push, now_ms);
			return;
		}
		this.#notifications ??= new Notifications(application, settings, this.#parts);
		const age_s = Math.floor((now_ms - this.#state[2 * numberOfPushes + push]!) / 1000);
		const isConfirmed = this.isConfirmed(push);
		const apdu = this.#notifications.create(push, age_s, isConfirmed);
		if (apdu === undefined) {
			log.write("error", "push", `push ${push}: its receiver has no key or certificate`);
			this.finished(push, now_ms);
			return;
		}
		this.#underWay |= 1 << push;
		this.#again &= ~(1 << push);
		this.#state[awaited + push] = isConfirmed ? this.#notifications.invokeId + 1 : 0;
		const destinationSap = decodeInteger(settings.read(push, 9));
		const sourceSap = managementLogicalDevice;
		outlet.send({ number: push, transport, destination, sourceSap, destinationSap, apdu }, this);
	}

	/** The receiver must confirm: so the method says, from the date on that confirmation_parameters name. */
	private isConfirmed(push: number): boolean {
		const { settings, application } = this.#parts;
		if (decodeEnum(settings.read(push, 11)) !== confirmedMethod) return false;
		const r = settings.read(push, 12);
		decodeStructure(r, 2);
		const start = decodeDateTime(r, new DateTime());
		return !start.isComplete() || application.clock.toUtc_s(start) <= application.clock.utc_s();
	}

	private confirmation_s(push: number): number {
		const r = this.#parts.settings.read(push, 12);
		decodeStructure(r, 2);
		skipValue(r);
		return Math.min(decodeDoubleLongUnsigned(r), longestConfirmation_s) || usualConfirmation_s;
	}

	private succeeded(push: number, now_ms: number): void {
		if (push === pushNumber.connectivity) this.noteAddress();
		this.finished(push, now_ms);
	}

	private failed(push: number, now_ms: number): void {
		const { settings, log } = this.#parts;
		this.#state[awaited + push] = 0;
		const attempts = Math.max(this.#state[numberOfPushes + push]!, 0) + 1;
		if (attempts > decodeUnsigned(settings.read(push, 6))) {
			log.write("warning", "push", `push ${push}: given up after ${attempts} attempts`);
			this.finished(push, now_ms);
			return;
		}
		const r = settings.read(push, 7);
		decodeStructure(r, 3);
		const minimum_s = decodeLongUnsigned(r);
		const exponent = decodeLongUnsigned(r) / 100;
		const maximum_s = decodeLongUnsigned(r);
		const delay_s = Math.min(minimum_s * exponent ** (attempts - 1), maximum_s);
		this.plan(push, now_ms + Math.round(delay_s * 1000), attempts);
	}

	private finished(push: number, now_ms: number): void {
		const isRepeated = push === pushNumber.installation && (this.load().getUint8(5) & installedFlag) === 0;
		if (isRepeated) this.#state[2 * numberOfPushes + push] = now_ms + installationPeriod_ms;
		this.plan(push, isRepeated ? now_ms + installationPeriod_ms : Infinity, waitsForWindow);
		if ((this.#again & (1 << push)) === 0) return;
		this.#again &= ~(1 << push);
		this.trigger(push);
	}

	private plan(push: number, due_ms: number, attempts: number): void {
		this.#state[push] = due_ms;
		this.#state[numberOfPushes + push] = attempts;
		this.settle();
	}

	private settle(): void {
		let next = Infinity;
		for (let push = 0; push < numberOfPushes; push++) {
			if ((this.#underWay & (1 << push)) === 0) next = Math.min(next, this.#state[push]!);
		}
		this.deadline_ms = next;
	}

	private noteAddress(): void {
		const state = this.load();
		state.setUint32(1, this.#parts.outlet!.address);
		this.store(state);
	}

	/** Address told last, flags. */
	private load(): DataView {
		const state = new DataView(new ArrayBuffer(stateLength));
		const length = this.#parts.journal.read(recordKey.pushState, new Uint8Array(state.buffer));
		if (length !== stateLength || state.getUint8(0) !== layoutVersion) {
			for (let n = 0; n < stateLength; n++) state.setUint8(n, 0);
			state.setUint8(0, layoutVersion);
		}
		return state;
	}

	private loadConfirmations(): DataView {
		const times = new DataView(new ArrayBuffer(confirmationsLength));
		const length = this.#parts.journal.read(recordKey.pushConfirmations, new Uint8Array(times.buffer));
		if (length === confirmationsLength && times.getUint8(0) === confirmationLayout) return times;
		const none = new DataView(new ArrayBuffer(confirmationsLength));
		none.setUint8(0, confirmationLayout);
		return none;
	}

	private noteConfirmation(push: number, utc_s: number): void {
		const times = this.loadConfirmations();
		times.setUint32(1 + 4 * push, utc_s);
		try {
			this.#parts.journal.write(recordKey.pushConfirmations, new Uint8Array(times.buffer));
		} catch (error) {
			if (!(error instanceof DeviceError)) throw error;
			this.#parts.log.write("error", "push", `confirmation: ${error.part} ${error.code}`);
		}
	}

	/** The next start tells once more what could not be noted. */
	private store(state: DataView): void {
		try {
			this.#parts.journal.write(recordKey.pushState, new Uint8Array(state.buffer));
		} catch (error) {
			if (!(error instanceof DeviceError)) throw error;
			this.#parts.log.write("error", "push", `state: ${error.part} ${error.code}`);
		}
	}
}
