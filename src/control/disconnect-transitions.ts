// SPDX-License-Identifier: Apache-2.0
import { deepFreeze } from "../core/deep-freeze.js";

/** control_state of class 70. */
export const controlState = Object.freeze({ disconnected: 0, connected: 1, readyForReconnection: 2 });

/** What asks the switch to do something. */
export const controlTrigger = Object.freeze({
	remoteDisconnect: 0,
	remoteReconnect: 1,
	manualDisconnect: 2,
	manualReconnect: 3,
	localDisconnect: 4,
	localReconnect: 5,
});

/** Whether a trigger is a command from outside. */
export function isRemote(trigger: number): boolean {
	return trigger === controlTrigger.remoteDisconnect || trigger === controlTrigger.remoteReconnect;
}

/** Whether a trigger asks for supply. */
export function reconnects(trigger: number): boolean {
	return trigger % 2 === 1;
}

export const highestControlMode = 7;

/** One arrow of the state diagram (Blue Book 4.5.8); `letter` is that of the diagram. */
export interface Transition {
	readonly letter: string;
	/** One of `controlTrigger`. */
	readonly on: number;
	/** One of `controlState`. */
	readonly from: number;
	readonly to: number;
	/** Bit n is set where control mode n has it. */
	readonly modes: number;
}

function inModes(...modes: number[]): number {
	return modes.reduce((bits, mode) => bits | (1 << mode), 0);
}

const { disconnected, connected, readyForReconnection } = controlState;
const { remoteDisconnect, remoteReconnect, manualDisconnect, manualReconnect, localDisconnect, localReconnect } =
	controlTrigger;
const allButNone = inModes(1, 2, 3, 4, 5, 6, 7);

/** Every transition of every control mode. Mode 0 has none: the switch is always connected. */
export const transitions: readonly Transition[] = deepFreeze([
	{ letter: "a", on: remoteReconnect, from: disconnected, to: connected, modes: inModes(2, 4, 7) },
	{ letter: "b", on: remoteDisconnect, from: connected, to: disconnected, modes: allButNone },
	{ letter: "c", on: remoteDisconnect, from: readyForReconnection, to: disconnected, modes: allButNone },
	{ letter: "d", on: remoteReconnect, from: disconnected, to: readyForReconnection, modes: inModes(1, 3, 5, 6) },
	{ letter: "e", on: manualReconnect, from: readyForReconnection, to: connected, modes: allButNone },
	{ letter: "f", on: manualDisconnect, from: connected, to: readyForReconnection, modes: inModes(1, 2, 5) },
	{ letter: "g", on: localDisconnect, from: connected, to: readyForReconnection, modes: allButNone },
	{ letter: "h", on: localReconnect, from: readyForReconnection, to: connected, modes: inModes(5, 6, 7) },
	{ letter: "i", on: remoteReconnect, from: readyForReconnection, to: connected, modes: inModes(7) },
]);

/** The transition of a trigger; undefined when the mode has none from this state. */
export function findTransition(mode: number, state: number, trigger: number): Transition | undefined {
	for (let n = 0; n < transitions.length; n++) {
		const transition = transitions[n]!;
		if (transition.on === trigger && transition.from === state && ((transition.modes >> mode) & 1) === 1)
			return transition;
	}
	return undefined;
}

/** Whether `state` is what a trigger asks for in this mode: then there is nothing to be done. */
export function leadsInto(mode: number, state: number, trigger: number): boolean {
	for (let n = 0; n < transitions.length; n++) {
		const { on, to, modes } = transitions[n]!;
		if (on === trigger && to === state && ((modes >> mode) & 1) === 1) return true;
	}
	// connected is more than reconnecting ever asks for
	return state === connected && reconnects(trigger);
}
