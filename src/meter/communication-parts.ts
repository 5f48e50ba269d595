// SPDX-License-Identifier: Apache-2.0
import type { Application } from "../cosem/application.js";
import type { HdlcSetup } from "../cosem/hdlc/hdlc-setup.js";
import { StoredHdlcSetup } from "../cosem/hdlc/stored-hdlc-setup.js";
import { Push } from "../cosem/push/push.js";
import { StoredTcpUdpSetup } from "../cosem/wrapper/stored-tcp-udp-setup.js";
import { optionBit } from "../models/model.js";
import type { Random } from "../ports/random.js";
import { recordKey } from "../storage/keys.js";
import type { RecordStore } from "../storage/record-store.js";
import type { MeterPorts, MeterSettings } from "./meter-ports.js";

/** TCP connections that the memory of a host has room for. */
const connectionsOf = Object.freeze({ board: 2, desktop: 64 });

/** @param factory the setup until a client changes it */
export function openRs485Hdlc(
	{ model }: MeterSettings,
	parameters: RecordStore,
	factory: HdlcSetup,
): StoredHdlcSetup | undefined {
	if ((model.options & optionBit.rs485_1) === 0) return undefined;
	return new StoredHdlcSetup(parameters, recordKey.rs485Hdlc, factory);
}

export function openTcpUdp(
	ports: MeterPorts,
	{ model, size }: MeterSettings,
	parameters: RecordStore,
): StoredTcpUdpSetup | undefined {
	if ((model.options & optionBit.ip) === 0) return undefined;
	return new StoredTcpUdpSetup(parameters, recordKey.tcpUdp, connectionsOf[size], ports.outlet);
}

/** What the meter says unasked; without the option of IP it has nowhere to say it. */
export function openPush(ports: MeterPorts, application: Application, journal: RecordStore, random: Random): Push {
	const hasIp = (application.model.options & optionBit.ip) !== 0;
	return new Push({
		application,
		settings: application.pushSettings,
		journal,
		outlet: hasIp ? ports.outlet : undefined,
		cipher: ports.cipher,
		random,
		log: ports.log,
	});
}
