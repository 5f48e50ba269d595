// SPDX-License-Identifier: Apache-2.0
import { optionBit } from "../../models/model.js";
import { access } from "../access.js";
import { type DataSpec, data } from "../classes/data.js";
import { ipv4Setup } from "../classes/ipv4-setup.js";
import { portProtection } from "../classes/port-protection.js";
import { tcpUdpSetup } from "../classes/tcp-udp-setup.js";
import { decodeEnum, encodeEnum } from "../codec/axdr.js";
import type { CosemObject } from "../model.js";
import { object, type Presence } from "../object.js";
import { dataAccessResult } from "../result.js";
import { protectionRights, writtenByManagement } from "./rights.js";

const withIp: Presence = Object.freeze({ options: optionBit.ip });
const readOnly = Object.freeze({ reader: "R*", technician: "R*", metrology: "R*" });

const notInstalled = 0;
const installed = 1;

/** Whether somebody has installed the meter: while nobody has, push 7 tells of it each hour. */
const installation: DataSpec = {
	value: (w, { application }) => encodeEnum(w, application.push.isInstalled ? installed : notInstalled),
	setValue(r, { application }) {
		const state = decodeEnum(r);
		if (state !== notInstalled && state !== installed) return dataAccessResult.otherReason;
		application.push.setInstalled(state === installed);
		application.parameterChanged();
		return dataAccessResult.success;
	},
};

/** The IP link of the meter. */
export const ipObjects: readonly CosemObject[] = Object.freeze([
	object(tcpUdpSetup, "0-0:25.0.0.255", access({ management: "R*;W2,4,5,6", ...readOnly }), null, withIp),
	object(ipv4Setup, "0-0:25.1.0.255", access({ management: "R*;W3,4,5,6,7,8,9,10;A1,2,3", ...readOnly }), null, withIp),
	object(data, "0-0:96.55.1.255", writtenByManagement, installation, withIp),
	object(
		portProtection,
		"0-0:44.2.3.255",
		protectionRights,
		{ port: "tcp", reference: "0-0:25.0.0.255", isLocal: false },
		withIp,
	),
]);
