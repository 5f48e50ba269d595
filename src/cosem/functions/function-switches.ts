// SPDX-License-Identifier: Apache-2.0
import { relayCount } from "../../ports/io-pins.js";
import type { Application } from "../application.js";
import { parseLogicalName } from "../logical-name.js";
import { relayLogicalNames } from "../scripts/relay-scripts.js";

const mainSwitch = parseLogicalName("0-0:96.3.10.255");

/** Lets the supply switch and the relays know which of them function control has taken away. */
export function switchesFollow({ directory, supplyControl, io }: Application): void {
	supplyControl?.setOff(directory.find(mainSwitch) === undefined);
	if (io === undefined) return;
	for (let n = 0; n < relayCount; n++)
		if (io.relays.isFitted(n)) io.relays.setOff(n, directory.find(relayLogicalNames[n]!) === undefined);
}
