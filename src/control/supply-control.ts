// SPDX-License-Identifier: Apache-2.0
import { DeviceError } from "../core/device-error.js";
import { type Task, taskPriority } from "../core/scheduler.js";
import { eventLog } from "../events/event-sink.js";
import { housingSignal } from "../ports/housing.js";
import { controlOutcome, keptOrderPeriod_ms, noOrder, type ReconnectionGuard } from "./control-outcome.js";
import {
	controlState,
	controlTrigger,
	findTransition,
	highestControlMode,
	isRemote,
	leadsInto,
	reconnects,
} from "./disconnect-transitions.js";
import { buttonPeriod_ms, LongPress, press } from "./long-press.js";
import { isUncovered, type SupplyControlParts } from "./supply-control-parts.js";
import { SwitchDrive, supervisionPeriod_ms, switchEvent } from "./switch-drive.js";
import { pendingMove, SwitchRecord } from "./switch-record.js";

/** Codes of the disconnector log, by `controlTrigger`. */
const eventOfTrigger: readonly number[] = Object.freeze([62, 63, 60, 61, 64, 69]);
/**
 * The supply switch of the meter: state machine of class 70, the bistable relay below it, and the button.
 *
 * What is to be done is stored before the coil is energised and the result after the contacts were seen, so that a start
 * finds either of them. At a start, contacts that should be open are opened, once; contacts that should be closed are left
 * alone. Commands are done at once or refused; what a schedule, calendar or monitor orders waits for the relay.
 */
export class SupplyControl implements Task {
	readonly priority: number = taskPriority.control;
	deadline_ms = 0;
	guard: ReconnectionGuard | undefined;
	readonly record: SwitchRecord;
	readonly #parts: SupplyControlParts;
	readonly #drive: SwitchDrive;
	readonly #button = new LongPress();
	/** A disconnection for fraud waits for the relay. */
	#isFraudOwed = false;
	/** Function control has taken the switch away. */
	#isOff = false;

	constructor(parts: SupplyControlParts) {
		this.#parts = parts;
		this.record = new SwitchRecord(parts.journal);
		this.#drive = new SwitchDrive(parts, this.record);
	}

	/** output_state: any pole is closed. */
	get isConnected(): boolean {
		return this.#drive.sense() !== 0;
	}

	/** The switch is open, and there is voltage behind it; undefined while it moves, or its part does not answer. */
	get isLoadSideFed(): boolean | undefined {
		if (this.record.state === controlState.connected) return false;
		if (this.#drive.isBusy) return undefined;
		return this.#drive.contacts.isLoadSideFed();
	}

	/** The coil that is energised now, one of `coil` of the port. */
	get coil(): number {
		return this.#drive.coil;
	}

	/** One of `controlState`. */
	get state(): number {
		return this.record.state;
	}

	/** In this control mode a local reconnection closes the switch; in others it only frees the button. */
	get reconnectsByItself(): boolean {
		return (
			findTransition(this.record.mode, controlState.readyForReconnection, controlTrigger.localReconnect) !== undefined
		);
	}

	get isBusy(): boolean {
		return this.#drive.isBusy;
	}

	/** @param trigger one of `controlTrigger` @returns one of `controlOutcome`. @throws DeviceError, with nothing changed */
	command(trigger: number): number {
		return isRemote(trigger) ? this.commandInstead(trigger) : this.obey(trigger);
	}

	/**
	 * The same by somebody who cannot give it again: a schedule, calendar or monitor. What cannot be done now is kept, over power
	 * failure too, and done when the relay may move; a later order or remote command takes its place.
	 */
	order(trigger: number): number {
		const outcome = this.commandInstead(trigger);
		if (outcome !== controlOutcome.notNow) return outcome;
		this.record.change((record) => {
			record.kept = trigger + 1;
		});
		this.schedule(this.now_ms());
		return controlOutcome.success;
	}

	/** A command in place of the order that is kept, if it is accepted. */
	private commandInstead(trigger: number): number {
		const { record } = this;
		const { kept, state } = record;
		if (kept === noOrder) return this.obey(trigger);
		let isAccepted = false;
		record.kept = noOrder;
		try {
			const outcome = this.obey(trigger);
			// what changes the state, or is about to, has stored it
			const isStored = record.state !== state || record.move !== pendingMove.none;
			if (outcome === controlOutcome.success && !isStored) record.save();
			isAccepted = outcome === controlOutcome.success;
			return outcome;
		} finally {
			if (!isAccepted) record.kept = kept;
		}
	}

	/** The order that is kept, as soon as it can be done; one that the control mode does not know any more is dropped. */
	private carryOut(): void {
		const { kept } = this.record;
		if (kept === noOrder || (!this.#drive.isReady && !this.#isOff)) return;
		const trigger = kept - 1;
		if (!this.#isOff && reconnects(trigger) && this.guard?.holdsReconnection() === true) return;
		try {
			if (!this.#isOff && this.commandInstead(trigger) !== controlOutcome.refused) return;
			this.record.change((record) => {
				record.kept = noOrder;
			});
		} catch (error) {
			if (!(error instanceof DeviceError)) throw error;
			this.#parts.events.memoryFailed(); // tried again a second later
		}
	}

	private obey(trigger: number): number {
		const { state, mode } = this.record;
		if (!this.#drive.isReady) return controlOutcome.notNow;
		const transition = findTransition(mode, state, trigger);
		if (transition === undefined) {
			if (leadsInto(mode, state, trigger)) {
				this.release(trigger);
				return controlOutcome.success;
			}
			if (trigger !== controlTrigger.localReconnect || state !== controlState.readyForReconnection)
				return controlOutcome.refused;
			this.log(switchEvent.ready);
			return controlOutcome.success;
		}
		const { to } = transition;
		if (to === controlState.connected) {
			if (this.mustStayOpen(isRemote(trigger))) return controlOutcome.notNow;
			return this.close(to, eventOfTrigger[trigger]!, isRemote(trigger));
		}
		if (state === controlState.connected) this.#drive.begin(pendingMove.open, to, eventOfTrigger[trigger]!);
		else {
			this.record.change((record) => {
				record.state = to;
			});
			this.log(to === controlState.readyForReconnection ? switchEvent.ready : eventOfTrigger[trigger]!);
			this.release(trigger);
		}
		this.schedule(this.now_ms());
		return controlOutcome.success;
	}

	/**
	 * Fraud of a cause (bit of the mask 0-0:96.50.2) was found: disconnects, as soon as the relay has rested, so that only a
	 * client reconnects.
	 * @returns true when it does
	 */
	fraudDetected(cause: number): boolean {
		const { fraudMask, state } = this.record;
		if (this.#isOff || ((fraudMask >> (15 - cause)) & 1) === 0 || state === controlState.disconnected) return false;
		this.#isFraudOwed = true;
		this.deadline_ms = this.now_ms();
		return true;
	}

	/** @returns as `command`. @throws DeviceError, with nothing changed */
	setMode(mode: number): number {
		if (mode > highestControlMode) return controlOutcome.refused;
		const mustClose = mode === 0 && this.record.state !== controlState.connected;
		if (mustClose && (!this.#drive.isReady || this.mustStayOpen(true))) return controlOutcome.notNow;
		const { mode: before, kept } = this.record;
		this.record.change((record) => {
			record.mode = mode;
			if (mustClose) record.kept = noOrder;
		});
		if (!mustClose) {
			this.schedule(this.now_ms());
			return controlOutcome.success;
		}
		try {
			return this.close(controlState.connected, eventOfTrigger[controlTrigger.remoteReconnect]!, true);
		} catch (error) {
			this.record.mode = before;
			this.record.kept = kept;
			this.record.save();
			throw error;
		}
	}

	setFraudMask(mask: number): void {
		this.record.change((record) => {
			record.fraudMask = mask;
		});
	}

	/**
	 * Function control has taken the switch away, or given it back. Away, it stays as it is: neither button nor fraud
	 * moves it, and an order that waits is dropped; what the relay does already is finished.
	 */
	setOff(isOff: boolean): void {
		if (isOff === this.#isOff) return;
		this.#isOff = isOff;
		this.#isFraudOwed = false;
		this.#button.served();
		this.carryOut();
		this.schedule(this.now_ms());
	}

	/** A technician has used the button's leave: letting it go means nothing any more. */
	buttonServed(): void {
		this.#button.served();
	}

	/** The button may have been pressed or let go. */
	housingChanged(now_ms: number): void {
		if (!this.#drive.isBusy) this.deadline_ms = now_ms;
	}

	run(now_ms: number): void {
		this.#drive.run(now_ms);
		if (this.#isFraudOwed && this.#drive.isReady) this.disconnectForFraud();
		this.carryOut();
		if (!this.#drive.isBusy) {
			this.lookAtButton(now_ms);
			if (this.record.state !== controlState.connected) this.#drive.supervise(now_ms);
		}
		this.schedule(now_ms);
	}

	private disconnectForFraud(): void {
		this.#isFraudOwed = false;
		const { record } = this;
		const { kept } = record;
		record.kept = noOrder;
		try {
			if (record.state === controlState.connected) {
				this.#drive.begin(pendingMove.open, controlState.disconnected, switchEvent.localDisconnection);
			} else if (record.state === controlState.readyForReconnection) {
				record.change((changed) => {
					changed.state = controlState.disconnected;
				});
				this.log(switchEvent.localDisconnection);
			} else {
				record.kept = kept;
				return;
			}
			this.#parts.events.event(eventLog.fraud, switchEvent.fraud);
		} catch (error) {
			if (!(error instanceof DeviceError)) throw error;
			record.kept = kept;
			this.#isFraudOwed = true; // tried again a second later
			this.#parts.events.memoryFailed();
		}
	}

	/** What blocks a reconnection for the time being. @throws DeviceError when the relay does not answer */
	private mustStayOpen(isByClient: boolean): boolean {
		if (this.guard?.blocksReconnection(isByClient) === true || isUncovered(this.#parts)) return true;
		return this.#drive.contacts.loadVoltages() !== 0 && this.#drive.sense() === 0;
	}

	private close(to: number, event: number, isByClient: boolean): number {
		this.#drive.begin(pendingMove.close, to, event);
		this.schedule(this.now_ms());
		if (isByClient) this.guard?.remotelyReconnected();
		return controlOutcome.success;
	}

	/** The trigger, when it was a client's reconnection, has not closed the switch: its part is done (F136). */
	private release(trigger: number): void {
		const isLeave = trigger === controlTrigger.remoteReconnect && this.record.state !== controlState.connected;
		if (isLeave) this.guard?.remotelyReleased();
	}

	private lookAtButton(now_ms: number): void {
		if (this.#isOff) return;
		const { state, mode } = this.record;
		const found = this.#button.look(this.isButtonHeld(), now_ms);
		if (found === press.released && state === controlState.connected) this.try(controlTrigger.manualDisconnect);
		if (found !== press.held || state === controlState.connected) return;
		if (findTransition(mode, state, controlTrigger.manualReconnect) === undefined) return;
		// held on, it closes as soon as nothing forbids it any more; then this press is over
		if (this.try(controlTrigger.manualReconnect) !== controlOutcome.notNow) this.#button.served();
	}

	private try(trigger: number): number {
		try {
			return this.command(trigger);
		} catch (error) {
			if (!(error instanceof DeviceError)) throw error;
			this.#parts.events.memoryFailed();
			return controlOutcome.refused;
		}
	}

	private log(code: number): void {
		this.#parts.events.event(eventLog.disconnector, code);
	}

	private now_ms(): number {
		return this.#parts.clock.monotonic_ms();
	}

	private schedule(now_ms: number): void {
		if (this.#drive.isBusy) this.deadline_ms = Math.max(this.#drive.deadline_ms, now_ms + 1);
		else if (this.looksAtButton()) this.deadline_ms = now_ms + buttonPeriod_ms;
		else if (this.record.state !== controlState.connected) this.deadline_ms = now_ms + supervisionPeriod_ms;
		else this.deadline_ms = Infinity;
		const isOwed = this.#isFraudOwed || this.record.kept !== noOrder;
		if (isOwed) this.deadline_ms = Math.min(this.deadline_ms, now_ms + keptOrderPeriod_ms);
	}

	private isButtonHeld(): boolean {
		return (this.#parts.housing.signals() & housingSignal.serviceButton) !== 0;
	}

	/** The button means something now; one that is free need not be looked at where the housing tells. */
	private looksAtButton(): boolean {
		if (this.#isOff || (this.#parts.housing.tellsChanges === true && !this.isButtonHeld())) return false;
		const { state, mode } = this.record;
		const trigger = state === controlState.connected ? controlTrigger.manualDisconnect : controlTrigger.manualReconnect;
		return findTransition(mode, state, trigger) !== undefined;
	}
}
