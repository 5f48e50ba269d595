// SPDX-License-Identifier: Apache-2.0
import { controlState } from "../../src/control/disconnect-transitions.js";

const { connected } = controlState;

export const triggers = [
	"remoteDisconnect",
	"remoteReconnect",
	"manualDisconnect",
	"manualReconnect",
	"localDisconnect",
	"localReconnect",
] as const;

/** The table of the Blue Book, mode by mode: which letters it has. */
export const lettersOf = ["", "bcfgde", "bcfgae", "bcgde", "bcgae", "bcfgdeh", "bcgdeh", "bcgaieh"];
export const arrows: Readonly<Record<string, readonly [trigger: string, from: number, to: number, event: number]>> = {
	a: ["remoteReconnect", 0, 1, 63],
	b: ["remoteDisconnect", 1, 0, 62],
	c: ["remoteDisconnect", 2, 0, 62],
	d: ["remoteReconnect", 0, 2, 59],
	e: ["manualReconnect", 2, 1, 61],
	f: ["manualDisconnect", 1, 2, 60],
	g: ["localDisconnect", 1, 2, 64],
	h: ["localReconnect", 2, 1, 69],
	i: ["remoteReconnect", 2, 1, 63],
};
/** What a trigger asks for, where the mode has no arrow for it: success without change there. */
export const isThere = (letters: string, trigger: string, state: number) =>
	[...letters].some((letter) => arrows[letter]![0] === trigger && arrows[letter]![2] === state) ||
	(trigger.endsWith("Reconnect") && state === connected);
